//! What a frame is doing between resumes, and what a resume wants from it.

use super::ids;

/// Where an exception goes: nowhere, which ends the body, or to a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target(i64);

impl Target {
    /// No scope: the body is dropped.
    pub(crate) const NONE: Self = Self(2);

    /// A scope that did not exist before.
    #[inline]
    #[expect(clippy::cast_possible_wrap, reason = "ids are below 2^61")]
    pub(super) fn fresh() -> Self {
        // Ids are below 2^61 and above 2, so the cast keeps the number.
        Self(ids::fresh_id().get() as i64)
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_none(self) -> bool {
        self.0 == Self::NONE.0
    }

    /// This one, or `other` if this is none.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn or(self, other: Self) -> Self {
        if self.is_none() { other } else { self }
    }
}

/// The state of a frame in one word:
///
/// | value | meaning | set by |
/// |---|---|---|
/// | `CREATED` | never resumed | [`super::frame_head::FrameHead::new`] |
/// | a [`Target`] | at a yield; a throw goes there | the end of a resume |
/// | the same, with `CARE` | at a yield, and something must be woken when it is resumed, or waits for a turn ([`super::yield_queue`]) | the end of a resume |
/// | the same, with `AWAITING` | the body awaits something foreign | the end of a resume |
/// | the same, with `STARTING` | the same, and it has not yielded yet | the end of a resume |
/// | the same, with `SENDING` | the same, since a yield took a value that was sent, and whose sender waits or is gone | [`Status::sending`] |
/// | `CLOSED` | the body has been dropped | `Frame::finish` |
/// | `KEPT` | the same, and what it returned, which has no size and no destructor, is kept | `Frame::keep`; cleared by `Frame::take_kept` |
/// | `POISONED` | the body panicked; it is dropped with the frame | unwinding out of a resume |
///
/// One comparison tells whether an [`Op`] is admitted, in the usual case; everything else is decided by
/// [`super::admit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Status(i64);

const CARE: i64 = i64::MIN;
const AWAITING: i64 = CARE | 1 << 62;
const STARTING: i64 = CARE | 1 << 61;
const SENDING: i64 = AWAITING | STARTING;
/// The bits of a target: ids are below 2^61, and multiples of 4, so that no status with them is a closed one.
const TARGET: i64 = (1 << 61) - 1;

/// What an awaiting body is on its way to.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderWay {
    /// Its first yield.
    Start,
    /// The answer to a value that a yield took.
    Send,
    /// Something else.
    Other,
}

impl Status {
    pub(super) const CREATED: Self = Self(0);
    pub(super) const CLOSED: Self = Self(-1);
    pub(super) const KEPT: Self = Self(-2);
    pub(super) const POISONED: Self = Self(-3);

    /// At a yield, with nothing to see to.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn suspended(target: Target) -> Self {
        Self(target.0)
    }

    /// At a yield, with something to see to in the next resume.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn suspended_with_care(target: Target) -> Self {
        Self(target.0 | CARE)
    }

    #[cfg(feature = "aio")]
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn awaiting(target: Target) -> Self {
        Self(target.0 | AWAITING)
    }

    /// Awaiting, after a resume that began with the status `before`, or before an exception is delivered.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn still_awaiting(target: Target, before: Self) -> Self {
        let kind = if before.is_created() {
            STARTING
        } else if before.is_awaiting() {
            before.0 & SENDING
        } else {
            AWAITING
        };
        Self(target.0 | kind)
    }

    /// Notes that a value was sent, if this is of a body that awaits.
    pub(super) fn sending(self) -> Self {
        if self.is_awaiting() {
            Self(self.0 | SENDING)
        } else {
            self
        }
    }

    /// An exception is thrown at it: what was sent is over.
    pub(super) fn without_sending(self) -> Self {
        if self.under_way() == UnderWay::Send {
            Self(self.0 & TARGET | AWAITING)
        } else {
            self
        }
    }

    pub(super) fn under_way(self) -> UnderWay {
        if !self.is_awaiting() {
            return UnderWay::Other;
        }
        match self.0 & SENDING {
            SENDING => UnderWay::Send,
            STARTING => UnderWay::Start,
            _ => UnderWay::Other,
        }
    }

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_created(self) -> bool {
        self == Self::CREATED
    }

    pub(super) fn is_closed(self) -> bool {
        (Self::POISONED.0..0).contains(&self.0)
    }

    /// Whether the body has been dropped.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn is_bodiless(self) -> bool {
        (Self::KEPT.0..0).contains(&self.0)
    }

    #[expect(
        clippy::cast_sign_loss,
        reason = "the range ends where the closed states begin"
    )]
    pub(super) fn is_awaiting(self) -> bool {
        (STARTING as u64..Self::POISONED.0 as u64).contains(&(self.0 as u64))
    }

    /// Where a throw at a frame in this state goes.
    pub(super) fn target(self) -> Target {
        if self.is_closed() || self.is_created() {
            Target::NONE
        } else {
            Target(self.0 & TARGET)
        }
    }

    /// Whether `op` is possible in the usual way. If not, it may be possible in another.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn admits(self, op: Op) -> bool {
        self.0 >= op.0
    }
}

/// What a resume wants: the least status that admits it without a further look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Op(i64);

impl Op {
    /// Resume with the input if there was a yield, otherwise start, or poll again, and forget the input, whose type
    /// has no destructor.
    pub(super) const NEXT: Self = Self(Self::SEND.0 - 1);
    /// Resume with the input.
    pub(super) const SEND: Self = Self(Target::NONE.0);
    /// Run to the first yield.
    pub(super) const START: Self = Self(i64::MAX);
    /// Poll again: a foreign future woke us, or an exception waits for its scope.
    pub(super) const CONTINUE: Self = Self(i64::MAX - 1);

    /// Whether the step is given an input.
    pub(super) fn takes_input(self) -> bool {
        self == Self::NEXT || self == Self::SEND
    }
}
