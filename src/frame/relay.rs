//! What delegation does in the outer frame: a scope and the yields in it, in one, so that there is one
//! look-up for both.

use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::head::{SUSPENDED, Status};
use super::scope::{Before, take_thrown};
use super::slot::{self, Lent, Slot};
use super::yielding::Yield;
use super::{Co, Exception, thread};

/// A scope in which values of somebody else are yielded, who gets the replies, and what is thrown.
pub(crate) struct Relay<Y, S> {
    token: Status,
    /// The last of the yields; `DONE` if there is none.
    yielding: Yield<Y, S>,
    _pinned: PhantomPinned,
}

/// What happened to the outer frame.
pub(crate) enum Event<S> {
    /// It was polled, and nothing had been yielded.
    Polled,
    Sent(S),
    Thrown(Exception),
}

/// What is to happen in the outer frame.
pub(crate) enum Answer<Y, T> {
    Yield(Y),
    Await,
    End(T),
}

impl<Y, S> Relay<Y, S> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>) -> Self {
        Self::with(Yield::done(co))
    }

    /// Begins by yielding `first`.
    #[inline]
    pub(crate) fn yielding(co: Co<'_, Y, S>, first: Y) -> Self {
        Self::with(Yield::new(co, first))
    }

    #[inline]
    fn with(yielding: Yield<Y, S>) -> Self {
        Self {
            // Ids are below `ID_END`, so the cast keeps the number.
            token: thread::fresh_id().get().cast_signed(),
            yielding,
            _pinned: PhantomPinned,
        }
    }

    /// Tells `answer` what happened, with the context of an async caller, unless the outer frame has
    /// nothing to tell yet; and does what it says.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn poll_with<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        answer: impl FnOnce(Event<S>, Option<&mut Context<'_>>) -> Answer<Y, T>,
    ) -> Poll<T> {
        // SAFETY: the yield is used in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as in `Yield::poll`.
        let slot = unsafe { &*slot::lookup(cx, this.yielding.id()).cast::<Slot<Y, S>>() };
        let before = Before::look(&slot.head);
        let cold = slot.head.cold();
        let event = 'event: {
            if !cold.is_null()
                && let Some(exception) = take_thrown(cold, this.token)
            {
                this.yielding.give_up();
                break 'event Event::Thrown(exception);
            }
            if this.yielding.is_done() {
                break 'event Event::Polled;
            }
            match this.yielding.poll_at(slot) {
                Poll::Ready(reply) => Event::Sent(reply),
                Poll::Pending => {
                    before.claim(&slot.head, this.token, SUSPENDED);
                    return Poll::Pending;
                }
            }
        };
        let lent = Lent::foreign(cx);
        let mut foreign = lent.as_ref().map(Lent::context);
        match answer(event, foreign.as_mut()) {
            Answer::Yield(value) => {
                this.yielding.renew(value);
                // It has no reply yet: it gives its value, or queues.
                let _given = this.yielding.poll_at(slot);
            }
            Answer::Await => {}
            Answer::End(value) => {
                before.restore(&slot.head);
                return Poll::Ready(value);
            }
        }
        before.claim(&slot.head, this.token, SUSPENDED);
        Poll::Pending
    }
}
