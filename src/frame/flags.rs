//! The rare events of a resume, in one word.

/// What happened in a resume, and how it began. Set and cleared by what is polled, on the thread that
/// polls, and by the resume function. They are all in one word, so that one comparison tells that nothing rare has
/// happened.
///
/// | flag | meaning | set by | cleared by |
/// |---|---|---|---|
/// | `FULL` | no value may be given: there is one, or a call | the yield that gives, a call | a scope that takes it back, [`super::recursive_resume`] |
/// | `CALLED` | it is a call ([`super::call_slot`]) | a call | the same |
/// | `RAISED` | no value may be given: an exception is on its way out | a raise | the scope that takes it |
/// | `ASKED` | something asked in vain: poll once more, if nothing is given | a call, a raise | the resume function |
/// | `WOKEN` | our waker was woken while the body was polled | the waker's `wake` | the resume function |
/// | `LINKED` | the slot is in the thread's chain | a clone of our waker, another frame that is resumed inside, a task's resume | unlinking |
/// | `CLONED` | our waker was cloned: something foreign waits | the waker's `clone` | unlinking |
/// | `REPLIED` | there is a reply: only the yield that it is for goes on | the start of a resume | the yield that takes it |
/// | `QUEUED` | only queued yields may give a value | the start of a resume, a yield that queues | code that knows that the queue is empty |
/// | `THROWN` | an exception is on its way to a scope ([`super::cold_data`] has it): no value may be given | the start of a resume, [`super::recursive_resume`] | the scope that takes it |
/// | `COUNTED` | the body is polled once more, or may be: [`super::yield_queue::Polls`] is initialised | the resume function | never |
/// | `LATER` | the generations are in the cold box; without it both are the first | the start of a resume, [`SlotHead::renew`](super::slot::SlotHead::renew) | never |
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flags(u32);

impl Flags {
    pub(super) const NONE: Self = Self(0);
    pub(super) const FULL: Self = Self(1);
    pub(super) const CALLED: Self = Self(1 << 1);
    pub(super) const RAISED: Self = Self(1 << 2);
    pub(super) const ASKED: Self = Self(1 << 3);
    #[cfg(feature = "std")]
    pub(super) const LINKED: Self = Self(1 << 4);
    pub(super) const WOKEN: Self = Self(1 << 5);
    pub(super) const REPLIED: Self = Self(1 << 6);
    pub(super) const QUEUED: Self = Self(1 << 7);
    pub(super) const LATER: Self = Self(1 << 8);
    pub(super) const CLONED: Self = Self(1 << 9);
    pub(super) const THROWN: Self = Self(1 << 10);
    pub(super) const COUNTED: Self = Self(1 << 11);

    /// All flags are below this.
    pub(super) const END: u64 = 1 << 12;

    #[inline(always)]
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    #[inline(always)]
    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// Whether one of `flags` is there.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) const fn any(self, flags: Self) -> bool {
        self.0 & flags.0 != 0
    }
}
