use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use super::delegate::{Delegate, Delegated};
use super::driven::driven;
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::outsiders::Driven;
use super::protocol::Generator;
use super::state::State;
use super::step::Step;
use crate::frame::{Exception, Frame, Phase, UnderWay};

/// A boxed generator that does not close when it is dropped: its body is dropped like any Rust
/// value.
pub(crate) struct Unclosed<'a, Y, S, R> {
    engine: Pin<Box<dyn Driven<Yield = Y, Resume = S, Return = R> + 'a>>,
}

impl<Y, S, R> Unclosed<'_, Y, S, R> {
    /// Whether its body awaits a future, and is not at a yield.
    pub(crate) fn is_awaiting(&self) -> bool {
        self.engine.phase() == Phase::Awaiting
    }
}

driven!(
    unclosed,
    ['a, Y, S, R] Unclosed<'a, Y, S, R>, Y, S, R,
    this, &*this.engine, this.get_mut().engine.as_mut()
);

impl<Y, S, F: Future> Frame<'_, Y, S, F> {
    pub(crate) fn unclosed<'a>(self) -> Unclosed<'a, Y, S, F::Output>
    where
        Self: 'a,
    {
        Unclosed {
            engine: Box::pin(self),
        }
    }
}
