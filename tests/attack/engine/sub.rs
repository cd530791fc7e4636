//! A generator to delegate to, which passes everything on, and records where a reply that was not taken goes.

use std::pin::Pin;
use std::task::Context;

use cogen::{
    Delegate, Delegated, Exception, Generator, NextError, SendError, StartError, State, Step,
    ThrowError,
};

use super::reply::Reply;
use super::world;

/// Wraps a generator for a delegation.
pub struct Sub<G> {
    inner: G,
    /// It was delegated to, or the delegation begins with a value that it has yielded.
    begun: bool,
}

impl<G> Sub<G> {
    pub fn new(inner: G) -> Self {
        Self {
            inner,
            begun: false,
        }
    }

    /// For a delegation that begins with a value.
    pub fn begun(inner: G) -> Self {
        Self { inner, begun: true }
    }
}

type Stepped<G, E> = Result<Step<<G as Generator>::Yield, <G as Generator>::Return>, E>;

impl<G: Generator<Resume: Reply> + Unpin> Generator for Sub<G> {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn state(&self) -> State {
        self.inner.state()
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, StartError> {
        Pin::new(&mut self.inner).resume_start(cx)
    }

    fn resume_send(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Resume,
    ) -> Stepped<G, SendError<G::Resume>> {
        Pin::new(&mut self.inner).resume_send(cx, value)
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Stepped<G, ThrowError> {
        Pin::new(&mut self.inner).resume_throw(cx, exception)
    }

    fn resume_continue(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, NextError> {
        Pin::new(&mut self.inner).resume_continue(cx)
    }

    fn keep_return(mut self: Pin<&mut Self>, outcome: Result<G::Return, Exception>) {
        Pin::new(&mut self.inner).keep_return(outcome);
    }

    fn take_kept_return(mut self: Pin<&mut Self>) -> Option<Result<G::Return, Exception>> {
        Pin::new(&mut self.inner).take_kept_return()
    }

    fn resume_next_into(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Resume,
        item: &mut Option<G::Yield>,
    ) -> Result<Step<(), G::Return>, NextError> {
        Pin::new(&mut self.inner).resume_next_into(cx, value, item)
    }

    fn resume_delegated(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        delegate: Delegate<G::Resume>,
    ) -> Delegated<G::Yield, G::Return, G::Resume> {
        let first = !std::mem::replace(&mut self.begun, true);
        if let (true, Delegate::Send(value)) = (first, &delegate) {
            // A delegation goes on with a started generator by a `()` of its own.
            value.sent(None);
        }
        let delegated = Pin::new(&mut self.inner).resume_delegated(cx, delegate);
        if matches!(delegated, Delegated::Pending(Some(_))) {
            // The delegation keeps the reply, and offers it again.
            world::with(|state| state.foreign = true);
        }
        delegated
    }
}
