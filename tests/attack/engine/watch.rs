//! Futures of the engine that report to the ledger.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use cogen::{Catch, Co, Exception, Never, Raise};

use super::super::common::ledger::Role;
use super::reply::Reply;
use super::value::{Exc, Val};
use super::world::{self, Fut};

/// Keeps scopes in the list of those that are being polled, until dropped.
struct Within(usize);

fn within(scopes: &[u64]) -> Within {
    let before = world::with(|state| {
        let before = state.around.len();
        state.around.extend(scopes);
        before
    });
    Within(before.unwrap_or(0))
}

impl Drop for Within {
    fn drop(&mut self) {
        world::with(|state| state.around.truncate(self.0));
    }
}

/// Records that value `number` is polled inside the current scopes.
fn polled(number: u64) {
    world::with(|state| {
        let around = std::mem::take(&mut state.around);
        state.ledger.polled_in(number, &around);
        state.around = around;
        if state.alone {
            state.ledger.polled_anywhere(number);
        }
    });
}

/// A yield, and how to get the reply from its output.
struct Yielding<F: Future, S> {
    inner: Pin<Box<F>>,
    number: u64,
    over: bool,
    reply: fn(F::Output) -> Option<S>,
}

impl<F: Future, S: Reply> Future for Yielding<F, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        polled(this.number);
        let Poll::Ready(output) = this.inner.as_mut().poll(cx) else {
            return Poll::Pending;
        };
        if let Some(reply) = (this.reply)(output) {
            let again = std::mem::replace(&mut this.over, true);
            world::with(|state| {
                if again {
                    state
                        .ledger
                        .hole(format!("yield {} had two replies", this.number));
                }
                state.ledger.replied(this.number);
            });
            reply.taken(this.number);
        }
        Poll::Ready(())
    }
}

pub fn yield_<S: Reply>(co: Co<'static, Val, S>) -> Fut {
    let value = Val::new(Role::Yielded);
    let number = value.number();
    Box::pin(Yielding {
        inner: Box::pin(co.yield_(value)),
        number,
        over: false,
        reply: Some,
    })
}

pub fn try_yield<S: Reply>(co: Co<'static, Val, S>) -> Fut {
    let value = Val::new(Role::Yielded);
    let number = value.number();
    Box::pin(Yielding {
        inner: Box::pin(co.try_yield(value)),
        number,
        over: false,
        reply: Result::ok,
    })
}

/// A scope that checks that what it catches came from inside.
struct Scope<S> {
    number: u64,
    inner: Pin<Box<Catch<Val, S, Fut>>>,
}

impl<S: Reply> Future for Scope<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = {
            let _within = within(&[self.number]);
            self.inner.as_mut().poll(cx)
        };
        let Poll::Ready(outcome) = polled else {
            return Poll::Pending;
        };
        if let Err(exception) = outcome {
            caught(self.number, &exception);
        }
        Poll::Ready(())
    }
}

fn caught(scope: u64, exception: &Exception) {
    if let Some(exc) = exception.downcast_ref::<Exc>() {
        world::with(|state| state.ledger.caught(scope, exc.number()));
    }
}

pub fn scope<S: Reply>(co: Co<'static, Val, S>, inside: Fut) -> Fut {
    Box::pin(Scope {
        number: world::fresh_scope(),
        inner: Box::pin(co.catch(inside)),
    })
}

struct Raising<S> {
    number: u64,
    inner: Pin<Box<Raise<Val, S>>>,
}

impl<S: Reply> Future for Raising<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        polled(self.number);
        self.inner
            .as_mut()
            .poll(cx)
            .map(|never: Never| match never {})
    }
}

pub fn raise<S: Reply>(co: Co<'static, Val, S>) -> Fut {
    let exception = Exc::new();
    let number = exception.number();
    Box::pin(Raising {
        number,
        inner: Box::pin(co.raise(exception)),
    })
}

/// The scopes around a call: the called body is not polled inside its [`Call`](cogen::Call).
#[derive(Clone, Default)]
pub struct Around(Arc<Mutex<Vec<u64>>>);

impl Around {
    fn list(&self) -> std::sync::MutexGuard<'_, Vec<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self) {
        let now = world::with(|state| state.around.clone()).unwrap_or_default();
        let mut list = self.list();
        for scope in now {
            if !list.contains(&scope) {
                list.push(scope);
            }
        }
    }
}

/// A call, polled in one place.
pub struct Calling {
    pub around: Around,
    pub inner: Fut,
}

impl Future for Calling {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.around.note();
        self.inner.as_mut().poll(cx)
    }
}

/// The called body, polled in another place.
pub struct Called {
    pub around: Around,
    pub inner: Fut,
}

impl Future for Called {
    type Output = Val;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Val> {
        let scopes = self.around.list().clone();
        let _within = within(&scopes);
        self.inner.as_mut().poll(cx).map(|()| Val::new(Role::Local))
    }
}

/// A future that may raise an exception from elsewhere, later and in another place.
pub struct Carrier(pub Fut);

impl Future for Carrier {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        world::with(|state| {
            let around = std::mem::take(&mut state.around);
            state.ledger.carried_in(&around);
            state.around = around;
            state.carriers += 1;
        });
        let _carried = Carried;
        self.0.as_mut().poll(cx)
    }
}

/// Ends the poll of a carrier, also on unwind.
struct Carried;

impl Drop for Carried {
    fn drop(&mut self) {
        world::with(|state| state.carriers -= 1);
    }
}
