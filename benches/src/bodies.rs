//! The bodies that are measured. They are macros, so that each use is a body of its own type: a body that is
//! resumed in several places of a program may be compiled differently.
//!
//! They begin at a number that the optimiser does not know, so that it cannot take the loop's counter for
//! the body's. `$co` is cogen's or genawaiter's handle: the bodies are the same.

use std::hint::black_box;

/// Zero, which the optimiser does not know. Its type differs from a counter's, so that the counter is not
/// kept in the memory that `black_box` showed to the world.
#[inline]
#[must_use]
pub fn unknown() -> u64 {
    u64::from(black_box(0_u32))
}

/// Yields 0, 1, 2, …
#[macro_export]
macro_rules! count_up {
    ($co:ident) => {
        $crate::count_up!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let mut i: u64 = $from;
            loop {
                $co.yield_(i).await;
                i += 1;
            }
        }
    };
}

/// Yields 0, 1, 2, … at three places in turn.
#[macro_export]
macro_rules! count_up3 {
    ($co:ident) => {
        $crate::count_up3!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let mut i: u64 = $from;
            loop {
                $co.yield_(i).await;
                $co.yield_(i + 1).await;
                $co.yield_(i + 2).await;
                i += 3;
            }
        }
    };
}

/// Yields the sum of what it has been sent.
#[macro_export]
macro_rules! sum_up {
    ($co:ident) => {
        $crate::sum_up!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let mut sum: u64 = $from;
            loop {
                sum += $co.yield_(sum).await;
            }
        }
    };
}

/// Yields the sum of what it has been sent, at three places in turn.
#[macro_export]
macro_rules! sum_up3 {
    ($co:ident) => {
        $crate::sum_up3!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let mut sum: u64 = $from;
            loop {
                sum += $co.yield_(sum).await;
                sum += $co.yield_(sum).await;
                sum += $co.yield_(sum).await;
            }
        }
    };
}

/// Yields 0, 1, 2, … inside one scope.
#[macro_export]
macro_rules! count_up_in_scope {
    ($co:ident) => {
        $crate::count_up_in_scope!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let _caught: Result<(), _> = $co.catch($crate::count_up!($co, $from)).await;
        }
    };
}

/// Yields 0, 1, 2, …, each in a scope of its own; what is thrown is ignored.
#[macro_export]
macro_rules! try_count_up {
    ($co:ident) => {
        $crate::try_count_up!($co, $crate::bodies::unknown())
    };
    ($co:ident, $from:expr) => {
        async move {
            let mut i: u64 = $from;
            loop {
                let _caught = $co.try_yield(i).await;
                i += 1;
            }
        }
    };
}

/// Delegates to another generator.
#[macro_export]
macro_rules! delegate {
    ($co:ident, $sub:expr) => {
        async move { $co.yield_from($sub).await }
    };
}

/// A stream of 0, 1, 2, …: async-stream.
#[macro_export]
macro_rules! async_stream_up {
    () => {{
        let mut i: u64 = $crate::bodies::unknown();
        async_stream::stream! {
            loop {
                yield i;
                i += 1;
            }
        }
    }};
}

/// A stream of 0, 1, 2, …: asynk-strim.
#[macro_export]
macro_rules! asynk_strim_up {
    () => {{
        let mut i: u64 = $crate::bodies::unknown();
        asynk_strim::stream_fn(move |mut yielder: asynk_strim::Yielder<u64>| async move {
            loop {
                yielder.yield_item(i).await;
                i += 1;
            }
        })
    }};
}

/// A stream of 0, 1, 2, …: `unfold` of futures.
#[macro_export]
macro_rules! unfold_up {
    () => {
        futures_util::stream::unfold($crate::bodies::unknown(), |i: u64| async move {
            Some((i, i + 1))
        })
    };
}
