//! What a round is about, and how a body begins.
//!
//! Pure chance seldom makes three right steps in a row. So a body may begin with a *recipe*: the acts with which each
//! poll begins, some of which are left out, and to which others are added. And a round has a *theme*: what is likely in
//! it.

use super::super::common::choose::Source;

/// What a body makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Yield,
    TryYield,
    Raise,
    /// A scope around something.
    Scope,
    /// A scope around a yield.
    ScopedYield,
    /// A scope around a raise beside a yield.
    ScopedRaise,
    /// `catch_as` and `finally`.
    Finally,
    /// A call of a body; in a plain generator the body itself.
    Call,
    /// A call in a scope.
    ScopedCall,
    YieldFrom,
    YieldFromShared,
    YieldFromTurncoat,
    YieldFromWith,
    YieldFromLiar,
    YieldAll,
    Foreign,
    Set,
    Join,
    Select,
    /// A future that has other holders, too.
    Alias,
    /// A shared future: a scope around a yield.
    SharedScope,
    /// Something from the bag.
    Bag,
    /// Drives a generator with the body's own context.
    Driving,
}

/// What a body does.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::enum_variant_names,
    reason = "`Act::Act` lets the body act as destructors do"
)]
pub enum Act {
    New(Kind),
    /// Polls this one of its futures.
    Poll(usize),
    PollAll,
    /// Polls one, and catches a panic.
    PollOne,
    /// Polls one with another waker.
    PollForeign,
    /// Polls one on another thread, with the waker of this poll.
    PollElsewhere,
    /// Shares one future with a scope: it is polled inside the scope, and outside.
    ShareInScope,
    /// Makes a yield that a scope polls first, and that is also held outside of the scope.
    ShareNew,
    /// The same, with a raise after the yield: the scope takes the yielded value back.
    ShareRaised,
    ToBag,
    FromBag,
    Swap,
    DropOne,
    Forget,
    KeepWaker,
    Wake,
    SwapWaker,
    Drive,
    Act,
    Panic,
    Return,
}

pub type Recipe = &'static [&'static [Act]];

/// What is likely in a round.
#[derive(Clone, Debug)]
pub struct Theme {
    pub kinds: &'static [Kind],
    pub acts: &'static [Act],
    pub recipes: &'static [Recipe],
    /// Destructors act once in this many times.
    pub destructors: u32,
    /// Bodies await foreign futures.
    pub foreign: bool,
    /// Makes futures that may raise an exception from elsewhere, and delegates to generators that are also driven from
    /// elsewhere.
    pub loose: bool,
    /// One generator in this many is plain, the others are recursive.
    pub plain: u32,
    /// One operation in this many is a throw.
    pub throw: u32,
    /// The type of all replies, if there is only one.
    pub replies: Option<u32>,
}

use Act::{
    Drive, DropOne, Forget, FromBag, KeepWaker, New, Panic, Poll, PollAll, PollElsewhere,
    PollForeign, PollOne, Return, ShareInScope, ShareNew, ShareRaised, Swap, SwapWaker, ToBag,
    Wake,
};
use Kind::{
    Alias, Bag, Call, Finally, Foreign, Join, Raise, Scope, ScopedCall, ScopedRaise, ScopedYield,
    Select, Set, SharedScope, TryYield, Yield, YieldAll, YieldFrom, YieldFromLiar, YieldFromShared,
    YieldFromTurncoat, YieldFromWith,
};

const ALL_KINDS: &[Kind] = &[
    Yield,
    Yield,
    Yield,
    TryYield,
    Raise,
    Scope,
    ScopedYield,
    ScopedRaise,
    Finally,
    Call,
    ScopedCall,
    YieldFrom,
    YieldFromShared,
    YieldFromTurncoat,
    YieldFromWith,
    YieldFromLiar,
    YieldAll,
    Foreign,
    Set,
    Join,
    Select,
    Alias,
    Bag,
    Kind::Driving,
];
const ALL_ACTS: &[Act] = &[
    New(Yield),
    PollAll,
    PollOne,
    PollOne,
    PollOne,
    PollForeign,
    PollElsewhere,
    ShareInScope,
    ToBag,
    FromBag,
    Swap,
    DropOne,
    Forget,
    KeepWaker,
    Wake,
    SwapWaker,
    Drive,
    Act::Act,
    Panic,
    Return,
];

const YIELD_KINDS: &[Kind] = &[
    Yield,
    Yield,
    Yield,
    TryYield,
    ScopedYield,
    Alias,
    Set,
    Join,
    Foreign,
];
const YIELD_ACTS: &[Act] = &[
    New(Yield),
    PollOne,
    PollOne,
    PollOne,
    PollAll,
    ToBag,
    FromBag,
    DropOne,
    PollForeign,
];
const SCOPE_KINDS: &[Kind] = &[
    Yield,
    ScopedYield,
    ScopedYield,
    Alias,
    Alias,
    Raise,
    ScopedRaise,
    Scope,
    ScopedCall,
    Call,
    Join,
];
const SCOPE_ACTS: &[Act] = &[
    New(Raise),
    New(ScopedYield),
    New(Yield),
    PollOne,
    PollOne,
    PollAll,
    ShareInScope,
    Drive,
    KeepWaker,
    DropOne,
];
const DELEGATE_KINDS: &[Kind] = &[
    Kind::YieldFromLiar,
    Yield,
    YieldFrom,
    YieldFrom,
    YieldFromShared,
    YieldFromTurncoat,
    YieldFromWith,
    YieldAll,
    Scope,
    Foreign,
    Join,
    Alias,
];

/// A yield is over and is polled again while two others queue.
const OVER: Recipe = &[
    &[New(Yield)],
    &[Poll(0), New(Yield), New(Yield)],
    &[Poll(0)],
    &[Poll(0)],
];
/// A yield is left behind, and is polled when another one has given its value.
const LEFT: Recipe = &[
    &[New(Yield)],
    &[New(Yield)],
    &[Poll(0)],
    &[Poll(0), Poll(1)],
];
/// A yield is polled again before its value is seen.
const TWICE: Recipe = &[
    &[New(Yield), Poll(0), Poll(0)],
    &[Poll(0), New(Yield), Poll(1)],
];
/// A yield is unwound by a throw, and kept.
const KEPT: Recipe = &[&[ShareNew], &[Poll(0), New(Yield)], &[Poll(1)], &[PollAll]];
/// A yield is taken back by a scope, and kept.
const TAKEN_BACK: Recipe = &[&[ShareRaised, New(Yield)], &[Poll(1), PollAll], &[PollAll]];
/// A raise beside a scope that is polled after it.
const BESIDE: Recipe = &[&[New(Raise), New(ScopedYield)], &[PollAll]];
const BESIDE_LATER: Recipe = &[
    &[New(ScopedYield), New(Foreign)],
    &[New(Raise), PollAll],
    &[PollAll],
];
/// A throw goes to a scope that is not polled, and something else is raised.
const UNTAKEN: Recipe = &[&[New(SharedScope), KeepWaker], &[New(Raise)], &[PollAll]];
const CALLED: Recipe = &[&[New(ScopedCall)], &[PollAll], &[PollAll], &[PollAll]];
const DELEGATED: Recipe = &[&[New(YieldFrom)], &[PollAll], &[PollAll]];
const WAITING: Recipe = &[&[New(YieldFromTurncoat)], &[PollAll], &[PollAll]];

const ALL_RECIPES: &[Recipe] = &[
    OVER,
    LEFT,
    TWICE,
    KEPT,
    TAKEN_BACK,
    BESIDE,
    BESIDE_LATER,
    UNTAKEN,
    CALLED,
    DELEGATED,
    WAITING,
];

impl Theme {
    pub fn choose(source: &mut Source) -> Self {
        let loose = source.below(3) == 0;
        let foreign = source.below(2) == 0;
        let replies = (source.below(2) == 0).then(|| source.below(6));
        let general = Self {
            kinds: ALL_KINDS,
            acts: ALL_ACTS,
            recipes: ALL_RECIPES,
            destructors: 12,
            foreign,
            loose,
            plain: 2,
            throw: 9,
            replies,
        };
        match source.below(6) {
            0 => Self {
                kinds: YIELD_KINDS,
                acts: YIELD_ACTS,
                recipes: &[OVER, LEFT, TWICE, KEPT, TAKEN_BACK],
                destructors: 60,
                ..general
            },
            1 => Self {
                kinds: SCOPE_KINDS,
                acts: SCOPE_ACTS,
                recipes: &[BESIDE, BESIDE_LATER, UNTAKEN, CALLED, KEPT, TAKEN_BACK],
                destructors: 60,
                loose: false,
                throw: 3,
                ..general
            },
            2 => Self {
                kinds: SCOPE_KINDS,
                acts: SCOPE_ACTS,
                recipes: &[UNTAKEN, CALLED],
                destructors: 200,
                plain: 8,
                throw: 3,
                ..general
            },
            3 => Self {
                kinds: DELEGATE_KINDS,
                acts: YIELD_ACTS,
                recipes: &[DELEGATED, WAITING, TWICE, LEFT],
                destructors: 60,
                ..general
            },
            _ => general,
        }
    }
}
