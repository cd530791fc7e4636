//! Scopes: the parts of a body that catch what is thrown into it.
//!
//! There is no stack of scopes, as scopes may be dropped in any order. Instead each has a token that
//! nobody had before, and in each poll scopes claim to be the target of the next throw:
//!
//! 1. A scope whose inside gave a value in this poll claims the target, unless a scope inside it
//!    has: so the innermost scope around the yield wins.
//! 2. A scope whose inside is pending while no value was given claims for what it awaits, unless a
//!    scope inside it has. Of siblings (under `join!`) the one polled last wins. The claim counts
//!    only if no value is given in that poll. A body, or a part of it, may be polled more than once in one
//!    poll: so a scope withdraws the claims made so far while it polls its inside, and puts them back if
//!    it ends. What its inside claimed is then told from what was claimed before, though it be the same.
//! 3. A throw leaves the exception with the token of its target in the cold box and polls; the
//!    target, when it is polled, drops its inside and takes the exception. If the target has been
//!    dropped, or is not polled, the scope around it takes it on the way out.
//! 4. A raise marks the slot and suspends; the first scope on the way out takes the exception, drops
//!    its inside, takes back what was given in there, and withdraws the claims made in there.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::head::{Cold, SUSPENDED, Status};
use super::slot::{self, BLOCKED, Slot, SlotHead, is_unit, next_given};
use super::{Co, Exception, thread};

/// A scope: the future that [`Co::catch`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running, with the caller's location, or if it is
/// polled after it has ended.
#[must_use = "a scope does nothing until it is awaited"]
pub struct Catch<Y, S, F> {
    id: NonZeroU64,
    token: Status,
    /// The token of the scope inside that claimed the target the last time, if this one did not.
    deferred: Status,
    inside: Option<F>,
    // As in `Co`.
    types: PhantomData<fn(Y) -> S>,
}

impl<Y, S, F> Catch<Y, S, F> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, inside: F) -> Self {
        // Ids are below `ID_END`, so the cast keeps the number.
        let token = thread::fresh_id().get().cast_signed();
        Self {
            id: co.id,
            token,
            deferred: SUSPENDED,
            inside: Some(inside),
            types: PhantomData,
        }
    }

    /// Makes it a scope of another frame, of the same types.
    #[cfg(feature = "aio")]
    pub(super) fn set_id(&mut self, id: NonZeroU64) {
        self.id = id;
    }
}

/// What a scope sees in the slot before it polls its inside.
pub(super) struct Before {
    given: bool,
    awaiting: Status,
}

impl Before {
    /// Withdraws what was claimed (invariant 2).
    #[inline(always)]
    pub(super) fn look(slot: &SlotHead) -> Self {
        Self {
            given: slot.full.get(),
            awaiting: slot.awaiting.replace(SUSPENDED),
        }
    }

    /// The inside is pending: claim for scope `token` what the invariants 1 and 2 give to it. The
    /// scope inside that has claimed it already, if there is one.
    ///
    /// `deferred` is what this gave the last time. It stays where there is nothing to claim: it may have
    /// been claimed in this poll.
    #[inline(always)]
    pub(super) fn claim(&self, slot: &SlotHead, token: Status, deferred: Status) -> Status {
        if self.given {
            return deferred;
        }
        let claimed = if slot.full.get() {
            &slot.scope
        } else {
            &slot.awaiting
        };
        if claimed.get() == SUSPENDED {
            claimed.set(token);
            return SUSPENDED;
        }
        claimed.get()
    }

    /// The scope ends: what is claimed is what was before.
    #[inline(always)]
    pub(super) fn restore(&self, slot: &SlotHead) {
        slot.awaiting.set(self.awaiting);
    }

    /// The inside has raised: take the exception, and back what was given and claimed in there.
    #[inline(always)]
    fn recover<Y, S>(&self, slot: &Slot<Y, S>) -> Option<Exception> {
        self.restore(&slot.head);
        slot.head.raised.set(false);
        let exception = take_raised(slot.head.cold());
        if slot.head.full.get() && !self.given {
            slot.head.full.set(false);
            slot.head.scope.set(SUSPENDED);
            if slot.head.key.get() & BLOCKED != 0 {
                // A call, not a value.
                slot.head.key.set(slot.head.key.get() & !BLOCKED);
                return exception;
            }
            if !is_unit::<S>() {
                // Whose value is taken back may live on outside: it has no reply to come.
                slot.head.given.set(next_given(slot.head.given.get()));
            }
            // SAFETY: there was a value (slot invariant 4), and is none any more. It is moved out
            // first: its destructor may yield in its turn.
            drop(unsafe { (*slot.out.get()).assume_init_read() });
        }
        exception
    }
}

impl<Y, S, F: Future> Future for Catch<Y, S, F> {
    type Output = Result<F::Output, Exception>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `inside` is pinned with us: it is only polled in place and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as in `Yield::poll`.
        let slot = unsafe { &*slot::lookup(cx, this.id).cast::<Slot<Y, S>>() };
        // SAFETY: as above.
        let mut inside = unsafe { Pin::new_unchecked(&mut this.inside) };
        let outcome = 'outcome: {
            let cold = slot.head.cold();
            if !cold.is_null()
                && let Some(exception) = take_thrown(cold, this.token)
            {
                break 'outcome Err(exception);
            }
            let Some(running) = inside.as_mut().as_pin_mut() else {
                finished()
            };
            let before = Before::look(&slot.head);
            let polled = running.poll(cx);
            if this.deferred != SUSPENDED
                && !cold.is_null()
                && let Some(exception) = take_thrown(cold, this.deferred)
            {
                before.restore(&slot.head);
                break 'outcome Err(exception);
            }
            if let Poll::Ready(value) = polled {
                before.restore(&slot.head);
                break 'outcome Ok(value);
            }
            if slot.head.raised.get()
                && let Some(exception) = before.recover(slot)
            {
                break 'outcome Err(exception);
            }
            this.deferred = before.claim(&slot.head, this.token, this.deferred);
            return Poll::Pending;
        };
        // In one place, so that the drop of a small inside is inlined.
        inside.set(None);
        Poll::Ready(outcome)
    }
}

/// The exception that is on its way to scope `token`.
#[cold]
#[inline(never)]
pub(super) fn take_thrown(cold: *mut Cold, token: Status) -> Option<Exception> {
    // SAFETY: the cold box of the frame that is being polled, which nobody else refers to.
    let thrown = unsafe { &mut (*cold).thrown };
    thrown
        .take_if(|(target, _)| *target == token)
        .map(|(_, exception)| exception)
}

/// The exception that the body has raised.
#[cold]
#[inline(never)]
pub(super) fn take_raised(cold: *mut Cold) -> Option<Exception> {
    // SAFETY: null or the cold box of the frame that is being polled.
    unsafe { cold.as_mut() }?.raised.take()
}

/// The exception that was thrown in the last step and that no scope took.
pub(super) fn take_untaken(cold: *mut Cold) -> Option<Exception> {
    // SAFETY: null or the cold box of the frame that was resumed.
    unsafe { cold.as_mut() }?
        .thrown
        .take()
        .map(|(_, exception)| exception)
}

#[cold]
#[inline(never)]
fn finished() -> ! {
    panic!("a scope was polled after it had ended")
}

impl<Y, S, F> fmt::Debug for Catch<Y, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catch")
            .field("id", &self.id)
            .field("ended", &self.inside.is_none())
            .finish_non_exhaustive()
    }
}
