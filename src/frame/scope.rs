//! Scopes: the parts of a body that catch what is thrown into it.
//!
//! There is no stack of scopes, as scopes may be dropped in any order. Instead each has a token that was never used
//! before, and in each poll scopes claim to be the target of the next throw:
//!
//! 1. A scope whose inside gave a value in this poll claims the target, unless a scope inside it
//!    has: so the innermost scope around the yield wins.
//! 2. A scope whose inside is pending while no value was given claims for what it awaits, unless a
//!    scope inside it has. Of siblings (under `join!`) the one polled last wins. The claim counts
//!    only if no value is given in that poll. A combinator that polls only what
//!    was woken may leave out the scope inside that claimed the last time: as long as that scope has not ended, the
//!    claim is still its own. A body, or a part of it, may be polled more than once in one poll, so a scope withdraws
//!    the claims made so far while it polls its inside, and puts them back if it ends. In this way, what its inside
//!    claimed can be told from what was claimed before, even if both are the same.
//! 3. A throw leaves the exception with the token of its target in the cold box and polls; the
//!    target, when it is polled, drops its inside and takes the exception. If the target has been
//!    dropped, or is not polled, the scope around it takes it on the way out.
//! 4. A raise marks the slot and suspends; the first scope on the way out takes the exception, drops its inside (and
//!    what that ended with, if it ended in that poll), takes back what was given in there, and withdraws the claims
//!    made in there. A scope that is polled while the slot is marked is not on that way: the raise was beside it.
//! 5. A scope that is polled through a foreign waker keeps that waker with the frame, so that a throw can wake the
//!    scope.

use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::co::Co;
use super::cold_data;
use super::exception::Exception;
use super::flags::Flags;
use super::slot::{self, Slot, SlotHead, WakerParts};
use super::status::Target;
use super::thread::Stays;
use crate::debug::debug;

/// A scope: the future that [`Co::catch`] makes.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location), or if it is
/// polled after it has ended.
#[must_use = "a scope does nothing until it is awaited"]
pub struct Catch<Y, S, F> {
    id: NonZeroU64,
    edge: Edge,
    inside: Option<F>,
    // As in `Co`.
    types: PhantomData<(fn(Y) -> S, Stays)>,
}

impl<Y, S, F> Catch<Y, S, F> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, inside: F) -> Self {
        Self {
            id: co.id,
            edge: Edge::new(),
            inside: Some(inside),
            types: PhantomData,
        }
    }
}

/// What makes a scope of a future that is stored elsewhere.
pub(crate) struct Edge {
    token: Target,
    /// The scope inside that claimed to be the target the last time, if this one did not.
    deferred: Target,
}

/// What a scope sees in the slot before it polls its inside.
#[derive(Clone, Copy)]
pub(super) struct Before {
    flags: Flags,
    awaiting: Target,
}

impl Before {
    /// Withdraws what was claimed (invariant 2).
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn look(slot: &SlotHead) -> Self {
        Self {
            flags: slot.flags(),
            awaiting: slot.awaiting.replace(Target::NONE),
        }
    }

    /// Whether there was nothing, or only a reply.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn is_plain(&self) -> bool {
        self.flags.without(Flags::REPLIED) == Flags::NONE
    }

    /// The inside is pending: claims for scope `token` what invariants 1 and 2 give to it. Returns
    /// the scope inside that has claimed already, if there is one.
    ///
    /// `deferred` is what this returned the last time. It stays where there is nothing to claim, as it may have been
    /// claimed in this poll.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn claim(&self, slot: &SlotHead, token: Target, deferred: Target) -> Target {
        if self.flags.any(Flags::FULL) {
            return deferred;
        }
        let claimed = if slot.has(Flags::FULL) {
            &slot.scope
        } else {
            &slot.awaiting
        };
        if claimed.get().is_none() {
            // SAFETY: null, or the cold box of the frame that is being polled.
            if unsafe {
                deferred.is_none()
                    || slot.has(Flags::FULL)
                    || !cold_data::stands(slot.cold(), deferred)
            } {
                claimed.set(token);
                return Target::NONE;
            }
            // That scope is still inside, under a combinator that did not poll it this time.
            claimed.set(deferred);
        }
        claimed.get()
    }

    /// The scope ends: restores what was claimed before.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn restore(&self, slot: &SlotHead) {
        slot.awaiting.set(self.awaiting);
    }

    /// Whether the inside has raised.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn sees_a_raise(&self, slot: &SlotHead) -> bool {
        slot.has(Flags::RAISED) && !self.flags.any(Flags::RAISED)
    }

    /// The inside has raised: takes the exception, and takes back what was given and claimed in
    /// there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn recover<Y, S>(&self, slot: &Slot<Y, S>) -> Option<Exception> {
        self.restore(&slot.head);
        slot.head.clear(Flags::RAISED);
        // SAFETY: null, or the cold box of the frame that is being polled.
        let exception = unsafe { cold_data::take_raised(slot.head.cold()) };
        if !self.flags.any(Flags::FULL) {
            slot.head.scope.set(Target::NONE);
            // The destructor of that may yield in its turn.
            drop(slot.take_back());
        }
        exception
    }
}

/// How a scope begins a poll: what was thrown to it, if something was.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn enter(slot: &SlotHead, token: Target) -> (Before, Option<Exception>) {
    let before = Before::look(slot);
    if before.is_plain() {
        return (before, None);
    }
    let thrown = take_thrown(slot, token);
    if thrown.is_some() {
        before.restore(slot);
    }
    (before, thrown)
}

/// How a scope ends a poll of its inside.
enum Left {
    /// With an exception.
    Caught(Exception),
    /// The inside is over.
    Over,
    /// The inside is pending. Holds the scope inside that has claimed a throw.
    Pending(Target),
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn leave<Y, S>(
    slot: &Slot<Y, S>,
    before: Before,
    token: Target,
    deferred: Target,
    over: bool,
) -> Left {
    if !over && deferred.is_none() && slot.head.flags() == Flags::FULL && before.is_plain() {
        // Something in there has given a value: the usual case.
        let claimed = slot.head.scope.get();
        return Left::Pending(if claimed.is_none() {
            slot.head.scope.set(token);
            Target::NONE
        } else {
            claimed
        });
    }
    if !deferred.is_none() {
        if let Some(exception) = take_thrown(&slot.head, deferred) {
            before.restore(&slot.head);
            return Left::Caught(exception);
        }
    }
    // Also if the inside is over: what raised in there may stand beside what ended it.
    if before.sees_a_raise(&slot.head) {
        if let Some(exception) = before.recover(slot) {
            return Left::Caught(exception);
        }
    }
    if over {
        before.restore(&slot.head);
        return Left::Over;
    }
    Left::Pending(before.claim(&slot.head, token, deferred))
}

/// [`enter`], where the slot of frame `id` is far ([`slot::near`]).
///
/// # Safety
///
/// The parts are a living waker's.
#[cold]
#[inline(never)]
unsafe fn enter_far(
    id: NonZeroU64,
    token: Target,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> (Before, Option<Exception>) {
    // SAFETY: slots in the chain are valid, and this one is of this thread.
    let slot = unsafe { &*slot::find(id, parts, at) };
    let (before, thrown) = enter(slot, token);
    if thrown.is_some() {
        slot.forget_scope(token);
    }
    (before, thrown)
}

/// [`leave`], where it is far. Keeps the waker with `parts`, or forgets it.
///
/// # Safety
///
/// They are a living waker's; `Y` and `S` are the frame's.
#[cold]
#[inline(never)]
unsafe fn leave_far<Y, S>(
    id: NonZeroU64,
    before: Before,
    token: Target,
    deferred: Target,
    over: bool,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> Left {
    // SAFETY: as in `enter_far`, and by the contract.
    let slot = unsafe { &*slot::find(id, parts, at).cast::<Slot<Y, S>>() };
    let left = leave(slot, before, token, deferred, over);
    if let Left::Pending(_) = left {
        // SAFETY: by the contract.
        unsafe { slot.head.keep_scope(token, parts) };
    } else {
        slot.head.forget_scope(token);
    }
    left
}

impl Edge {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            token: Target::fresh(),
            deferred: Target::NONE,
        }
    }

    /// Polls `inside` as a scope in the frame of `co`, and drops it when the scope ends.
    #[inline]
    #[track_caller]
    pub(crate) fn poll_around<Y, S, F: Future>(
        &mut self,
        co: Co<'_, Y, S>,
        inside: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Exception>> {
        // SAFETY: a `Co` has the types of its frame.
        unsafe { self.poll_in::<Y, S, F>(co.id, inside, cx) }
    }

    /// # Safety
    ///
    /// `Y` and `S` are those of frame `id`.
    #[inline(always)]
    #[track_caller]
    unsafe fn poll_in<Y, S, F: Future>(
        &mut self,
        id: NonZeroU64,
        mut inside: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Exception>> {
        let (token, at) = (self.token, Location::caller());
        let (before, thrown) = match slot::near(cx, id) {
            // SAFETY: as in `Yield::poll`.
            Ok(slot) => enter(unsafe { &*slot }, token),
            // SAFETY: a living waker's parts.
            Err(parts) => unsafe { enter_far(id, token, parts, at) },
        };
        let outcome = if let Some(exception) = thrown {
            Err(exception)
        } else {
            let Some(running) = inside.as_mut().as_pin_mut() else {
                finished()
            };
            let polled = running.poll(cx);
            let over = polled.is_ready();
            // Looked up again: if the slot were kept meanwhile, the optimiser would not see what it
            // is.
            // SAFETY: as above; a living waker's parts; the types are those of frame `id`.
            let left = unsafe {
                match slot::near(cx, id) {
                    Ok(slot) => {
                        let slot = &*slot.cast::<Slot<Y, S>>();
                        leave(slot, before, token, self.deferred, over)
                    }
                    Err(parts) => {
                        leave_far::<Y, S>(id, before, token, self.deferred, over, parts, at)
                    }
                }
            };
            match (left, polled) {
                (Left::Caught(exception), _) => Err(exception),
                (_, Poll::Ready(value)) => Ok(value),
                (Left::Pending(deferred), Poll::Pending) => {
                    if self.deferred != deferred {
                        self.deferred = deferred;
                    }
                    return Poll::Pending;
                }
                // (It is over if it was ready.)
                (Left::Over, Poll::Pending) => return Poll::Pending,
            }
        };
        // In one place, so that the drop of a small inside is inlined.
        inside.set(None);
        Poll::Ready(outcome)
    }
}

impl<Y, S, F: Future> Future for Catch<Y, S, F> {
    type Output = Result<F::Output, Exception>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: `inside` is pinned with us: it is only polled in place and dropped in place.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let inside = unsafe { Pin::new_unchecked(&mut this.inside) };
        // SAFETY: the id is that of a `Co` of these types.
        unsafe { this.edge.poll_in::<Y, S, F>(this.id, inside, cx) }
    }
}

/// The exception that is on its way to scope `target`.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn take_thrown(slot: &SlotHead, target: Target) -> Option<Exception> {
    if !slot.has(Flags::THROWN) {
        return None;
    }
    // SAFETY: the cold box of the frame that is being polled.
    let thrown = unsafe { cold_data::take_thrown(slot.cold(), target) };
    if thrown.is_some() {
        slot.clear(Flags::THROWN);
    }
    thrown
}

#[cold]
#[inline(never)]
fn finished() -> ! {
    panic!("a scope was polled after it had ended")
}

debug!(impl[Y, S, F] self: Catch<Y, S, F> { id: self.id, ended: self.inside.is_none(), .. });
