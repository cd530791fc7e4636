//! What is delegated to: passes everything on, and sees where a reply that was not taken goes.

use std::pin::Pin;
use std::task::Context;

use cogen::{
    Delegate, Delegated, Exception, Generator, NextError, SendError, StartError, State, Step,
    ThrowError,
};

use super::world;

/// A generator as it is, in a delegation.
pub struct Sub<G>(pub G);

type Stepped<G, E> = Result<Step<<G as Generator>::Yield, <G as Generator>::Return>, E>;

impl<G: Generator + Unpin> Generator for Sub<G> {
    type Yield = G::Yield;
    type Send = G::Send;
    type Return = G::Return;

    fn state(&self) -> State {
        self.0.state()
    }

    fn poll_start(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, StartError> {
        Pin::new(&mut self.0).poll_start(cx)
    }

    fn poll_send(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Send,
    ) -> Stepped<G, SendError<G::Send>> {
        Pin::new(&mut self.0).poll_send(cx, value)
    }

    fn poll_throw(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Stepped<G, ThrowError> {
        Pin::new(&mut self.0).poll_throw(cx, exception)
    }

    fn poll_continue(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Stepped<G, NextError> {
        Pin::new(&mut self.0).poll_continue(cx)
    }

    fn poll_next_into(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: G::Send,
        item: &mut Option<G::Yield>,
    ) -> Result<Step<(), G::Return>, NextError> {
        Pin::new(&mut self.0).poll_next_into(cx, value, item)
    }

    fn poll_delegate(
        mut self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        delegate: Delegate<G::Send>,
    ) -> Delegated<G::Yield, G::Return, G::Send> {
        let delegated = Pin::new(&mut self.0).poll_delegate(cx, delegate);
        if matches!(delegated, Delegated::Pending(Some(_))) {
            // The delegation keeps the reply, and offers it again.
            world::with(|state| state.foreign = true);
        }
        delegated
    }
}
