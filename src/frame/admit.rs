//! Whether a frame may be resumed, where one comparison does not tell.

use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::ptr;

use super::cold_data::{self, ColdData};
use super::cold_path::cold_path;
use super::flags::Flags;
use super::frame_head::FrameHead;
use super::status::{Op, Status};
use super::yield_state::Generation;

/// The input of a resume, until the resume begins: it is dropped on unwind.
pub(super) struct Input<S> {
    input: MaybeUninit<S>,
    /// Whether there is an input.
    there: bool,
}

impl<S> Input<S> {
    /// # Safety
    ///
    /// It is initialised if `op` takes one.
    #[inline(always)]
    pub(super) unsafe fn new(input: MaybeUninit<S>, op: Op) -> Self {
        Self {
            input,
            there: op.takes_input(),
        }
    }

    #[inline(always)]
    pub(super) fn into_inner(self) -> MaybeUninit<S> {
        let this = ManuallyDrop::new(self);
        // SAFETY: it is read once, as it is not dropped.
        unsafe { ptr::read(&raw const this.input) }
    }
}

impl<S> Drop for Input<S> {
    #[inline(always)]
    fn drop(&mut self) {
        if mem::needs_drop::<S>() && self.there {
            // SAFETY: it is there, and not used again.
            unsafe { self.input.assume_init_drop() };
        }
    }
}

/// Whether a resume by `op` begins, and how: whether there is a reply or an exception, whether yields wait for their
/// turn, and where the generations are. `None`: the state does not admit it. Wakes what is to be polled in this
/// resume; if a waker panics, the frame stays as it is.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn admit(head: &FrameHead, op: Op) -> Option<Flags> {
    let status = head.status;
    if status.admits(op) {
        return Some(Flags::REPLIED);
    }
    if status.is_created() && (op == Op::START || op == Op::NEXT) {
        // The input of `NEXT` is not a reply, and is forgotten.
        return Some(Flags::NONE);
    }
    cold_path();
    // SAFETY: the head's own, which we have a reference to; only this frame's resumes change it.
    unsafe { admit_rarely(head.cold, op, status) }
}

/// [`admit`], where the comparison did not tell.
///
/// # Safety
///
/// `cold` is null, or the cold box of a frame that the caller may change.
#[cold]
#[inline(never)]
unsafe fn admit_rarely(cold: *mut ColdData, op: Op, status: Status) -> Option<Flags> {
    if status.is_closed() || status.is_created() {
        return None;
    }
    // SAFETY: by the contract. No foreign code runs while the reference lives.
    let rare = unsafe { cold.as_mut() };
    let awaiting = status.is_awaiting();
    let owed = rare.as_ref().is_some_and(|rare| rare.owed);
    let replied = match op {
        Op::CONTINUE if awaiting => false,
        Op::NEXT => !awaiting || owed,
        Op::SEND if !awaiting || owed => true,
        _ => return None,
    };
    let mut flags = if replied { Flags::REPLIED } else { Flags::NONE };
    let Some(rare) = rare else { return Some(flags) };
    rare.queue.begin();
    if owed && !replied {
        // The caller has given up the reply that came back to it.
        rare.generation = rare.generation.next();
    }
    rare.owner = rare.generation;
    if rare.generation != Generation::FIRST {
        flags = flags.with(Flags::LATER);
    }
    if rare.thrown.is_some() {
        flags = flags.with(Flags::THROWN);
    }
    if !rare.queue.is_empty() {
        flags = flags.with(Flags::QUEUED);
    }
    if rare.has_due() && (!awaiting || replied) {
        // This runs foreign code, which may panic: what is owed stays until that is over.
        // SAFETY: by the contract.
        unsafe { cold_data::begin(cold, replied) };
    } else {
        rare.owed = false;
    }
    Some(flags)
}
