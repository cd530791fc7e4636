//! What a round may do. Leaving something out keeps a known hole from hiding others.

use super::super::common::settings;

/// A set of features.
#[derive(Clone, Copy, Debug)]
pub struct Mask(u32);

impl Mask {
    /// Bodies and foreign code panic.
    pub const PANIC: u32 = 1;
    /// Destructors panic.
    pub const DROP_PANIC: u32 = 1 << 1;
    /// Futures are forgotten.
    pub const FORGET: u32 = 1 << 2;
    /// Futures move between bodies, by way of the bag.
    pub const BAG: u32 = 1 << 3;
    /// Finished futures are polled again.
    pub const AGAIN: u32 = 1 << 4;
    /// Futures are polled with wakers that belong to others.
    pub const WAKERS: u32 = 1 << 5;
    /// Bodies await foreign futures.
    pub const FOREIGN: u32 = 1 << 6;
    /// `yield_from` and its like.
    pub const DELEGATE: u32 = 1 << 7;
    /// Pointers that lead to another generator each time.
    pub const TURNCOAT: u32 = 1 << 8;
    /// `recursive` generators.
    pub const CALLS: u32 = 1 << 9;
    pub const RAISE: u32 = 1 << 10;
    pub const THROW: u32 = 1 << 11;
    /// Destructors and wakers act.
    pub const ACT: u32 = 1 << 12;
    pub const THREADS: u32 = 1 << 13;
    /// A scope catches only exceptions from places inside it.
    pub const AROUND: u32 = 1 << 14;
    /// Replies of the type `()` are counted.
    pub const UNITS: u32 = 1 << 15;
    /// Values that nobody drops are holes.
    pub const LEAKS: u32 = 1 << 16;

    /// Replies of a type that has no values.
    pub const VOID: u32 = 1 << 17;

    /// Generators that break the rules.
    pub const LIARS: u32 = 1 << 18;

    const NAMES: [(&str, u32); 19] = [
        ("panic", Self::PANIC),
        ("drop-panic", Self::DROP_PANIC),
        ("forget", Self::FORGET),
        ("bag", Self::BAG),
        ("again", Self::AGAIN),
        ("wakers", Self::WAKERS),
        ("foreign", Self::FOREIGN),
        ("delegate", Self::DELEGATE),
        ("turncoat", Self::TURNCOAT),
        ("calls", Self::CALLS),
        ("raise", Self::RAISE),
        ("throw", Self::THROW),
        ("act", Self::ACT),
        ("threads", Self::THREADS),
        ("around", Self::AROUND),
        ("units", Self::UNITS),
        ("leaks", Self::LEAKS),
        ("void", Self::VOID),
        ("liars", Self::LIARS),
    ];

    /// Everything.
    #[must_use]
    pub const fn all() -> Self {
        Self(u32::MAX)
    }

    /// Everything that `COGEN_ATTACK_WITHOUT` does not name.
    #[must_use]
    pub fn from_env() -> Self {
        let without = Self::NAMES
            .iter()
            .filter(|(name, _)| settings::is_without(name));
        Self(without.fold(u32::MAX, |mask, (_, bit)| mask & !bit))
    }

    #[must_use]
    pub const fn has(self, bit: u32) -> bool {
        self.0 & bit != 0
    }
}
