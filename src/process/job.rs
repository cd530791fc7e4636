use std::marker::PhantomData;

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::function::Function;
use super::run::{Answers, Outcome};
use crate::aio::Output;
use crate::debug::debug;

/// A function that worker processes know: what [`job!`](crate::process::job) makes from one. It takes an `A`, and its
/// value is a `T`.
pub struct Job<A, T> {
    pub(super) entry: &'static Entry,
    types: PhantomData<fn(A) -> T>,
}

/// An async function with several values that worker processes know: what `job!(stream …)` makes from a function that
/// returns a stream.
pub struct StreamJob<A, T> {
    pub(super) entry: &'static Entry,
    types: PhantomData<fn(A) -> T>,
}

type Run = fn(&[u8], &mut Answers<'_>) -> Outcome;

/// A job without its types: a static of the program, so that its address identifies it.
#[doc(hidden)]
pub struct Entry {
    pub(super) run: Run,
}

impl Entry {
    pub const fn new(run: Run) -> Self {
        Self { run }
    }
}

/// All jobs of the program. They are in the same order in each of its processes.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registered(pub &'static Entry);

inventory::collect!(Registered);

/// The number of a job, which is the same in each process of this program.
pub(super) fn number_of(entry: &'static Entry) -> Option<u32> {
    let mut all = inventory::iter::<Registered>.into_iter();
    let position = all.position(|registered| std::ptr::eq(registered.0, entry))?;
    u32::try_from(position).ok()
}

pub(super) fn numbered(number: u32) -> Option<&'static Entry> {
    let position = usize::try_from(number).ok()?;
    let mut all = inventory::iter::<Registered>.into_iter();
    Some(all.nth(position)?.0)
}

impl<A, T> Job<A, T> {
    #[doc(hidden)]
    pub fn of_function<F, N>(entry: &'static Entry, _function: F) -> Self
    where
        F: Function<A, N, Value: Output<Ok = T>>,
        A: Serialize + DeserializeOwned,
        T: Serialize + DeserializeOwned,
    {
        Self::new(entry)
    }

    #[doc(hidden)]
    pub fn of_async_function<F, N>(entry: &'static Entry, _function: F) -> Self
    where
        F: Function<A, N, Value: Future<Output: Output<Ok = T>>>,
        A: Serialize + DeserializeOwned,
        T: Serialize + DeserializeOwned,
    {
        Self::new(entry)
    }

    const fn new(entry: &'static Entry) -> Self {
        Self {
            entry,
            types: PhantomData,
        }
    }
}

impl<A, T> StreamJob<A, T> {
    #[doc(hidden)]
    pub fn of_stream<F, N>(entry: &'static Entry, _function: F) -> Self
    where
        F: Function<A, N, Value: Stream<Item: Output<Ok = T>>>,
        A: Serialize + DeserializeOwned,
        T: Serialize + DeserializeOwned,
    {
        Self {
            entry,
            types: PhantomData,
        }
    }
}

impl<A, T> Clone for Job<A, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, T> Copy for Job<A, T> {}

impl<A, T> Clone for StreamJob<A, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, T> Copy for StreamJob<A, T> {}

debug!(impl[A, T] Job<A, T> { .. });

debug!(impl[A, T] StreamJob<A, T> { .. });

debug!(Entry { .. });
