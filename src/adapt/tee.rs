//! Invariants of what the two sides share:
//!
//! 1. The lock of [`Common`] is tried, and never waited for: whoever finds it locked is running, in the body or in an item's
//!    `clone`.
//! 2. What the generator gives goes to the side that asked, and a clone to the other side's queue, if that side has not
//!    gone. A side that goes while the other is running cannot empty its queue: the other does.
//! 3. `end` is set once, by the side that saw it. Each side sees it when its queue is empty.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::error::Error;
use core::mem;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
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
    both: Arc<Both<G>>,
    side: Side,
    state: State,
    kept: KeptReturn<()>,
}

#[derive(Clone, Copy, Debug)]
enum Side {
    Left,
    Right,
}

struct Both<G: Generator + Unpin> {
    common: Mutex<Common<G>>,
    /// Which sides have been dropped, or are over.
    gone: [AtomicBool; 2],
}

struct Common<G: Generator + Unpin> {
    generator: Shared<G>,
    /// What each side has not had yet.
    queues: [VecDeque<G::Yield>; 2],
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
    let both = Arc::new(Both {
        common: Mutex::new(Common {
            generator: generator.shared(),
            queues: [VecDeque::new(), VecDeque::new()],
            end: None,
        }),
        gone: [AtomicBool::new(false), AtomicBool::new(false)],
    });
    let side = |side| Tee {
        both: both.clone(),
        side,
        state: State::Created,
        kept: KeptReturn::new(),
    };
    (side(Side::Left), side(Side::Right))
}

impl<G: Generator<Yield: Clone, Resume = ()> + Unpin> Common<G> {
    /// `is_alone` tells whether the other side has gone.
    fn step(
        &mut self,
        side: Side,
        cx: Option<&mut Context<'_>>,
        is_alone: impl Fn() -> bool,
    ) -> Result<Step<G::Yield, ()>, NextError> {
        if let Some(item) = self.queues[side as usize].pop_front() {
            return Ok(Step::Yielded(item));
        }
        if self.end.is_none() {
            match Pin::new(&mut self.generator).resume_next(cx) {
                Ok(Step::Yielded(item)) => {
                    if !is_alone() {
                        self.queues[side.other() as usize].push_back(item.clone());
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
        Some(lock(&self.both.common)?.generator.clone())
    }

    /// This side is over: nothing is kept for it.
    fn end(&mut self) {
        self.state = State::Closed;
        self.both.gone[self.side as usize].store(true, Ordering::SeqCst);
        if let Some(mut common) = lock(&self.both.common) {
            let left = mem::take(&mut common.queues[self.side as usize]);
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
        let Some(mut common) = lock(&self.both.common) else {
            return Err(NextError::Running);
        };
        let other = self.side.other() as usize;
        let is_alone = || self.both.gone[other].load(Ordering::SeqCst);
        let stepped = common.step(self.side, cx, is_alone);
        // It may have gone while the lock was held.
        let left = is_alone().then(|| mem::take(&mut common.queues[other]));
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
