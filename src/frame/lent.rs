//! Resuming for a stream.

use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::Waker;

use super::engine::step;
use super::status::Op;
use super::{Engine, Raw, Resumed};

/// Starts, or goes on from a yield, or polls again, under a waker that is lent: one of ours, of which
/// clones are `caller`'s, and which wakes that. So the body finds its slot as in a sync resume, at no cost;
/// what it awaits does not see `caller` itself.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn next_lent<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    caller: &Waker,
    value: E::Send,
) -> Resumed<E::Yield, E::Return, E::Send> {
    debug_assert_eq!(size_of::<E::Send>(), 0, "a stream sends nothing");
    // SAFETY: the input is initialised.
    match unsafe { step(engine.as_mut(), Op::NEXT, MaybeUninit::new(value), caller) } {
        Raw::Yielded(value) => Resumed::Yielded(value),
        Raw::Complete(value) => Resumed::Complete(value),
        Raw::Raised => super::engine::raised(engine),
        Raw::Refused => Resumed::Refused(None),
        Raw::Pending | Raw::Unused => Resumed::Pending(None),
    }
}
