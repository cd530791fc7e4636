//! What a cell leaves in writing: how each branch ended, which clean-up ran, what was dropped.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cogen::aio::{self, Error, testing};

/// How a branch, or a whole cell, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Value,
    Timeout,
    /// A cancel that is a value.
    Cancelled,
    /// The task has ended as cancelled.
    TaskCancelled,
    /// The cancel was caught by the task; this is what `cancelling` gave then.
    Caught(usize),
    Panicked,
    /// The errors of a group, as text.
    Group(String),
    Hang,
    Other(String),
}

impl From<Result<(), Error>> for End {
    fn from(ended: Result<(), Error>) -> Self {
        match ended {
            Ok(()) => Self::Value,
            Err(Error::Timeout) => Self::Timeout,
            Err(Error::Cancelled(_)) => Self::Cancelled,
            Err(Error::Panicked(_)) => Self::Panicked,
            Err(Error::Group(group)) => {
                let texts: Vec<_> = group.errors().iter().map(ToString::to_string).collect();
                Self::Group(texts.join(", "))
            }
            Err(other) => Self::Other(other.to_string()),
        }
    }
}

/// Milliseconds of the virtual clock since the start.
pub fn at() -> u64 {
    u64::try_from(testing::elapsed().as_millis()).expect("a cell is short")
}

pub fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// What happened to one future of a branch, or to one task that a wait has made.
#[derive(Clone, Debug, Default)]
pub struct Mark {
    pub branch: usize,
    pub ended: Option<(End, u64)>,
    /// How often the clean-up began, and how often it came to its end.
    pub begun: u32,
    pub done: u32,
    /// How often the guard inside was made, and how often it was dropped.
    pub entered: u32,
    pub drops: u32,
}

/// The ledger of a cell.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The branches' futures, in the order in which they were polled first.
    branches: RefCell<Vec<Mark>>,
    /// The tasks that waits have made for themselves.
    tasks: RefCell<Vec<Mark>>,
    polls: Cell<u32>,
}

/// Which list a mark is in.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    Branch,
    Task,
}

/// A mark of a ledger.
#[derive(Clone)]
pub struct Entry {
    ledger: Rc<Ledger>,
    of: Of,
    index: usize,
}

impl Ledger {
    pub fn enter(self: &Rc<Self>, of: Of, branch: usize) -> Entry {
        let mut marks = self.list(of).borrow_mut();
        marks.push(Mark {
            branch,
            ..Mark::default()
        });
        Entry {
            ledger: self.clone(),
            of,
            index: marks.len() - 1,
        }
    }

    fn list(&self, of: Of) -> &RefCell<Vec<Mark>> {
        match of {
            Of::Branch => &self.branches,
            Of::Task => &self.tasks,
        }
    }

    pub fn marks(&self, of: Of) -> Vec<Mark> {
        self.list(of).borrow().clone()
    }

    /// Ends a cell that never ends otherwise.
    pub fn polled(&self) {
        self.polls.set(self.polls.get() + 1);
        assert!(self.polls.get() < 20_000, "the cell is polled for ever");
    }

    /// A body for a task of a wait: it waits until `until`, and cleans up, however it ends.
    pub fn task(self: &Rc<Self>, until: Instant) -> impl Future<Output = ()> + use<> {
        let entry = self.enter(Of::Task, 0);
        async move {
            let guard = entry.guard();
            let waits = async move {
                let _guard = guard;
                aio::sleep_until(until).await;
            };
            aio::finally(waits, entry.clean_up(0)).await;
        }
    }
}

impl Entry {
    pub fn with(&self, change: impl FnOnce(&mut Mark)) {
        change(&mut self.ledger.list(self.of).borrow_mut()[self.index]);
    }

    pub fn guard(&self) -> Guard {
        self.with(|mark| mark.entered += 1);
        Guard(self.clone())
    }

    /// A clean-up that takes this long.
    pub fn clean_up(&self, takes: u64) -> impl Future<Output = ()> + use<> {
        let entry = self.clone();
        async move {
            entry.with(|mark| mark.begun += 1);
            aio::sleep(millis(takes)).await;
            entry.with(|mark| mark.done += 1);
        }
    }

    pub fn ended(&self, end: &End) {
        let now = at();
        self.with(|mark| mark.ended = Some((end.clone(), now)));
    }
}

/// Its drop is noted.
pub struct Guard(Entry);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.with(|mark| mark.drops += 1);
    }
}
