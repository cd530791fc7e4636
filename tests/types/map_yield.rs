//! An adapter as a library would write it.

use std::pin::Pin;
use std::task::Context;

use cogen::{Exception, Generator, NextError, SendError, StartError, State, Step, ThrowError};

/// Yields what `f` makes of what the generator inside yields.
pub(crate) struct MapYield<G, F> {
    inner: G,
    f: F,
}

impl<G: Generator + Unpin, F: FnMut(G::Yield) -> T + Unpin, T> MapYield<G, F> {
    pub(crate) fn new(inner: G, f: F) -> Self {
        Self { inner, f }
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut G> {
        Pin::new(&mut self.get_mut().inner)
    }

    fn mapped<E>(
        mut self: Pin<&mut Self>,
        step: Result<Step<G::Yield, G::Return>, E>,
    ) -> Result<Step<T, G::Return>, E> {
        Ok(match step? {
            Step::Yielded(value) => Step::Yielded((self.f)(value)),
            Step::Complete(value) => Step::Complete(value),
        })
    }
}

type Stepped<G, T, E> = Result<Step<T, <G as Generator>::Return>, E>;

impl<G: Generator + Unpin, F: FnMut(G::Yield) -> T + Unpin, T> Generator for MapYield<G, F> {
    type Yield = T;
    type Resume = G::Resume;
    type Return = G::Return;

    fn state(&self) -> State {
        self.inner.state()
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, T, StartError> {
        let step = self.as_mut().inner().resume_start(cx);
        self.mapped(step)
    }

    fn resume_send(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Resume,
    ) -> Stepped<G, T, SendError<G::Resume>> {
        let step = self.as_mut().inner().resume_send(cx, value);
        self.mapped(step)
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Stepped<G, T, ThrowError> {
        let step = self.as_mut().inner().resume_throw(cx, exception);
        self.mapped(step)
    }

    fn resume_continue(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, T, NextError> {
        let step = self.as_mut().inner().resume_continue(cx);
        self.mapped(step)
    }

    fn keep_return(self: Pin<&mut Self>, outcome: Result<G::Return, Exception>) {
        self.inner().keep_return(outcome);
    }

    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<G::Return, Exception>> {
        self.inner().take_kept_return()
    }
}
