//! What delegation does in the outer frame: a scope and the yields in it, combined, so that there is one look-up for
//! both.

use core::marker::PhantomPinned;
use core::num::NonZeroU64;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::co::Co;
use super::exception::Exception;
use super::scope::{Before, take_thrown};
use super::slot::{self, BorrowedWaker, Slot, SlotHead, WakerParts};
use super::status::Target;
use super::yielding::Yield;

/// A scope in which the values of a sub-generator are yielded. The sub-generator gets the replies,
/// and what is thrown.
pub(crate) struct Relay<Y, S> {
    token: Target,
    /// The last of the yields; if there is none, a yield that is over.
    yielding: Yield<Y, S>,
    _pinned: PhantomPinned,
}

/// What happened to the outer frame.
pub(crate) enum Event<S> {
    /// The outer frame was polled, and nothing had been yielded.
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

    /// Tells `answer` what happened, with the context of an async caller, unless the outer frame has nothing to tell
    /// yet, and does what the answer says.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn poll_with<T>(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        answer: impl FnOnce(Event<S>, Option<&mut Context<'_>>) -> Answer<Y, T>,
    ) -> Poll<T> {
        // SAFETY: the yield is used in place.
        let this = unsafe { self.get_unchecked_mut() };
        let (id, token, at) = (this.yielding.id(), this.token, Location::caller());
        // SAFETY: as in `Yield::poll`.
        let slot = slot::near(cx, id).map(|slot| unsafe { &*slot.cast::<Slot<Y, S>>() });
        let (before, thrown) = match slot {
            Ok(slot) => look(&slot.head, token),
            // SAFETY: a living waker's parts.
            Err(parts) => unsafe { look_far(id, token, parts, at) },
        };
        let end = |end| match slot {
            Ok(slot) => end_poll(&slot.head, before, token, end),
            // SAFETY: a living waker's parts.
            Err(parts) => unsafe { end_far(id, before, token, end, parts, at) },
        };
        let event = if let Some(exception) = thrown {
            this.yielding.give_up();
            Event::Thrown(exception)
        } else if this.yielding.is_done() {
            Event::Polled
        } else {
            // SAFETY: the slot is that of the frame of the yield, by the look-up.
            match unsafe { this.yielding.poll_in(slot) } {
                Poll::Ready(reply) => Event::Sent(reply),
                Poll::Pending => {
                    end(End::Pending);
                    return Poll::Pending;
                }
            }
        };
        // A copy: the address of `cx` stays here.
        let lent = BorrowedWaker::of(cx);
        let mut outer = lent.as_ref().map(BorrowedWaker::context);
        match answer(event, outer.as_mut()) {
            Answer::Yield(value) => {
                this.yielding.renew(value);
                // The yield has no reply yet: it gives its value, or queues.
                // SAFETY: as above.
                let _given = unsafe { this.yielding.poll_in(slot) };
            }
            Answer::Await => {}
            Answer::End(value) => {
                end(End::Over);
                return Poll::Ready(value);
            }
        }
        end(End::Pending);
        Poll::Pending
    }
}

/// How a poll ends.
#[derive(Clone, Copy)]
enum End {
    Pending,
    Over,
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn look(slot: &SlotHead, token: Target) -> (Before, Option<Exception>) {
    (Before::look(slot), take_thrown(slot, token))
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn end_poll(slot: &SlotHead, before: Before, token: Target, end: End) {
    match end {
        End::Pending => {
            before.claim(slot, token, Target::NONE);
        }
        End::Over => before.restore(slot),
    }
}

/// [`look`], where the slot of frame `id` is far ([`slot::near`]).
///
/// # Safety
///
/// The parts are a living waker's.
#[cold]
#[inline(never)]
unsafe fn look_far(
    id: NonZeroU64,
    token: Target,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> (Before, Option<Exception>) {
    // SAFETY: slots in the chain are valid, and this one is of this thread.
    look(unsafe { &*slot::find(id, parts, at) }, token)
}

/// [`end_poll`], where the slot is far.
///
/// # Safety
///
/// The parts are a living waker's.
#[cold]
#[inline(never)]
unsafe fn end_far(
    id: NonZeroU64,
    before: Before,
    token: Target,
    end: End,
    parts: WakerParts,
    at: &'static Location<'static>,
) {
    // SAFETY: as in `look_far`.
    let slot = unsafe { &*slot::find(id, parts, at) };
    end_poll(slot, before, token, end);
    match end {
        // SAFETY: by the contract.
        End::Pending => unsafe { slot.keep_scope(token, parts) },
        End::Over => slot.forget_scope(token),
    }
}
