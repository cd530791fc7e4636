use std::iter;
use std::ops::ControlFlow;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use crossbeam_channel::{Receiver, Sender};

use super::order::{End, Gate};
use crate::frame::Exception;
use crate::pipeline::errors::{Awaits, Errors};
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;
use crate::pipeline::threads::recv::recv;

/// What a worker tells the caller.
pub(super) enum Message<Out> {
    Item(u64, Out),
    /// It is done with this number, and goes on.
    Done(u64),
    /// It has gone, from this number.
    Gone {
        worker: usize,
        number: u64,
        end: End,
    },
}

/// What the caller tells all workers besides items.
#[derive(Default)]
pub(super) struct Signs {
    /// Nothing more is wanted: set before the channel of items is closed.
    pub(super) cancelled: AtomicBool,
    /// The number of the first worker after the last item: set before the channel of items is closed.
    pub(super) last: AtomicU64,
}

/// What a worker needs to keep the order.
pub(super) struct KeepOrder {
    pub(super) gate: Arc<Gate>,
    pub(super) capacity: usize,
}

/// A worker: the source of its stage, and the taker of what the stage gives.
pub(super) struct Inbox<In, Out> {
    pub(super) worker: usize,
    pub(super) items: Receiver<(u64, In)>,
    pub(super) messages: Sender<Message<Out>>,
    pub(super) signs: Arc<Signs>,
    pub(super) order: Option<KeepOrder>,
    /// There is no other worker.
    pub(super) alone: bool,
    /// The number that it is at, and how much it has given for that.
    pub(super) number: u64,
    pub(super) given: usize,
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
        let _unsent = self.messages.send(Message::Gone {
            worker: self.worker,
            number: self.number,
            end,
        });
        iter::from_fn(|| self.errors.take()).collect()
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
        if let Some(order) = &self.order {
            self.given += 1;
            if self.given > order.capacity {
                order.gate.wait(self.number);
            }
        }
        let sent = self.messages.send(Message::Item(self.number, item));
        if sent.is_err() || self.is_cancelled() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn is_cancelled(&self) -> bool {
        self.signs.cancelled.load(Ordering::Acquire)
    }

    fn take(&mut self) -> Option<In> {
        if self.order.is_some() {
            self.given = 0;
            let _unsent = self.messages.send(Message::Done(self.number));
        }
        let received = if self.alone {
            recv(&self.items)
        } else {
            self.items.recv()
        };
        let (number, item) = received.ok()?;
        if self.is_cancelled() {
            return None;
        }
        self.number = number;
        Some(item)
    }
}

impl<In, Out> Pipeline for Inbox<In, Out> {
    type Item = In;
}

impl<In, Out> Source for Inbox<In, Out> {
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<In>> {
        if self.at == At::Open {
            if let Some(item) = self.take() {
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
