//! A generator to delegate to, which passes everything on, and records where a reply that was not taken goes.

use std::pin::Pin;
use std::task::Context;

use cogen::{
    Delegate, Delegated, Exception, Generator, NextError, SendError, StartError, State, Step,
    ThrowError,
};

use super::world;

/// Wraps a generator for a delegation.
pub struct Sub<G>(pub G);

type Stepped<G, E> = Result<Step<<G as Generator>::Yield, <G as Generator>::Return>, E>;

impl<G: Generator + Unpin> Generator for Sub<G> {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn state(&self) -> State {
        self.0.state()
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, StartError> {
        Pin::new(&mut self.0).resume_start(cx)
    }

    fn resume_send(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Resume,
    ) -> Stepped<G, SendError<G::Resume>> {
        Pin::new(&mut self.0).resume_send(cx, value)
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Stepped<G, ThrowError> {
        Pin::new(&mut self.0).resume_throw(cx, exception)
    }

    fn resume_continue(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, NextError> {
        Pin::new(&mut self.0).resume_continue(cx)
    }

    fn keep_return(mut self: Pin<&mut Self>, outcome: Result<G::Return, Exception>) {
        Pin::new(&mut self.0).keep_return(outcome);
    }

    fn take_kept_return(mut self: Pin<&mut Self>) -> Option<Result<G::Return, Exception>> {
        Pin::new(&mut self.0).take_kept_return()
    }

    fn resume_next_into(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Resume,
        item: &mut Option<G::Yield>,
    ) -> Result<Step<(), G::Return>, NextError> {
        Pin::new(&mut self.0).resume_next_into(cx, value, item)
    }

    fn resume_delegated(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        delegate: Delegate<G::Resume>,
    ) -> Delegated<G::Yield, G::Return, G::Resume> {
        let delegated = Pin::new(&mut self.0).resume_delegated(cx, delegate);
        if matches!(delegated, Delegated::Pending(Some(_))) {
            // The delegation keeps the reply, and offers it again.
            world::with(|state| state.foreign = true);
        }
        delegated
    }
}
