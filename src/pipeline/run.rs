//! What runs a body of straight-line code between its two ends.
//!
//! 1. A body takes items from above in place, where it is resumed: no switch for an item that it receives.
//! 2. Driven synchronously, a body that receives where there is nothing yet is suspended: it yields that it wants an
//!    item, and is resumed when there is one.
//! 3. Driven asynchronously, a body awaits what is above as it awaits any future: it is polled whenever the pipeline
//!    is, so that what it awaits beside a `recv` goes on. What is above knows one waker, that of the pipeline; a
//!    `recv` that is polled with another (by `FuturesUnordered`, say) leaves it in `waiting`.
//! 4. Bodies inside bodies nest on the stack. Driven synchronously, they do so only up to [`DEEP`]: further down they
//!    are suspended to receive.
//! 5. An item is asked for only where `fetched` is empty, and only the body's next `recv` empties it. So an item is
//!    not lost with the `recv` that it was fetched for: if the body drops that one, the next one gets the item.
//! 6. What is above is fused: it may be asked again after its end. It is not closed then, as it has closed itself.
//!
//! | `at` | set by | until |
//! |---|---|---|
//! | `Ready` | the start; an item that the body gave | the body's next yield, await or end |
//! | `Recv` | the body's demand for an item | the same |
//! | `Elsewhere` | a body that awaits, in an async drive only | the same |
//! | `Over` | the body's end, an error in it, `close` | for ever: the body is not resumed again |
//!
//! | `above` | set by | until |
//! |---|---|---|
//! | `Open` | the start; a fetch that brings an item; an async poll that finds `Dry` | another answer |
//! | `Dry` | an answer that nothing is there at the moment | the next fetch or, driven asynchronously, the next poll |
//! | `Ended` | an answer that nothing will come | for ever |

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::ends::Ends;
use super::errors::Awaits;
use super::source::Source;
use super::waiting::Waiting;
use crate::frame::{self, Demand, Exception, Frame, Resumed, Supplier, Supply};
use crate::generator::{CloseError, Closing, Generator, State, Step, generator};

/// How many bodies may take items from each other in place, one inside the other.
const DEEP: usize = 32;

/// A body that runs.
pub(super) struct Run<'g, In, Out, F: Future> {
    body: Closing<Pin<Box<Frame<'g, Demand<Option<In>, Out>, (), F>>>>,
    at: At,
    /// What came from above for a body that was suspended in a `recv`; `Pending` if nothing did. Filled by `fetch`,
    /// emptied by the supplier (invariant 5).
    fetched: Poll<Option<In>>,
    above: Above,
    waiting: Waiting,
}

/// What was last learnt about what is above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Open,
    /// It has nothing at the moment.
    Dry,
    Ended,
}

impl Above {
    fn learn<T>(&mut self, item: &Poll<Option<T>>) {
        match item {
            Poll::Ready(Some(_)) => {}
            Poll::Ready(None) => *self = Self::Ended,
            Poll::Pending => *self = Self::Dry,
        }
    }
}

/// Where a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// Not started, or it gave an item below.
    Ready,
    /// It wants an item from above, where there was nothing.
    Recv,
    /// It awaits: something outside the pipeline, or what is above, in an async drive.
    Elsewhere,
    Over,
}

/// What a body came to.
pub(super) enum BodyStep<Out, R> {
    Emitted(Out),
    Returned(R),
    Raised(Exception),
    /// It panicked before, and is asked again.
    Panicked,
    Over,
}

impl<'g, In, Out, F: Future> Run<'g, In, Out, F> {
    pub(super) fn new(body: impl FnOnce(Ends<'g, In, Out>) -> F) -> Self {
        Self {
            body: Box::pin(generator(|co| body(Ends::new(co)))).closing(),
            at: At::Ready,
            fetched: Poll::Pending,
            above: Above::Open,
            waiting: Waiting::default(),
        }
    }

    /// Runs the body until it gives something or is over.
    #[inline]
    pub(super) fn poll<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<BodyStep<Out, F::Output>>
    where
        U: Source<Item = In> + ?Sized,
    {
        if cx.is_some() && self.above == Above::Dry {
            // Whatever has woken us may have brought an item. Driven synchronously, nothing wakes anybody, and only
            // asking again shows whether there is one.
            self.above = Above::Open;
        }
        self.fetch_waited_for(above, cx.as_deref_mut());
        loop {
            match self.at {
                At::Ready | At::Elsewhere => {}
                // A `recv` that was dropped has left its item (invariant 5).
                At::Recv if self.fetched.is_ready() => {}
                At::Recv => {
                    self.fetch(above, cx.as_deref_mut());
                    // Driven asynchronously, the body is resumed without an item, too: it may await something
                    // beside the `recv` (invariant 3).
                    if self.fetched.is_pending() && cx.is_none() {
                        return Poll::Pending;
                    }
                }
                At::Over => return Poll::Ready(BodyStep::Over),
            }
            match self.resume(above, cx.as_deref_mut()) {
                Resumed::Yielded(demand) => {
                    if let Some(item) = demand.into_out() {
                        self.at = At::Ready;
                        return Poll::Ready(BodyStep::Emitted(item));
                    }
                    self.at = At::Recv;
                    // If it is not dry, it has not been asked: the body is deep (invariant 4), or its `recv` was
                    // polled where no supplier is lent. The next round asks.
                    if self.above == Above::Dry {
                        return Poll::Pending;
                    }
                }
                Resumed::Complete(value) => {
                    return Poll::Ready(self.over(BodyStep::Returned(value)));
                }
                Resumed::Raised(exception) => {
                    return Poll::Ready(self.over(BodyStep::Raised(exception)));
                }
                // A body that panicked in an earlier poll is refused.
                Resumed::Pending(_) | Resumed::Refused(_) => return self.elsewhere(cx),
            }
        }
    }

    /// Before the body is polled: fetches the item for a `recv` that has to be woken when there is
    /// one.
    fn fetch_waited_for<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>)
    where
        U: Source<Item = In> + ?Sized,
    {
        if cx.is_some() && self.waiting.has_any() && self.fetched.is_pending() {
            self.fetch(above, cx);
            // The combinator polls the `recv` only if it is woken, and what is above knows only the pipeline's waker
            // (invariant 3). The wake comes before the body's poll, so the item is taken in this one.
            if self.fetched.is_ready() {
                self.waiting.wake();
            }
        }
    }

    fn fetch<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>)
    where
        U: Source<Item = In> + ?Sized,
    {
        debug_assert!(self.fetched.is_pending());
        self.fetched = above.poll_next(cx);
        // `learn` leaves what is known as it is where an item came, so `Dry` from before is taken back here.
        self.above = Above::Open;
        self.above.learn(&self.fetched);
    }

    /// Resumes the body, which takes items from above meanwhile.
    #[inline]
    fn resume<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Resumed<Demand<Option<In>, Out>, F::Output, ()>
    where
        U: Source<Item = In> + ?Sized,
    {
        let is_deep = frame::depth() >= DEEP;
        let (fetched, known) = (&mut self.fetched, &mut self.above);
        let frame = self.body.get_mut().as_mut();
        // Two places, so that the sync suppliers, and all that they call, are compiled for having no context.
        match cx {
            None => {
                let (mut deep, mut usual);
                let supplier: &mut Supplier<'_, _> = if is_deep {
                    // What is above is not asked in here, on the deep stack, but by `poll`, once the body has been
                    // suspended (invariant 4).
                    deep = |_: Option<&Waker>| supply(take_fetched(fetched));
                    &mut deep
                } else {
                    usual =
                        |_: Option<&Waker>| supply(take(fetched, known, || above.poll_next(None)));
                    &mut usual
                };
                frame::supplied(frame, supplier, |frame| {
                    frame::start_or_send(frame, None, ())
                })
            }
            Some(cx) => {
                let caller = cx.waker();
                let waiting = &mut self.waiting;
                let mut supplier = |waker: Option<&Waker>| {
                    if let Some(waker) = waker {
                        waiting.add(waker, caller);
                        return Supply::Awaits;
                    }
                    let next = || above.poll_next(Some(&mut Context::from_waker(caller)));
                    match take(fetched, known, next) {
                        Poll::Ready(item) => {
                            waiting.got();
                            Supply::Value(item)
                        }
                        Poll::Pending => Supply::Awaits,
                    }
                };
                frame::supplied(frame, &mut supplier, |frame| {
                    frame::start_or_send(frame, Some(&mut Context::from_waker(caller)), ())
                })
            }
        }
    }

    /// No more items are wanted: closes what is above, if it has not ended by itself.
    pub(super) fn close_above<U>(&self, above: &mut U)
    where
        U: Source<Item = In> + ?Sized,
    {
        if self.above != Above::Ended {
            above.close();
        }
    }

    pub(super) fn at(&self) -> At {
        self.at
    }

    pub(super) fn is_over(&self) -> bool {
        self.at == At::Over
    }

    fn over(&mut self, turn: BodyStep<Out, F::Output>) -> BodyStep<Out, F::Output> {
        self.at = At::Over;
        turn
    }

    /// The body has not come to a yield: it awaits, or it panicked.
    #[cold]
    fn elsewhere(&mut self, cx: Option<&mut Context<'_>>) -> Poll<BodyStep<Out, F::Output>> {
        if self.body.get_ref().state() == State::Closed {
            return Poll::Ready(self.over(BodyStep::Panicked));
        }
        if let Some(cx) = cx {
            self.waiting.settle(cx.waker());
            self.at = At::Elsewhere;
            return Poll::Pending;
        }
        // Driven synchronously, nothing would ever wake it. The stage fails with that, whatever its clean-up says.
        let _dropped = self.close();
        Poll::Ready(BodyStep::Raised(Awaits::new().into()))
    }

    /// What the body answers: it returns, it raises, or (`None`) it goes on, and has to be closed.
    pub(super) fn throw(&mut self, exception: Exception) -> Result<F::Output, Option<Exception>> {
        if self.at == At::Over {
            return Err(Some(exception));
        }
        match self.body.get_mut().throw(exception) {
            Ok(Step::Complete(value)) => {
                self.at = At::Over;
                Ok(value)
            }
            // Nobody is left below for what it has yielded. `at` stays, so that it is closed like one that runs.
            Ok(Step::Yielded(_)) => Err(None),
            Err(error) => {
                self.at = At::Over;
                Err(Some(error.into_exception()))
            }
        }
    }

    /// What the body answers, if it answers.
    pub(super) fn close(&mut self) -> Result<Option<F::Output>, Exception> {
        if self.at == At::Over {
            return Ok(None);
        }
        // First, because the clean-up in the body may panic: it is over in any case.
        self.at = At::Over;
        self.body
            .get_mut()
            .close()
            .map_err(CloseError::into_exception)
    }
}

/// What a body that receives gets: what was fetched for it, or the next item from above.
#[inline]
fn take<T>(
    fetched: &mut Poll<Option<T>>,
    known: &mut Above,
    next: impl FnOnce() -> Poll<Option<T>>,
) -> Poll<Option<T>> {
    if fetched.is_ready() {
        return take_fetched(fetched);
    }
    let item = next();
    known.learn(&item);
    item
}

#[cold]
fn take_fetched<T>(fetched: &mut Poll<Option<T>>) -> Poll<Option<T>> {
    mem::replace(fetched, Poll::Pending)
}

/// The answer of a sync supplier.
#[inline]
fn supply<T>(item: Poll<T>) -> Supply<T> {
    match item {
        Poll::Ready(item) => Supply::Value(item),
        Poll::Pending => Supply::Nothing,
    }
}
