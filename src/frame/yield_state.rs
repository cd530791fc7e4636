//! Which yield has given a value, and which one the reply is for.
//!
//! 1. A yield that gives its value gets the frame's current [`Generation`]. It takes a reply only if the
//!    reply is for that generation. At most one living yield has the current one: when another may give
//!    while it lives (its reply was left behind, its value taken back, it was unwound by a throw), the
//!    frame begins a new generation. Numbers of 62 bits, at most one for each resume, do not run out.
//!
//! A yield that asks in vain has a ticket instead: `yield_queue.rs`.

use core::mem::MaybeUninit;
use core::num::NonZeroU64;

/// Which of a frame's yields a reply is for (invariant 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Generation(YieldState);

impl Generation {
    pub(super) const FIRST: Self = Self(YieldState(GIVEN));

    /// The next one, which no yield has.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn next(self) -> Self {
        Self(YieldState(self.0.0 + STEP))
    }
}

/// A place in the queue, or the turn of all yields with a place up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(pub(super) u64);

impl Ticket {
    /// The turn of all yields.
    pub(super) const ALL: Self = Self(u64::MAX / STEP);
}

/// The state of a yield, in one word: what it is in the two lowest bits, its ticket or its generation
/// above them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YieldState(u64);

const FRESH: u64 = 0;
const QUEUED: u64 = 1;
const GIVEN: u64 = 2;
const DONE: u64 = 3;
const KIND: u64 = 3;
const STEP: u64 = KIND + 1;

impl YieldState {
    /// Not polled yet.
    pub(super) const FRESH: Self = Self(FRESH);
    /// It has received its reply, or was ended.
    pub(super) const DONE: Self = Self(DONE);

    /// Asked in vain.
    pub(super) fn queued(ticket: Ticket) -> Self {
        Self(ticket.0 * STEP + QUEUED)
    }

    /// Has given its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn given(generation: Generation) -> Self {
        generation.0
    }

    /// Whether the yield still holds its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn holds_value(self) -> bool {
        self.0 & GIVEN == 0
    }

    /// Where the yield stands in the queue.
    pub(super) fn ticket(self) -> Option<Ticket> {
        (self.0 & KIND == QUEUED).then_some(Ticket(self.0 / STEP))
    }
}

/// A yield's frame, and its state, if that is a usual one: the frame's id, and in the bits below
/// [`STEP`](super::ids::STEP) what follows. So one comparison with what a slot
/// [admits](super::slot::SlotHead::admits) tells both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YieldWord(u64);

/// [`YieldState::FRESH`].
const WORD_FRESH: u8 = 0;
/// Given, in the first generation.
const WORD_GIVEN: u8 = 1;
/// Another state, which is beside the word.
const WORD_OTHER: u8 = 2;
/// [`YieldState::DONE`].
const WORD_DONE: u8 = 3;
const WORD_KIND: u64 = super::ids::STEP - 1;

impl YieldWord {
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline(always)]
    pub(super) fn fresh(id: NonZeroU64) -> Self {
        Self(id.get())
    }

    #[inline(always)]
    pub(super) fn given(id: NonZeroU64) -> Self {
        Self(id.get() | u64::from(WORD_GIVEN))
    }

    #[inline(always)]
    pub(super) fn done(id: NonZeroU64) -> Self {
        Self(id.get() | u64::from(WORD_DONE))
    }

    #[inline(always)]
    pub(super) fn id(self) -> NonZeroU64 {
        // SAFETY: a word is made with an id, which is a multiple of `STEP` above 0; `NONE` is never asked.
        unsafe { NonZeroU64::new_unchecked(self.0 & !WORD_KIND) }
    }

    /// The word of a fresh yield after it has given its value.
    #[inline(always)]
    pub(super) fn gives(self) -> Self {
        Self(self.0 + u64::from(WORD_GIVEN))
    }

    /// The word of a yield that has given its value, after it has taken its reply.
    #[inline(always)]
    pub(super) fn takes(self) -> Self {
        Self(self.0 + u64::from(WORD_DONE - WORD_GIVEN))
    }

    /// For a usual yield that is not over: whether it has given its value.
    #[inline(always)]
    pub(super) fn is_given(self) -> bool {
        self.0 & u64::from(WORD_GIVEN) != 0
    }

    /// The state; `other` is the one that is beside the word.
    ///
    /// # Safety
    ///
    /// That is there if the word says that it is.
    pub(super) unsafe fn state(self, other: MaybeUninit<YieldState>) -> YieldState {
        match (self.0 & WORD_KIND) as u8 {
            WORD_FRESH => YieldState::FRESH,
            WORD_GIVEN => YieldState::given(Generation::FIRST),
            WORD_DONE => YieldState::DONE,
            // SAFETY: by the contract.
            _ => unsafe { other.assume_init() },
        }
    }

    #[inline(always)]
    pub(super) fn with(self, kind: WordKind) -> Self {
        Self(self.0 & !WORD_KIND | u64::from(kind.0))
    }
}

/// What a [`YieldWord`] says about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WordKind(u8);

impl WordKind {
    pub(super) const OTHER: Self = Self(WORD_OTHER);

    pub(super) fn of(state: YieldState) -> Self {
        Self(if state == YieldState::FRESH {
            WORD_FRESH
        } else if state == YieldState::given(Generation::FIRST) {
            WORD_GIVEN
        } else if state == YieldState::DONE {
            WORD_DONE
        } else {
            WORD_OTHER
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Generation, Ticket, YieldState};

    #[test]
    fn states_of_different_kinds_are_never_equal() {
        let generations = [Generation::FIRST, Generation::FIRST.next()];
        let tickets = [Ticket(1), Ticket(2), Ticket(3)];
        let mut states = vec![YieldState::FRESH, YieldState::DONE];
        states.extend(generations.map(YieldState::given));
        states.extend(tickets.map(YieldState::queued));
        for (i, a) in states.iter().enumerate() {
            for (j, b) in states.iter().enumerate() {
                assert_eq!(a == b, i == j, "{a:?} and {b:?}");
            }
        }
        assert_eq!(states.iter().filter(|state| state.holds_value()).count(), 4);
        assert_eq!(YieldState::queued(Ticket(7)).ticket(), Some(Ticket(7)));
    }
}
