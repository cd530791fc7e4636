//! A branch: a wait, what cleans up around it, and its own time limit.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Instant;

use cogen::GeneratorExit;
use cogen::aio::{self, AsyncContext, Error};

use super::ledger::{End, Entry, Ledger, Of, millis};
use super::outcomes::Outcome;
use super::rows::{Row, Source};

pub type Branch = Pin<Box<dyn Future<Output = End>>>;

/// What makes a branch's future, perhaps several times.
pub type Make = Box<dyn Fn() -> Branch>;

/// What cleans up around the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    Bare,
    /// `finally`.
    Finally,
    /// `catch_cancelled`, clean-up, and a raise.
    Catch,
    /// A context manager.
    With,
    /// `finally` in `catch_cancelled`.
    Nested,
    /// Each branch in another form.
    Mixed,
}

impl Form {
    /// The form of branch `i`.
    pub fn of(self, i: usize) -> Self {
        match self {
            Self::Mixed => [Self::Bare, Self::Finally, Self::Nested, Self::Catch][i % 4],
            form => form,
        }
    }

    /// How many clean-ups there are.
    pub fn count(self) -> u32 {
        match self {
            Self::Bare => 0,
            Self::Nested => 2,
            _ => 1,
        }
    }
}

/// How long a clean-up of branch `i` takes.
pub fn clean_up(i: usize) -> u64 {
    1_000 + 300 * i as u64
}

/// When the wait of branch `i` ends by itself.
pub fn delay(i: usize) -> u64 {
    20_000 + 2_300 * i as u64
}

/// The branches of a cell, and the sources of their waits.
pub fn branches(
    ledger: &Rc<Ledger>,
    (row, outcome, form): (&Row, &Outcome, Form),
    count: usize,
) -> (Vec<Make>, Vec<Rc<Source>>) {
    let start = aio::now();
    let sources: Vec<_> = (0..count)
        .map(|i| Rc::new((row.start)(ledger, start + millis(delay(i)))))
        .collect();
    let makes = (0..count).map(|i| {
        let (ledger, source) = (ledger.clone(), sources[i].clone());
        let limit = (outcome.limit)(i);
        let panics = outcome.panics && i + 1 == count;
        Box::new(move || -> Branch {
            if panics {
                Box::pin(panicking())
            } else {
                Box::pin(branch(ledger.clone(), source.clone(), i, limit, form.of(i)))
            }
        }) as Make
    });
    (makes.collect(), sources)
}

async fn panicking() -> End {
    aio::sleep(millis(2_000)).await;
    panic!("a branch of the table");
}

async fn branch(
    ledger: Rc<Ledger>,
    source: Rc<Source>,
    i: usize,
    limit: Option<u64>,
    form: Form,
) -> End {
    let entry = ledger.enter(Of::Branch, i);
    let work = work(ledger, source, entry.clone(), (i, form));
    let ended = match limit {
        None => work.await,
        Some(limit) => aio::timeout(millis(limit), work).await,
    };
    let end = End::from(unless_closed(ended).await);
    entry.ended(&end);
    end
}

/// What gives errors as values gives a `GeneratorExit`, too. A body that is being closed must not swallow it.
pub async fn unless_closed(ended: Result<(), Error>) -> Result<(), Error> {
    if ended.as_ref().is_err_and(is_exit) {
        Error::new(GeneratorExit::new()).raise().await;
    }
    ended
}

fn is_exit(error: &Error) -> bool {
    match error {
        Error::Group(group) => group.errors().iter().all(is_exit),
        error => error.downcast_ref::<GeneratorExit>().is_some(),
    }
}

async fn work(
    ledger: Rc<Ledger>,
    source: Rc<Source>,
    entry: Entry,
    (i, form): (usize, Form),
) -> Result<(), Error> {
    let clean_up = entry.clean_up(clean_up(i));
    let outer_clean_up = entry.clean_up(self::clean_up(i));
    let waits = async move {
        let _guard = entry.guard();
        let mut wait = (source.wait)();
        let polled = std::future::poll_fn(|cx| {
            ledger.polled();
            wait.as_mut().poll(cx)
        });
        unless_closed(polled.await).await
    };
    match form {
        Form::Bare | Form::Mixed => waits.await,
        Form::Finally => aio::finally(waits, clean_up).await,
        Form::Catch => match aio::catch_cancelled(waits).await {
            Ok(ended) => {
                clean_up.await;
                ended
            }
            Err(cancelled) => {
                clean_up.await;
                cancelled.raise().await
            }
        },
        Form::Nested => match aio::catch_cancelled(aio::finally(waits, clean_up)).await {
            Ok(ended) => {
                outer_clean_up.await;
                ended
            }
            Err(cancelled) => {
                outer_clean_up.await;
                cancelled.raise().await
            }
        },
        Form::With => {
            let manager = aio::context_manager(|co| async move {
                aio::finally(co.yield_(()), clean_up).await;
            });
            manager.with(async |()| waits.await).await.map(drop)
        }
    }
}

/// A shelf for a future, on its way from one task to another.
pub struct Shelf<T>(Rc<RefCell<Option<Pin<Box<dyn Future<Output = T>>>>>>);

impl<T> Shelf<T> {
    pub fn new() -> Self {
        Self(Rc::default())
    }

    pub fn put(&self, future: Pin<Box<dyn Future<Output = T>>>) {
        let nothing = self.0.replace(Some(future));
        assert!(nothing.is_none());
    }

    pub fn take(&self) -> Pin<Box<dyn Future<Output = T>>> {
        self.0.take().expect("it was put there")
    }
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// The time at which something is to happen.
pub fn after(n: u64) -> Instant {
    aio::now() + millis(n)
}
