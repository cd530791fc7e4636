//! Whether a body that is pending, and has given nothing, is polled once more before that means anything.
//!
//! The code that decides is not inlined, and takes values, so that the resume function keeps few of
//! them.

use core::mem::MaybeUninit;

use super::slot_head::SlotHead;
use super::values::Slot;
use crate::frame::cold_data::{self, ColdData};
use crate::frame::flags::Flags;
use crate::frame::yield_queue::{Polls, Round};

/// Without one of these flags, a body that is pending is not polled once more: what it awaits is then nothing of
/// ours, but a future that may have woken our waker without cloning it, and is just not ready.
const MAY_GO_ON: Flags = Flags::THROWN
    .with(Flags::REPLIED)
    .with(Flags::CLONED)
    .with(Flags::QUEUED);

impl SlotHead {
    /// The body is pending, and has given nothing. Returns whether it is to be polled once more. A combinator that
    /// has polled many futures stops, and wakes its own waker, to be polled again: what it has not polled yet may be
    /// what the reply, or an exception, is for. `polls` is initialised if there is `COUNTED`.
    #[inline(always)]
    pub(in crate::frame) fn is_to_go_on(&self, polls: &mut MaybeUninit<Polls>) -> bool {
        let flags = self.flags();
        if !flags.any(MAY_GO_ON) {
            return false;
        }
        // SAFETY: null, or the cold box of the frame that is being resumed; the flag says what `polls` is.
        let goes_on = unsafe { goes_on(flags, self.is_sync(), self.cold(), polls) };
        if goes_on {
            self.set_rare_flags(flags.without(Flags::WOKEN).with(Flags::COUNTED));
        }
        goes_on
    }

    /// Another body is polled, and begins without a round.
    pub(in crate::frame) fn forget_round(&self, polls: &mut MaybeUninit<Polls>) {
        if self.has(Flags::COUNTED) {
            // SAFETY: the flag says so.
            unsafe { polls.assume_init_mut() }.round = Round::None;
        }
    }
}

impl<Y, S> Slot<Y, S> {
    /// Nothing was given in a poll, though something asked. Returns whether the body is to be polled once more.
    /// `polls` is initialised if there is `COUNTED`.
    #[inline(always)]
    pub(in crate::frame) fn go_round(&self, polls: &mut MaybeUninit<Polls>) -> bool {
        let head = &self.head;
        if head.has(Flags::THROWN) {
            // Nothing may be given before that has been taken.
            return false;
        }
        // SAFETY: null, or the cold box of the frame that is being resumed; the flag says what `polls` is.
        let done = match unsafe { next_round(head.flags(), head.cold(), polls) } {
            Next::End => return false,
            Next::Round => Flags::ASKED,
            Next::LastRound => Flags::ASKED.with(Flags::QUEUED),
        };
        // The flags are read again, as what was woken is foreign code.
        head.set_rare_flags(head.flags().without(done).with(Flags::COUNTED));
        if let Some(reply) = self.take_reply() {
            // The yield that the reply is for was not polled, and no other reply will come for it.
            head.renew();
            drop(reply);
        }
        true
    }
}

/// What was counted in this resume.
///
/// # Safety
///
/// It is initialised if there is `COUNTED`.
unsafe fn counted(flags: Flags, polls: &mut MaybeUninit<Polls>) -> &mut Polls {
    if !flags.any(Flags::COUNTED) {
        polls.write(Polls::NONE);
    }
    // SAFETY: by the contract, or as it was written now.
    unsafe { polls.assume_init_mut() }
}

/// # Safety
///
/// As for [`counted`]. `cold` is null, or the cold box of the frame that is being resumed.
// Not cold: see `frame.rs`, 3.
#[inline(never)]
unsafe fn goes_on(
    flags: Flags,
    sync: bool,
    cold: *const ColdData,
    polls: &mut MaybeUninit<Polls>,
) -> bool {
    // SAFETY: by the contract.
    let polls = unsafe { counted(flags, polls) };
    let goes_on = polls.again < most(flags, sync, cold);
    polls.again += u32::from(goes_on);
    goes_on
}

/// How often a body that is pending, and has given nothing, is polled once more in one resume.
fn most(flags: Flags, sync: bool, cold: *const ColdData) -> u32 {
    let thrown = flags.any(Flags::THROWN);
    let due = thrown || (flags.any(Flags::REPLIED) && !cold.is_null());
    // An async caller that was woken polls again.
    let waits = sync && flags.any(Flags::CLONED.with(Flags::QUEUED));
    if flags.any(Flags::WOKEN) && (due || waits) {
        1 << 14
    } else if sync {
        0
    } else if thrown {
        // The caller's own waker may be what was woken, and there is no flag for that. The exception is for this
        // resume.
        1 << 10
    } else if due && !flags.any(Flags::QUEUED) {
        1 << 4
    } else {
        0
    }
}

/// What [`next_round`] says.
enum Next {
    End,
    Round,
    LastRound,
}

/// Whether there is one more round, after waking those that leave the queue for it.
///
/// # Safety
///
/// As for [`goes_on`].
// Not cold, either.
#[inline(never)]
unsafe fn next_round(flags: Flags, cold: *mut ColdData, polls: &mut MaybeUninit<Polls>) -> Next {
    // SAFETY: by the contract.
    let polls = unsafe { counted(flags, polls) };
    // SAFETY: by the contract.
    let Some(next) = (unsafe { cold_data::go_round(cold, polls.round) }) else {
        return Next::End;
    };
    polls.round = next;
    if next == Round::Last {
        Next::LastRound
    } else {
        Next::Round
    }
}
