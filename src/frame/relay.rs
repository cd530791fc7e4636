//! What delegation does in the outer frame: a scope and the yields in it, in one, so that there is one
//! look-up for both.

use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::scope::{Before, take_thrown};
use super::slot::{self, Lent, Slot};
use super::status::Target;
use super::yielding::Yield;
use super::{Co, Exception};

/// A scope in which values of somebody else are yielded, who gets the replies, and what is thrown.
pub(crate) struct Relay<Y, S> {
    token: Target,
    /// The last of the yields; one that is over if there is none.
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
            token: Target::fresh(),
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
        let event = 'event: {
            if let Some(exception) = take_thrown(&slot.head, this.token) {
                this.yielding.give_up();
                break 'event Event::Thrown(exception);
            }
            if this.yielding.is_done() {
                break 'event Event::Polled;
            }
            // SAFETY: the slot is that of the frame of the yield, by the look-up.
            match unsafe { this.yielding.poll_in(slot, cx) } {
                Poll::Ready(reply) => Event::Sent(reply),
                Poll::Pending => {
                    before.claim(&slot.head, this.token, Target::NONE);
                    slot.head.keep_scope(this.token, cx);
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
                // SAFETY: as above.
                let _given = unsafe { this.yielding.poll_in(slot, cx) };
            }
            Answer::Await => {}
            Answer::End(value) => {
                before.restore(&slot.head);
                slot.head.forget_scope(this.token, cx);
                return Poll::Ready(value);
            }
        }
        before.claim(&slot.head, this.token, Target::NONE);
        slot.head.keep_scope(this.token, cx);
        Poll::Pending
    }
}
