//! An adapter by hand that does not pass on what a loop has seen returned.

use std::pin::Pin;
use std::task::Context;

use cogen::{Exception, Generator, NextError, SendError, StartError, State, Step, ThrowError};

type Stepped<G, E> = Result<Step<<G as Generator>::Yield, <G as Generator>::Return>, E>;

struct Same<G>(G);

impl<G: Generator + Unpin> Generator for Same<G> {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn state(&self) -> State {
        self.0.state()
    }
    fn resume_start(mut self: Pin<&mut Self>, cx: Option<&mut Context<'_>>) -> Stepped<G, StartError> {
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
    fn resume_continue(mut self: Pin<&mut Self>, cx: Option<&mut Context<'_>>) -> Stepped<G, NextError> {
        Pin::new(&mut self.0).resume_continue(cx)
    }
}

fn main() {}
