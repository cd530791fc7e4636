//! Yields inside scopes, and exceptions thrown at them. None of the peers has these.

use super::{Amount, Row};

/// The functions for one kind of body and one way to resume it.
macro_rules! forms {
    ($kind:ident, $body:ident, $times:ident) => {
        mod $kind {
            use crate::rows::{Peer, Run, choose};
            use crate::{$body, $times};
            use cogen::{BoxGen, Co, Generator, generator};
            use std::pin::pin;

            pub(super) const RUNS: &[(Peer, Run)] = &[
                (Peer::Pinned, pinned),
                (Peer::Boxed, boxed),
                (Peer::Dyn, dynamic),
            ];

            #[inline(never)]
            fn pinned(n: u64) {
                let mut g = pin!(generator(|co: Co<'_, u64>| $body!(co)));
                $times!(g, n);
            }

            #[inline(never)]
            fn boxed(n: u64) {
                let mut g = Box::pin(generator(|co: Co<'_, u64>| $body!(co)));
                $times!(g, n);
            }

            #[inline(never)]
            fn dynamic(n: u64) {
                let mut g: BoxGen<'_, u64> = choose!(|co: Co<'_, u64>| $body!(co));
                $times!(g, n);
            }
        }
    };
}

forms!(catch, count_up_in_scope, nexts);
forms!(try_yield, try_count_up, nexts);
forms!(throw, try_count_up, throws);

/// `next`, where the body yields inside one scope.
pub(super) const CATCH: Row = Row {
    name: "catch",
    runs: catch::RUNS,
    bars: &[],
    amount: Amount::Slices,
};

/// `next`, where each yield is a scope.
pub(super) const TRY_YIELD: Row = Row {
    name: "try_yield",
    runs: try_yield::RUNS,
    bars: &[],
    amount: Amount::Slices,
};

/// `throw`, where each yield is a scope and what is caught is ignored.
pub(super) const THROW: Row = Row {
    name: "throw",
    runs: throw::RUNS,
    bars: &[],
    amount: Amount::Slices,
};
