//! The rows: every wait of the library. A row makes a *source*, whose waits all end at the same time.

mod scopes;
mod sync;
mod tasks;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use cogen::aio::{self, Error, Output};
use futures::FutureExt;

use self::scopes::SCOPES;
use self::sync::SYNC;
use self::tasks::TASKS;
use super::ledger::Ledger;

pub type Wait = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// Where waits come from.
pub struct Source {
    pub wait: Box<dyn Fn() -> Wait>,
    /// What is left when all is over, if anything is: the waits in line.
    pub left: Box<dyn Fn() -> Option<String>>,
}

/// What is special about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Usual,
    /// Another thread takes part, for which tokio's paused clock does not wait.
    Threads,
    /// Dropping the wait drops the tasks that it has made, without their clean-up.
    Owns,
    /// It cannot be waited for again after its wait was dropped.
    Once,
    /// It closes a generator: the same, and a `GeneratorExit` ends it as if nothing had happened, as in CPython.
    Closes,
}

#[derive(Clone, Copy)]
pub struct Row {
    pub name: &'static str,
    pub start: fn(&Rc<Ledger>, Instant) -> Source,
    pub kind: Kind,
}

const fn row(name: &'static str, start: fn(&Rc<Ledger>, Instant) -> Source) -> Row {
    let kind = Kind::Usual;
    Row { name, start, kind }
}

impl Row {
    const fn that(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }
}

/// A source whose waits are what `make` makes.
fn of<F>(make: impl Fn() -> F + 'static) -> Source
where
    F: Future<Output: Output<Ok = ()>> + 'static,
{
    Source {
        wait: Box::new(move || Box::pin(make().map(Output::into_result))),
        left: Box::new(|| None),
    }
}

/// A source that waits at `place`, whose `Debug` form afterwards must have this in it.
fn at<P, F>(place: &Rc<P>, left: &'static str, make: impl Fn(Rc<P>) -> F + 'static) -> Source
where
    P: Debug + 'static,
    F: Future<Output: Output<Ok = ()>> + 'static,
{
    let (place, shown) = (place.clone(), place.clone());
    Source {
        wait: Box::new(move || Box::pin(make(place.clone()).map(Output::into_result))),
        left: Box::new(move || {
            let shown = format!("{shown:?}");
            (!shown.contains(left)).then_some(shown)
        }),
    }
}

fn when(until: Instant, call: impl FnOnce() + 'static) {
    aio::call_at(until, call);
}

const LONG: Duration = Duration::from_secs(200);

/// All rows.
pub static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| [TASKS, SYNC, SCOPES].concat());
