use std::iter;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use super::order::{End, Gate};
use super::stock::{Found, Stock};
use crate::frame::Exception;
use crate::pipeline::errors::{Awaits, Errors};
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;
use crate::pipeline::threads::queue::{Queue, Signal};

/// What a worker tells the caller.
pub(super) enum Message<Out> {
    Item(u64, Out),
    /// It is done with this number, and goes on.
    Done(u64),
    /// It has gone, from this number.
    Gone {
        worker: usize,
        number: u64,
        /// Whether it is done with an item by that.
        holds: bool,
        end: End,
    },
}

/// What the caller and its workers tell each other besides items.
#[derive(Default)]
pub(super) struct Signs {
    /// Nothing more is wanted: set before the stock is closed.
    pub(super) cancelled: AtomicBool,
    /// The number of the first worker after the last item: set before the stock is closed.
    pub(super) last: AtomicU64,
    /// There is a message.
    pub(super) told: Signal,
}

/// A worker: the source of its stage, and the taker of what the stage gives.
pub(super) struct Inbox<In, Out> {
    pub(super) worker: usize,
    pub(super) items: Arc<Stock<(u64, In)>>,
    pub(super) outbox: Arc<Queue<Message<Out>>>,
    pub(super) signs: Arc<Signs>,
    /// Where it waits for its turn, if the order is kept.
    pub(super) gate: Option<Arc<Gate>>,
    /// How much it gives for one item before it waits.
    pub(super) capacity: usize,
    /// The number that it is at, and how much it has given for that.
    pub(super) number: u64,
    pub(super) given: usize,
    /// Whether the number is that of an item.
    pub(super) holds: bool,
    /// Whether the caller knows that it is done with the number, which it has not left yet.
    pub(super) is_told: bool,
    pub(super) at: At,
    pub(super) errors: Errors,
}

/// Where a worker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Open,
    End,
    Cancelled,
}

impl<In, Out> Inbox<In, Out> {
    /// What the thread does. Returns the errors that came after the first.
    pub(super) fn work<S>(mut self, stage: S) -> Vec<Exception>
    where
        S: Stage<In = In, Item = Out>,
    {
        // Only the stage can be left broken by a panic, and the panic drops it.
        let run = panic::catch_unwind(AssertUnwindSafe(|| self.run_stage(stage)));
        let end = match run {
            Ok(()) => self.errors.take().map_or(End::Done, End::Failed),
            Err(payload) => End::Panicked(payload),
        };
        // The caller listens until all have gone.
        let gone = Message::Gone {
            worker: self.worker,
            number: self.number,
            holds: self.holds,
            end,
        };
        let unsent = match self.outbox.put(gone, &self.signs.told) {
            Err(Message::Gone {
                end: End::Failed(exception),
                ..
            }) => Some(exception),
            _ => None,
        };
        self.items.leave();
        let others = iter::from_fn(|| self.errors.take());
        unsent.into_iter().chain(others).collect()
    }

    fn run_stage<S>(&mut self, mut stage: S)
    where
        S: Stage<In = In, Item = Out>,
    {
        let driven = stage.drive(self, Self::give);
        match driven {
            Poll::Ready(()) => {}
            Poll::Pending if self.at == At::Cancelled => stage.close(self),
            Poll::Pending => stage.throw(self, Awaits::new().into()),
        }
        self.errors.add_all(iter::from_fn(|| stage.take_error()));
    }

    /// Breaks if the item is no longer wanted.
    fn give(&mut self, item: Out) -> ControlFlow<()> {
        self.given += 1;
        let is_much = self.given > self.capacity;
        if is_much {
            if let Some(gate) = &self.gate {
                gate.wait(self.number);
            }
        }
        let message = Message::Item(self.number, item);
        let wanted = match self.outbox.put(message, &self.signs.told) {
            Ok(true) if is_much => self.outbox.wait(),
            Ok(_) => true,
            Err(_) => false,
        };
        if !wanted || self.is_cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn is_cancelled(&self) -> bool {
        self.signs.cancelled.load(Ordering::Acquire)
    }

    /// The next item, `None` at the end; `Pending` if it does not come in the time that is allowed.
    fn take(&mut self) -> Poll<Option<In>> {
        self.given = 0;
        let until = select::limit();
        // Where the stage may give something in time, without another item, that has the place of this number.
        if until.is_none() || self.gate.is_none() {
            self.done();
        }
        let found = self.items.take(until);
        if let Found::Late = found {
            select::is_late();
            return Poll::Pending;
        }
        self.done();
        match found {
            Found::Item((number, item)) if !self.is_cancelled() => {
                self.number = number;
                (self.holds, self.is_told) = (true, false);
                Poll::Ready(Some(item))
            }
            _ => Poll::Ready(None),
        }
    }

    /// Tells that it is done with the number.
    fn done(&mut self) {
        if self.holds || (self.gate.is_some() && !self.is_told) {
            (self.holds, self.is_told) = (false, true);
            let done = Message::Done(self.number);
            let _unsent = self.outbox.put(done, &self.signs.told);
        }
    }
}

impl<In, Out> Pipeline for Inbox<In, Out> {
    type Item = In;
}

impl<In, Out> Source for Inbox<In, Out> {
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<In>> {
        if self.at == At::Open {
            if let Some(item) = ready!(self.take()) {
                return Poll::Ready(Some(item));
            }
            self.at = At::End;
            if self.is_cancelled() {
                self.at = At::Cancelled;
            }
            self.number = self.signs.last.load(Ordering::Acquire) + self.worker as u64;
        }
        match self.at {
            At::Cancelled => Poll::Pending,
            At::Open | At::End => Poll::Ready(None),
        }
    }

    fn throw(&mut self, exception: Exception) {
        self.close();
        self.errors.add(exception);
    }

    fn close(&mut self) {
        self.at = At::End;
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}
