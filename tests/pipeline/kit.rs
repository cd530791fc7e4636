//! What the tests of pipelines share: counters, and stages and items that fail.
#![allow(dead_code, reason = "each test program uses a part")]

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use cogen::Exception;
use cogen::pipeline::{Pipeline, Source, Stage};

use crate::support::Oops;

/// A counter that any thread may use.
#[derive(Clone, Default, Debug)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn raise_to(&self, n: usize) {
        self.0.fetch_max(n, Ordering::SeqCst);
    }

    /// A guard that adds one when dropped.
    pub(crate) fn guard(&self) -> Guard {
        Guard(self.clone())
    }
}

#[derive(Debug)]
pub(crate) struct Guard(Count);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// What happened, in order.
#[derive(Debug)]
pub(crate) struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    /// Takes out all entries.
    pub(crate) fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// How many items were made, and how many were dropped.
#[derive(Clone, Default, Debug)]
pub(crate) struct Tally {
    made: Count,
    dropped: Count,
}

impl Tally {
    pub(crate) fn item(&self, n: i64) -> Item {
        self.made.add();
        Item {
            n,
            tally: self.clone(),
        }
    }

    /// Endless items, from 1.
    pub(crate) fn items(&self) -> impl Iterator<Item = Item> + Send + use<> {
        let tally = self.clone();
        (1..).map(move |n| tally.item(n))
    }

    pub(crate) fn made(&self) -> usize {
        self.made.get()
    }

    /// The number of items alive: above zero after a leak; wraps around after a double drop.
    pub(crate) fn alive(&self) -> usize {
        self.made.get().wrapping_sub(self.dropped.get())
    }
}

/// An item whose drop is counted.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) n: i64,
    tally: Tally,
}

impl Clone for Item {
    fn clone(&self) -> Self {
        self.tally.item(self.n)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        self.tally.dropped.add();
    }
}

/// What was done with a [`Counted`].
#[derive(Clone, Default, Debug)]
pub(crate) struct Counts {
    /// The number of items that were asked for.
    pub(crate) polls: Count,
    /// Is 1 once the iterator has been dropped.
    pub(crate) dropped: Count,
}

impl Counts {
    /// Counts the requests to `items`.
    pub(crate) fn of<I: Iterator>(&self, items: I) -> Counted<I> {
        Counted {
            items,
            polls: self.polls.clone(),
            _guard: self.dropped.guard(),
        }
    }

    pub(crate) fn is_dropped(&self) -> bool {
        assert!(self.dropped.get() < 2);
        self.dropped.get() == 1
    }
}

/// An iterator that counts its calls.
pub(crate) struct Counted<I> {
    items: I,
    polls: Count,
    _guard: Guard,
}

impl<I: Iterator> Iterator for Counted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.polls.add();
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

/// A stage that passes everything on, and counts its calls.
#[derive(Clone, Default, Debug)]
pub(crate) struct Probe {
    pub(crate) polls: Count,
    pub(crate) throws: Count,
    pub(crate) closes: Count,
}

impl Probe {
    pub(crate) fn calls(&self) -> usize {
        self.polls.get() + self.throws.get() + self.closes.get()
    }

    pub(crate) fn stage<T>(&self) -> Probing<T> {
        Probing {
            probe: self.clone(),
            input: std::marker::PhantomData,
        }
    }
}

pub(crate) struct Probing<T> {
    probe: Probe,
    input: std::marker::PhantomData<fn(T)>,
}

impl<T> Pipeline for Probing<T> {
    type Item = T;
}

impl<T> Stage for Probing<T> {
    type In = T;

    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<T>>
    where
        U: Source<Item = T> + ?Sized,
    {
        self.probe.polls.add();
        above.poll_next(cx)
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.probe.throws.add();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.probe.closes.add();
        above.close();
    }
}

/// Panics without printing anything.
pub(crate) fn blow(n: i64) -> ! {
    panic::resume_unwind(Box::new(Oops(i32::try_from(n).unwrap())))
}

/// The number of the panic that `f` ends with.
pub(crate) fn blown<T>(f: impl FnOnce() -> T) -> Option<i32> {
    panic::catch_unwind(AssertUnwindSafe(f))
        .err()
        .map(|payload| blown_by(&*payload))
}

pub(crate) fn blown_by(payload: &(dyn Any + Send)) -> i32 {
    match payload.downcast_ref::<Oops>() {
        Some(Oops(n)) => *n,
        None => panic!("another panic: {:?}", payload.downcast_ref::<String>()),
    }
}

/// The number of an [`Oops`].
pub(crate) fn oops(exception: &Exception) -> i32 {
    match exception.downcast_ref::<Oops>() {
        Some(Oops(n)) => *n,
        None => panic!("another exception: {exception}"),
    }
}

/// A xorshift generator.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Takes the seed from `COGEN_SEED`, or a fixed one, and prints it.
    pub(crate) fn from_env() -> Self {
        let seed: u64 = std::env::var("COGEN_SEED").map_or(1, |seed| seed.parse().unwrap());
        println!("COGEN_SEED={seed}");
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap() % limit
    }
}
