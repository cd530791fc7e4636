//! Whether a frame may be resumed, where a comparison does not tell.

use std::hint;
use std::mem::MaybeUninit;
use std::ptr;

use super::cold::{self, Cold};
use super::head::Head;
use super::slot::Flags;
use super::status::{Op, Status};
use super::turns::Generation;

/// How a resume begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Whether there is a reply or an exception, whether yields wait for their turn, and where the generations are.
    pub(super) flags: Flags,
    /// Somebody must be woken: [`super::cold::begin`].
    pub(super) care: bool,
}

impl Entry {
    /// At the start, or at a plain yield.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn plain(replied: bool) -> Self {
        Self {
            flags: if replied { Flags::REPLIED } else { Flags::NONE },
            care: false,
        }
    }
}

impl Entry {
    /// Before the resume: wakes whoever is to be polled in it.
    ///
    /// If a waker panics, the frame stays as it is, and the input is dropped.
    ///
    /// # Safety
    ///
    /// `input` is initialised if there is a reply.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) unsafe fn prepare<S>(self, head: &Head, input: MaybeUninit<S>) -> MaybeUninit<S> {
        if !self.care {
            return input;
        }
        let replied = self.flags.any(Flags::REPLIED);
        let mut input = Unused { input, replied };
        // SAFETY: null, or the cold box of the frame, whose head we have for ourselves.
        unsafe { cold::begin(head.cold, replied) };
        input.replied = false;
        // SAFETY: it is read once, as its drop does nothing now.
        unsafe { ptr::read(&raw const input.input) }
    }
}

/// An input that is dropped on unwind.
struct Unused<S> {
    input: MaybeUninit<S>,
    /// It is there.
    replied: bool,
}

impl<S> Drop for Unused<S> {
    fn drop(&mut self) {
        if self.replied {
            // SAFETY: it is there, and not used again.
            unsafe { self.input.assume_init_drop() };
        }
    }
}

/// How a resume by `op` begins; `None`: the state does not admit it.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn admit(head: &Head, op: Op) -> Option<Entry> {
    let status = head.status;
    if status.admits(op) {
        return Some(Entry::plain(true));
    }
    if status.is_created() && (op == Op::START || op == Op::NEXT) {
        // The input of `NEXT` is no reply, and is forgotten.
        return Some(Entry::plain(false));
    }
    hint::cold_path();
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
unsafe fn admit_rarely(cold: *mut Cold, op: Op, status: Status) -> Option<Entry> {
    if status.is_closed() || status.is_created() {
        return None;
    }
    // SAFETY: by the contract. Nothing of others runs while it lives.
    let cold = unsafe { cold.as_mut() };
    let awaiting = status.is_awaiting();
    let owed = cold.as_ref().is_some_and(|cold| cold.owed);
    let replied = match op {
        Op::CONTINUE if awaiting => false,
        Op::NEXT => !awaiting || owed,
        Op::SEND if !awaiting || owed => true,
        _ => return None,
    };
    let mut entry = Entry::plain(replied);
    if let Some(cold) = cold {
        cold.queue.begin();
        if owed && !replied {
            // The caller gave up the reply that it got back.
            cold.generation = cold.generation.next();
        }
        cold.owner = cold.generation;
        if cold.generation != Generation::FIRST {
            entry.flags = entry.flags.with(Flags::LATER);
        }
        // Others' code runs then, which may panic: what is owed stays until that is over.
        entry.care = cold.has_due() && (!awaiting || replied);
        if !entry.care {
            cold.owed = false;
        }
        if cold.thrown.is_some() {
            entry.flags = entry.flags.with(Flags::THROWN);
        }
        if !cold.queue.is_empty() {
            entry.flags = entry.flags.with(Flags::QUEUED);
        }
    }
    Some(entry)
}
