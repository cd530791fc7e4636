//! `next` on a generator that yields numbers.

use super::{Amount, Bar, Peer, Row};

/// The functions for one kind of body: the macro, the struct by hand, the diapause coroutine.
macro_rules! forms {
    ($kind:ident, $body:ident, $hand:ident, $($coroutine:tt)*) => {
        mod $kind {
            use crate::rows::{DynBody, Peer, Run, choose, choose_future};
            use crate::{$body, bodies::unknown, diapause_resumes, genawaiter_resumes, hand::$hand, iterator_nexts, nexts,
            };
            use cogen::{BoxGen, Co, Generator, generator};
            use diapause::Coroutine;
            use genawaiter::rc::{self, Gen};
            use std::pin::pin;

            pub(super) const RUNS: &[(Peer, Run)] = &[
                (Peer::Hand, hand),
                (Peer::Pinned, pinned),
                (Peer::Boxed, boxed),
                (Peer::Dyn, dynamic),
                (Peer::GenawaiterRc, genawaiter_rc),
                (Peer::GenawaiterDyn, genawaiter_dyn),
                (Peer::Diapause, diapause_in_place),
            ];

            #[inline(never)]
            fn hand(n: u64) {
                let mut g = $hand::new(unknown());
                iterator_nexts!(g, n);
            }

            #[inline(never)]
            fn pinned(n: u64) {
                let mut g = pin!(generator(|co: Co<'_, u64>| $body!(co)));
                nexts!(g, n);
            }

            #[inline(never)]
            fn boxed(n: u64) {
                let mut g = Box::pin(generator(|co: Co<'_, u64>| $body!(co)));
                nexts!(g, n);
            }

            #[inline(never)]
            fn dynamic(n: u64) {
                let mut g: BoxGen<'_, u64> = choose!(|co: Co<'_, u64>| $body!(co));
                nexts!(g, n);
            }

            #[inline(never)]
            fn genawaiter_rc(n: u64) {
                let mut g = Gen::new(|co: rc::Co<u64>| $body!(co));
                genawaiter_resumes!(g, n);
            }

            #[inline(never)]
            fn genawaiter_dyn(n: u64) {
                let mut g = Gen::new(|co: rc::Co<u64>| -> DynBody { choose_future!($body!(co)) });
                genawaiter_resumes!(g, n);
            }

            $($coroutine)*

            #[inline(never)]
            fn diapause_in_place(n: u64) {
                let mut g = coroutine();
                diapause_resumes!(g, n);
            }
        }
    };
}

forms!(
    one,
    count_up,
    Counter,
    #[diapause::coroutine(yield = u64)]
    fn coroutine() {
        let mut i: u64 = unknown();
        loop {
            yield_!(i);
            i += 1;
        }
    }
);

forms!(
    three,
    count_up3,
    Counter3,
    #[diapause::coroutine(yield = u64)]
    fn coroutine() {
        let mut i: u64 = unknown();
        loop {
            yield_!(i);
            yield_!(i + 1);
            yield_!(i + 2);
            i += 3;
        }
    }
);

/// One yield in a loop.
pub(super) const ONE: Row = Row {
    name: "yield",
    runs: one::RUNS,
    bars: &[
        Bar::new(Peer::Pinned, 1.2, Peer::Hand),
        Bar::new(Peer::Boxed, 1.2, Peer::Hand),
        Bar::new(Peer::Dyn, 1.0, Peer::GenawaiterDyn),
    ],
    amount: Amount::Slices,
};

/// Three yields in a loop.
pub(super) const THREE: Row = Row {
    name: "yield3",
    runs: three::RUNS,
    bars: &[],
    amount: Amount::Slices,
};
