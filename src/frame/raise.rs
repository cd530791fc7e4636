use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::panic::Location;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::co::Co;
use super::cold_data;
use super::exception::Exception;
use super::flags::Flags;
use super::never::Never;
use super::slot::{self, SlotHead, WakerParts};
use super::thread::Stays;
use crate::debug::debug;

/// A raise: the future that [`Co::raise`] makes. It never ends: the innermost scope around it drops
/// it and catches the exception, or the whole body is dropped and the caller gets the exception.
///
/// # Panics
///
/// If it is awaited where its generator is not running (with the caller's location).
#[must_use = "a raise does nothing until it is awaited"]
pub struct Raise<Y, S> {
    id: NonZeroU64,
    exception: Option<Exception>,
    // As in `Co`.
    types: PhantomData<(fn(Y) -> S, Stays)>,
}

impl<Y, S> Raise<Y, S> {
    #[inline]
    pub(crate) fn new(co: Co<'_, Y, S>, exception: Exception) -> Self {
        Self {
            id: co.id,
            exception: Some(exception),
            types: PhantomData,
        }
    }
}

impl<Y, S> Future for Raise<Y, S> {
    type Output = Never;

    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Never> {
        let exception = self.exception.take();
        self.exception = match slot::near(cx, self.id) {
            // SAFETY: the slot of the frame, on its own thread, while it is polled.
            Ok(slot) => raise(unsafe { &*slot }, exception, None),
            // SAFETY: a living waker's.
            Err(parts) => unsafe { raise_far(self.id, exception, parts, Location::caller()) },
        };
        Poll::Pending
    }
}

/// Raises, if that is possible now; otherwise gives the exception back. `foreign` is the waker that this is polled
/// with, unless that is the frame's own.
#[inline(always)]
fn raise(
    slot: &SlotHead,
    exception: Option<Exception>,
    foreign: Option<Waker>,
) -> Option<Exception> {
    if slot.has(Flags::RAISED) {
        // Another exception is on its way out. If a scope takes that, we are polled once more.
        let _pending = slot.ask_again::<Never>(foreign);
        return exception;
    }
    let exception = exception?;
    slot.set(Flags::RAISED);
    // SAFETY: the cold box of the frame that is being polled.
    let (cold, stale) = unsafe { cold_data::raise(slot.cold(), exception) };
    slot.set_cold(cold);
    // Last: a destructor may raise in its turn.
    drop(stale);
    None
}

/// [`raise`], where the slot of frame `id` is far ([`slot::near`]).
///
/// # Safety
///
/// The parts are a living waker's.
#[cold]
#[inline(never)]
unsafe fn raise_far(
    id: NonZeroU64,
    exception: Option<Exception>,
    parts: WakerParts,
    at: &'static Location<'static>,
) -> Option<Exception> {
    // SAFETY: slots in the chain are valid, and this one is of this thread; a living waker's parts.
    let slot = unsafe { &*slot::find(id, parts, at) };
    // SAFETY: by the contract.
    let clone = || unsafe { slot.clone_foreign(parts) };
    let foreign = slot.has(Flags::RAISED).then(clone).flatten();
    raise(slot, exception, foreign)
}

debug!(impl[Y, S] self: Raise<Y, S> { exception: self.exception, .. });
