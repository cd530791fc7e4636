//! What takes the place of a thread: everything of a frame stays where that was made.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::frame::flags::Flags;

/// A part of what must stay where it was made.
pub(in crate::frame) type Stays = *const ();

/// Stands for the thread: there is one as far as a slot is concerned, as its futures are where it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::frame) struct ThreadToken;

#[inline(always)]
pub(in crate::frame) fn current() -> ThreadToken {
    ThreadToken
}

#[inline(always)]
pub(in crate::frame) fn unique() -> u64 {
    1
}

/// What our waker was told, perhaps elsewhere, until the slot's own code takes it.
#[derive(Default)]
pub(in crate::frame) struct Told {
    woken: AtomicBool,
    cloned: AtomicBool,
}

impl Told {
    pub(in crate::frame) fn wake(&self) {
        self.woken.store(true, Ordering::Relaxed);
    }

    pub(in crate::frame) fn clone_waker(&self) {
        self.cloned.store(true, Ordering::Relaxed);
    }

    /// What has happened. What happens elsewhere at this time may be lost: that is not waited for here.
    #[inline]
    pub(in crate::frame) fn take(&self) -> Flags {
        let mut flags = Flags::NONE;
        if self.woken.load(Ordering::Relaxed) {
            self.woken.store(false, Ordering::Relaxed);
            flags = flags.with(Flags::WOKEN);
        }
        if self.cloned.load(Ordering::Relaxed) {
            self.cloned.store(false, Ordering::Relaxed);
            flags = flags.with(Flags::CLONED);
        }
        flags
    }
}
