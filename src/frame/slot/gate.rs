//! A slot's flags, and which yield goes on in the usual way, in one word.

use core::num::NonZeroU64;

use crate::frame::flags::Flags;
use crate::frame::ids::BLOCK;
use crate::frame::yield_state::YieldWord;

/// Either the word of the yield that the slot admits, which implies the flags as well; or flags, and no yield is
/// admitted.
///
/// | value | flags | admits |
/// |---|---|---|
/// | a fresh yield's word | `NONE` | that yield |
/// | the word of one that has given its value | `REPLIED` | that yield |
/// | less than [`END`](Flags::END) | the value | none |
///
/// Ids, and so words, are never less than `END`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gate(u64);

/// The first id is above this.
const _: () = assert!(BLOCK >= Flags::END);

impl Gate {
    /// A value was given.
    pub(super) const FULL: Self = Self::shut(Flags::FULL);
    /// A call was made.
    pub(super) const CALLED: Self = Self::shut(Flags::FULL.with(Flags::CALLED));

    /// Admits none.
    #[inline(always)]
    pub(super) const fn shut(flags: Flags) -> Self {
        Self(flags.bits() as u64)
    }

    /// Admits what may be admitted with these flags, in frame `id`.
    #[inline(always)]
    pub(super) fn of(id: NonZeroU64, flags: Flags) -> Self {
        if flags == Flags::NONE {
            Self(YieldWord::fresh(id).bits())
        } else if flags == Flags::REPLIED {
            Self(YieldWord::given(id).bits())
        } else {
            Self::shut(flags)
        }
    }

    /// [`of`](Self::of), for rare cases: it is not inlined, so that nothing of it is computed in the usual case.
    #[cold]
    #[inline(never)]
    pub(super) fn of_rarely(id: NonZeroU64, flags: Flags) -> Self {
        Self::of(id, flags)
    }

    #[inline(always)]
    pub(super) fn admits(self, word: YieldWord) -> bool {
        self.0 == word.bits()
    }

    /// Whether it admits some yield: then there is no flag but perhaps `REPLIED`.
    #[inline(always)]
    pub(super) fn is_open(self) -> bool {
        self.0 >= Flags::END
    }

    /// Whether one of `flags` is there.
    #[inline(always)]
    pub(super) fn has(self, flags: Flags) -> bool {
        if flags.any(Flags::REPLIED) {
            self.flags().any(flags)
        } else {
            !self.is_open() && self.0 & u64::from(flags.bits()) != 0
        }
    }

    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is less than `END` there"
    )]
    pub(super) fn flags(self) -> Flags {
        if !self.is_open() {
            Flags::from_bits(self.0 as u32)
        } else if YieldWord::from_bits(self.0).is_given() {
            Flags::REPLIED
        } else {
            Flags::NONE
        }
    }
}
