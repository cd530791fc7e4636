//! `send` to a generator that adds up what it is sent.

use super::{Amount, Bar, Peer, Row};

/// The functions for one kind of body: the macro, the struct by hand, the diapause coroutine.
macro_rules! forms {
    ($kind:ident, $body:ident, $hand:ident, $($coroutine:tt)*) => {
        mod $kind {
            use crate::rows::{DynBody, Peer, Run, choose, choose_future};
            use crate::{$body, bodies::unknown, diapause_sends, genawaiter_sends, hand::$hand, sends};
            use cogen::{BoxGen, Co, Generator, generator};
            use diapause::Coroutine;
            use genawaiter::rc::{self, Gen};
            use std::{hint::black_box, pin::pin};

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
                let mut summer = $hand::new(unknown());
                for k in 0..n {
                    black_box(summer.send(k));
                }
            }

            #[inline(never)]
            fn pinned(n: u64) {
                let mut g = pin!(generator(|co: Co<'_, u64, u64>| $body!(co)));
                sends!(g, n);
            }

            #[inline(never)]
            fn boxed(n: u64) {
                let mut g = Box::pin(generator(|co: Co<'_, u64, u64>| $body!(co)));
                sends!(g, n);
            }

            #[inline(never)]
            fn dynamic(n: u64) {
                let mut g: BoxGen<'_, u64, u64> = choose!(|co: Co<'_, u64, u64>| $body!(co));
                sends!(g, n);
            }

            #[inline(never)]
            fn genawaiter_rc(n: u64) {
                let mut g = Gen::new(|co: rc::Co<u64, u64>| $body!(co));
                genawaiter_sends!(g, n);
            }

            #[inline(never)]
            fn genawaiter_dyn(n: u64) {
                let mut g =
                    Gen::new(|co: rc::Co<u64, u64>| -> DynBody { choose_future!($body!(co)) });
                genawaiter_sends!(g, n);
            }

            $($coroutine)*

            #[inline(never)]
            fn diapause_in_place(n: u64) {
                let mut g = coroutine();
                diapause_sends!(g, n);
            }
        }
    };
}

forms!(
    one,
    sum_up,
    Summer,
    #[diapause::coroutine(yield = u64, resume = u64)]
    fn coroutine() {
        let mut sum: u64 = unknown();
        loop {
            let sent = yield_!(sum);
            sum += sent;
        }
    }
);

forms!(
    three,
    sum_up3,
    Summer3,
    #[diapause::coroutine(yield = u64, resume = u64)]
    fn coroutine() {
        let mut sum: u64 = unknown();
        loop {
            let sent = yield_!(sum);
            sum += sent;
            let sent = yield_!(sum);
            sum += sent;
            let sent = yield_!(sum);
            sum += sent;
        }
    }
);

/// One yield in a loop.
pub(super) const ONE: Row = Row {
    name: "send",
    runs: one::RUNS,
    bars: &[
        Bar::new(Peer::Pinned, 1.3, Peer::Diapause),
        Bar::new(Peer::Boxed, 1.3, Peer::Diapause),
        Bar::new(Peer::Dyn, 1.0, Peer::GenawaiterDyn),
    ],
    amount: Amount::Slices,
};

/// Three yields in a loop.
pub(super) const THREE: Row = Row {
    name: "send3",
    runs: three::RUNS,
    bars: &[],
    amount: Amount::Slices,
};
