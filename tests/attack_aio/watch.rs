//! The open waits of a round, and the scopes around a raise.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll};

use cogen::aio::{self, Error, Promise, Task};

use super::value::{Raised, Val};
use super::world::{self, Fut, chance};

struct Watch {
    number: u64,
    what: &'static str,
    is_over: Box<dyn Fn() -> bool>,
}

thread_local! {
    static WATCHES: RefCell<Vec<Watch>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// An entry in the list of open waits, until dropped.
pub struct Watched(u64);

impl Drop for Watched {
    fn drop(&mut self) {
        let gone = WATCHES.with_borrow_mut(|watches| {
            let at = watches.iter().position(|watch| watch.number == self.0);
            at.map(|at| watches.swap_remove(at))
        });
        drop(gone);
    }
}

/// Records a wait. `is_over` tells whether the wait should have ended, once nothing else happens.
pub fn watch(what: &'static str, is_over: impl Fn() -> bool + 'static) -> Watched {
    let number = NEXT.replace(NEXT.get() + 1);
    let is_over = Box::new(is_over);
    WATCHES.with_borrow_mut(|watches| {
        watches.push(Watch {
            number,
            what,
            is_over,
        });
    });
    Watched(number)
}

/// Begins a round: waits that were forgotten in the last round do not count in this one.
pub fn begin() {
    let old = WATCHES.take();
    drop(old);
}

/// The waits that should have ended.
pub fn stuck() -> Vec<&'static str> {
    WATCHES.with_borrow(|watches| {
        let stuck = watches.iter().filter(|watch| (watch.is_over)());
        stuck.map(|watch| watch.what).collect()
    })
}

pub async fn task(task: Task<Val>) -> Result<Val, Error> {
    let same = task.clone();
    let _watched = watch("a task", move || same.done());
    if chance(2) { task.await } else { (&task).await }
}

pub async fn promise(promise: Promise<Val>) -> Result<Val, Error> {
    let same = promise.clone();
    let _watched = watch("a promise", move || same.done());
    if chance(2) {
        promise.await
    } else {
        (&promise).await
    }
}

/// Polls its inside with one more scope around it.
struct Around {
    scope: u64,
    inner: Pin<Box<dyn Future<Output = Result<Result<Val, Error>, Error>>>>,
}

impl Future for Around {
    type Output = Result<Val, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let before = world::with(|state| {
            state.around.push(self.scope);
            state.around.len() - 1
        });
        let _restore = Restore(before.unwrap_or(0));
        let caught = match self.inner.as_mut().poll(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(outcome)) => return Poll::Ready(outcome),
            Poll::Ready(Err(caught)) => caught,
        };
        if let Some(raised) = caught.downcast_ref::<Raised>() {
            world::with(|state| state.ledger.caught(self.scope, raised.0.number()));
        }
        Poll::Ready(Err(caught))
    }
}

struct Restore(usize);

impl Drop for Restore {
    fn drop(&mut self) {
        world::with(|state| state.around.truncate(self.0));
    }
}

/// A scope around `inside`.
pub fn scope(inside: Fut) -> Fut {
    let scope = world::with(|state| {
        state.scopes += 1;
        state.scopes
    });
    Box::pin(Around {
        scope: scope.unwrap_or(0),
        inner: Box::pin(aio::catch(inside)),
    })
}

struct Raising {
    number: u64,
    inner: Pin<Box<dyn Future<Output = cogen::Never>>>,
    _watched: Watched,
}

impl Future for Raising {
    type Output = Result<Val, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        world::with(|state| {
            let around = std::mem::take(&mut state.around);
            state.ledger.polled_in(self.number, &around);
            state.around = around;
        });
        self.inner.as_mut().poll(cx).map(|never| match never {})
    }
}

/// Raises an error. The raising future is dropped by that; if it stays, that is a hole.
pub fn raise() -> Fut {
    let raised = Raised(Val::new());
    Box::pin(Raising {
        number: raised.0.number(),
        inner: Box::pin(Error::new(raised).raise()),
        _watched: watch("a raise", || true),
    })
}
