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
//!    its inside, takes back what was given in there, and withdraws the claims made in there. A scope that
//!    is polled while the slot is marked is not on that way: the raise was beside it.
//! 5. A scope that is polled through a foreign waker keeps that with the frame, for a throw to wake it.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::cold;
use super::slot::{self, Flags, Slot, SlotHead};
use super::status::Target;
use super::{Co, Exception};

/// A scope: the future that [`Co::catch`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running, with the caller's location, or if it is
/// polled after it has ended.
#[must_use = "a scope does nothing until it is awaited"]
pub struct Catch<Y, S, F> {
    id: NonZeroU64,
    token: Target,
    /// The scope inside that claimed to be the target the last time, if this one did not.
    deferred: Target,
    inside: Option<F>,
    // As in `Co`.
    types: PhantomData<fn(Y) -> S>,
}

impl<Y, S, F> Catch<Y, S, F> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, inside: F) -> Self {
        Self {
            id: co.id,
            token: Target::fresh(),
            deferred: Target::NONE,
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
    raised: bool,
    awaiting: Target,
}

impl Before {
    /// Withdraws what was claimed (invariant 2).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn look(slot: &SlotHead) -> Self {
        Self {
            given: slot.has(Flags::FULL),
            raised: slot.has(Flags::RAISED),
            awaiting: slot.awaiting.replace(Target::NONE),
        }
    }

    /// The inside is pending: claim for scope `token` what the invariants 1 and 2 give to it. The
    /// scope inside that has claimed it already, if there is one.
    ///
    /// `deferred` is what this gave the last time. It stays where there is nothing to claim: it may have
    /// been claimed in this poll.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn claim(&self, slot: &SlotHead, token: Target, deferred: Target) -> Target {
        if self.given {
            return deferred;
        }
        let claimed = if slot.has(Flags::FULL) {
            &slot.scope
        } else {
            &slot.awaiting
        };
        if claimed.get().is_none() {
            claimed.set(token);
            return Target::NONE;
        }
        claimed.get()
    }

    /// The scope ends: what is claimed is what was before.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn restore(&self, slot: &SlotHead) {
        slot.awaiting.set(self.awaiting);
    }

    /// Whether the inside has raised.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sees_a_raise(&self, slot: &SlotHead) -> bool {
        slot.has(Flags::RAISED) && !self.raised
    }

    /// The inside has raised: take the exception, and back what was given and claimed in there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn recover<Y, S>(&self, slot: &Slot<Y, S>) -> Option<Exception> {
        self.restore(&slot.head);
        slot.head.clear(Flags::RAISED);
        // SAFETY: null, or the cold box of the frame that is being polled.
        let exception = unsafe { cold::take_raised(slot.head.cold()) };
        if !self.given {
            slot.head.scope.set(Target::NONE);
            // Its destructor may yield in its turn.
            drop(slot.take_back());
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
            if let Some(exception) = take_thrown(&slot.head, this.token) {
                break 'outcome Err(exception);
            }
            let Some(running) = inside.as_mut().as_pin_mut() else {
                finished()
            };
            let before = Before::look(&slot.head);
            let polled = running.poll(cx);
            if !this.deferred.is_none()
                && let Some(exception) = take_thrown(&slot.head, this.deferred)
            {
                before.restore(&slot.head);
                break 'outcome Err(exception);
            }
            if let Poll::Ready(value) = polled {
                before.restore(&slot.head);
                break 'outcome Ok(value);
            }
            if before.sees_a_raise(&slot.head)
                && let Some(exception) = before.recover(slot)
            {
                break 'outcome Err(exception);
            }
            this.deferred = before.claim(&slot.head, this.token, this.deferred);
            slot.head.keep_scope(this.token, cx);
            return Poll::Pending;
        };
        slot.head.forget_scope(this.token, cx);
        // In one place, so that the drop of a small inside is inlined.
        inside.set(None);
        Poll::Ready(outcome)
    }
}

/// The exception that is on its way to scope `target`.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn take_thrown(slot: &SlotHead, target: Target) -> Option<Exception> {
    let cold = slot.cold();
    if cold.is_null() {
        return None;
    }
    // SAFETY: the cold box of the frame that is being polled.
    unsafe { cold::take_thrown(cold, target) }
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
