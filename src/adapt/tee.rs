//! Invariants of [`Common`], which the two sides share:
//!
//! 1. Its lock is tried, and never waited for: whoever finds it locked is running, in the body or in an item's `clone`.
//! 2. What the generator gives goes to the side that asked, and a clone to the other side's queue, if that side lives.
//! 3. `end` is set once, by the side that saw it. Each side sees it when its queue is empty.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::error::Error;
use core::pin::Pin;
use core::task::Context;
use std::sync::{Mutex, MutexGuard, TryLockError};

use crate::debug::debug;
use crate::frame::Exception;
use crate::generator::{
    Generator, Iter, KeptReturn, NextError, SendError, Shared, StartError, State, Step, ThrowError,
};

/// One of the two generators that [`GeneratorExt::tee`](crate::GeneratorExt::tee) makes of one.
#[must_use = "a generator does nothing until it is resumed"]
pub struct Tee<G: Generator<Yield: Clone> + Unpin> {
    common: Arc<Mutex<Common<G>>>,
    side: Side,
    state: State,
    kept: KeptReturn<()>,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Left,
    Right,
}

struct Common<G: Generator + Unpin> {
    generator: Shared<G>,
    /// What each side has not had yet. `None`: it has been dropped, or is over.
    queues: [Option<VecDeque<G::Yield>>; 2],
    end: Option<End>,
}

/// How the generator ended.
#[derive(Clone)]
enum End {
    Returned,
    Raised(Arc<dyn Error + Send + Sync>),
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

pub(super) fn tee<G: Generator<Yield: Clone, Resume = ()> + Unpin>(
    generator: G,
) -> (Tee<G>, Tee<G>) {
    let common = Arc::new(Mutex::new(Common {
        generator: generator.shared(),
        queues: [Some(VecDeque::new()), Some(VecDeque::new())],
        end: None,
    }));
    let side = |side| Tee {
        common: common.clone(),
        side,
        state: State::Created,
        kept: KeptReturn::new(),
    };
    (side(Side::Left), side(Side::Right))
}

impl<G: Generator<Yield: Clone, Resume = ()> + Unpin> Common<G> {
    fn step(
        &mut self,
        side: Side,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<G::Yield, ()>, NextError> {
        if let Some(item) = self.queues[side as usize]
            .as_mut()
            .and_then(VecDeque::pop_front)
        {
            return Ok(Step::Yielded(item));
        }
        if self.end.is_none() {
            match Pin::new(&mut self.generator).resume_next(cx) {
                Ok(Step::Yielded(item)) => {
                    if let Some(queue) = &mut self.queues[side.other() as usize] {
                        queue.push_back(item.clone());
                    }
                    return Ok(Step::Yielded(item));
                }
                Ok(Step::Complete(value)) => {
                    self.end = Some(End::Returned);
                    Pin::new(&mut self.generator).keep_return(Ok(value));
                }
                Err(NextError::Finished) => self.end = Some(End::Returned),
                Err(NextError::Raised(exception)) => {
                    let error = Box::<dyn Error + Send + Sync>::from(exception);
                    self.end = Some(End::Raised(error.into()));
                }
                Err(error) => return Err(error),
            }
        }
        match self.end.clone() {
            Some(End::Raised(error)) => Err(NextError::Raised(Exception::from(error))),
            _ => Ok(Step::Complete(())),
        }
    }
}

impl<G: Generator<Yield: Clone> + Unpin> Tee<G> {
    /// The generator that both sides are made of, as one more owner: it has what the body returned
    /// ([`take_return`](Generator::take_return)), and may be closed. What it is resumed for is for neither side.
    ///
    /// `None` while it is running.
    pub fn generator(&self) -> Option<Shared<G>> {
        Some(lock(&self.common)?.generator.clone())
    }

    /// This side is over: nothing is kept for it.
    fn end(&mut self) {
        self.state = State::Closed;
        if let Some(mut common) = lock(&self.common) {
            let left = common.queues[self.side as usize].take();
            // Last, as dropping items runs the user's code.
            drop(common);
            drop(left);
        }
    }
}

fn lock<T>(common: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match common.try_lock() {
        Ok(common) => Some(common),
        // A body, or the clone of an item, has panicked: the generator says what it is, and the item is lost.
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

impl<G: Generator<Yield: Clone, Resume = ()> + Unpin> Tee<G> {
    fn step(&mut self, cx: Option<&mut Context<'_>>) -> Result<Step<G::Yield, ()>, NextError> {
        let Some(mut common) = lock(&self.common) else {
            return Err(NextError::Running);
        };
        // The other side may have been dropped while the lock was held.
        let alone = Arc::strong_count(&self.common) == 1;
        let left = if alone {
            common.queues[self.side.other() as usize].take()
        } else {
            None
        };
        let stepped = common.step(self.side, cx);
        drop(common);
        drop(left);
        match &stepped {
            Ok(Step::Yielded(_)) => self.state = State::Suspended,
            Err(NextError::Pending) => self.state = State::Awaiting,
            Ok(Step::Complete(())) | Err(NextError::Raised(_)) => self.end(),
            Err(_) => {}
        }
        stepped
    }
}

impl<G: Generator<Yield: Clone> + Unpin> Drop for Tee<G> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<G: Generator<Yield: Clone, Resume = ()> + Unpin> Generator for Tee<G> {
    type Yield = G::Yield;
    type Resume = ();
    type Return = ();

    fn state(&self) -> State {
        self.state
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<G::Yield, ()>, StartError> {
        match self.state {
            State::Created => self.step(cx).map_err(|error| match error {
                NextError::Running => StartError::Running,
                NextError::Pending => StartError::Pending,
                NextError::TooDeep => StartError::TooDeep,
                error => StartError::Raised(error.into_exception()),
            }),
            State::Closed => Err(StartError::Finished),
            _ => Err(StartError::AlreadyStarted),
        }
    }

    fn resume_send(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        (): (),
    ) -> Result<Step<G::Yield, ()>, SendError<()>> {
        match self.state {
            State::Created => Err(SendError::JustStarted(())),
            State::Closed => Err(SendError::Finished(())),
            _ => self.step(cx).map_err(|error| match error {
                NextError::Running => SendError::Running(()),
                NextError::Pending => SendError::Pending(None),
                NextError::TooDeep => SendError::TooDeep(()),
                error => SendError::Raised(error.into_exception()),
            }),
        }
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        _cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<G::Yield, ()>, ThrowError> {
        self.end();
        Err(ThrowError::Raised(exception))
    }

    fn resume_continue(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<G::Yield, ()>, NextError> {
        match self.state {
            State::Awaiting => self.step(cx),
            State::Closed => Err(NextError::Finished),
            _ => Err(NextError::NotAwaiting),
        }
    }

    fn keep_return(mut self: Pin<&mut Self>, outcome: Result<(), Exception>) {
        self.kept.keep(outcome);
    }

    fn take_kept_return(mut self: Pin<&mut Self>) -> Option<Result<(), Exception>> {
        self.kept.take()
    }
}

impl<G: Generator<Yield: Clone, Resume = ()> + Unpin> IntoIterator for Tee<G> {
    type Item = G::Yield;
    type IntoIter = Iter<Self>;

    fn into_iter(self) -> Iter<Self> {
        self.into_iterator()
    }
}

impl<'i, G: Generator<Yield: Clone, Resume = ()> + Unpin> IntoIterator for &'i mut Tee<G> {
    type Item = G::Yield;
    type IntoIter = Iter<&'i mut Tee<G>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

debug!(impl[G: Generator<Yield: Clone> + Unpin] self: Tee<G> { state: self.state, .. });
