use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use crate::debug::debug;
use crate::frame::{Catch, Co, Demand, IntoException, Never, Raise, Supply, Yield};
use crate::generator::{CatchAs, CatchException, Finally};

/// The two ends of a stage that is written as straight-line code: see [`stage`](super::stage).
///
/// It takes `In` and gives `Out`. It is `Copy`: pass it to helper functions. The futures that it makes do nothing
/// until they are awaited, and panic (with the caller's location) if they are awaited where their stage is not
/// running.
pub struct Ends<'g, In, Out = Never> {
    co: Co<'g, Demand<Option<In>, Out>>,
}

impl<'g, In, Out> Ends<'g, In, Out> {
    pub(super) fn new(co: Co<'g, Demand<Option<In>, Out>>) -> Self {
        Self { co }
    }

    /// The next item from above, or `None` at the end.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost if the future is dropped before it is ready: an item that was fetched for it goes to
    /// the next one.
    #[inline]
    pub fn recv(self) -> Recv<'g, In, Out> {
        Recv {
            co: self.co,
            demand: None,
        }
    }

    /// Gives an item to the stage below. Ready when that stage wants another one.
    ///
    /// An error of a stage below arrives here, as does a [`GeneratorExit`](crate::GeneratorExit) if
    /// no more items are wanted: [`catch`](Self::catch) and [`finally`](Self::finally) see both.
    #[inline]
    pub fn emit(self, item: Out) -> Emit<In, Out> {
        Emit {
            demand: self.co.yield_(Demand::give(item)),
        }
    }

    /// Fails with `exception`: the exception goes up, and the stages below see the end. As
    /// [`Co::raise`].
    pub fn raise(self, exception: impl IntoException) -> Raise<Demand<Option<In>, Out>, ()> {
        self.co.raise(exception)
    }

    /// A scope for what arrives at an [`emit`](Self::emit), or is raised, inside. As [`Co::catch`].
    ///
    /// An error of a stage below has ended that stage: this one can clean up, or raise another error in its place,
    /// but what it emits after that goes nowhere, and it is closed. If it raises nothing, the run has not failed. A
    /// scope also catches the close of a stage, which is not an error: [`catch_exception`](Self::catch_exception)
    /// lets that pass.
    pub fn catch<F: Future>(self, inside: F) -> Catch<Demand<Option<In>, Out>, (), F> {
        self.co.catch(inside)
    }

    /// A scope for every error; the close of a stage passes. As [`Co::catch_exception`].
    ///
    /// # Errors
    ///
    /// The error that was caught.
    pub fn catch_exception<F: Future>(
        self,
        inside: F,
    ) -> CatchException<'g, Demand<Option<In>, Out>, (), F> {
        self.co.catch_exception(inside)
    }

    /// A scope for errors of one type; others pass. As [`Co::catch_as`].
    ///
    /// # Errors
    ///
    /// The error that was caught.
    pub fn catch_as<E, F>(self, inside: F) -> CatchAs<'g, Demand<Option<In>, Out>, (), E, F>
    where
        E: Error + 'static,
        F: Future,
    {
        self.co.catch_as(inside)
    }

    /// Clean-up that runs however `inside` ends. As [`Co::finally`].
    pub fn finally<F, C>(
        self,
        inside: F,
        cleanup: C,
    ) -> Finally<'g, Demand<Option<In>, Out>, (), F, C>
    where
        F: Future,
        C: Future<Output = ()>,
    {
        self.co.finally(inside, cleanup)
    }
}

impl<In, Out> Clone for Ends<'_, In, Out> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<In, Out> Copy for Ends<'_, In, Out> {}

debug!(impl[In, Out] Ends<'_, In, Out> { .. });

/// The future of [`Ends::recv`].
///
/// It takes the item from above in place, and suspends the stage only if there is nothing at the
/// moment.
#[pin_project]
#[derive(Debug)]
#[must_use = "nothing is received until it is awaited"]
pub struct Recv<'g, In, Out> {
    co: Co<'g, Demand<Option<In>, Out>>,
    #[pin]
    demand: Option<Yield<Demand<Option<In>, Out>, ()>>,
}

impl<In, Out> Future for Recv<'_, In, Out> {
    type Output = Option<In>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<In>> {
        let supply = if self.demand.is_none() {
            self.co.supply()
        } else {
            Supply::Nothing
        };
        match supply {
            Supply::Value(item) => Poll::Ready(item),
            other => self.wait(cx, matches!(other, Supply::Awaits)),
        }
    }
}

impl<In, Out> Recv<'_, In, Out> {
    /// There is nothing above: suspends the stage until there is something; or leaves the waker, if what is above
    /// `awaits`.
    #[cold]
    #[track_caller]
    fn wait(self: Pin<&mut Self>, cx: &mut Context<'_>, mut awaits: bool) -> Poll<Option<In>> {
        let mut this = self.project();
        loop {
            if awaits {
                this.demand.set(None);
                this.co.await_supply(cx);
                return Poll::Pending;
            }
            if let Some(demand) = this.demand.as_mut().as_pin_mut() {
                ready!(demand.poll(cx));
                match this.co.supply() {
                    Supply::Value(item) => return Poll::Ready(item),
                    Supply::Awaits => {
                        awaits = true;
                        continue;
                    }
                    Supply::Nothing => {}
                }
            }
            this.demand.set(Some(this.co.yield_(Demand::want())));
        }
    }
}

/// The future of [`Ends::emit`].
#[pin_project]
#[derive(Debug)]
#[must_use = "nothing is emitted until it is awaited"]
pub struct Emit<In, Out> {
    #[pin]
    demand: Yield<Demand<Option<In>, Out>, ()>,
}

impl<In, Out> Future for Emit<In, Out> {
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.project().demand.poll(cx)
    }
}
