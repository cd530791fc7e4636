//! The loops that take the items, for the ways by hand and of other crates. For cogen's ways the loops are written out,
//! because inlining depends on the function in which a generator is resumed.

use super::Done;
use corosensei::{Coroutine, CoroutineResult};
use futures_lite::future::block_on;
use futures_lite::{Stream, StreamExt};
use std::iter;
use std::pin::pin;

/// Takes all items of an iterator.
#[inline]
pub(super) fn each<T>(items: impl IntoIterator<Item = T>, take: impl Fn(&mut Done, T)) -> Done {
    let mut done = Done::NOTHING;
    for item in items {
        take(&mut done, item);
    }
    done
}

/// Takes all items of a stream that never waits.
#[inline]
pub(super) fn each_streamed<T>(stream: impl Stream<Item = T>, take: impl Fn(&mut Done, T)) -> Done {
    block_on(async {
        let mut done = Done::NOTHING;
        let mut stream = pin!(stream);
        while let Some(item) = stream.next().await {
            take(&mut done, item);
        }
        done
    })
}

/// The items of a coroutine on a stack of its own.
#[inline]
pub(super) fn resumed<T>(mut coroutine: Coroutine<(), T, ()>) -> impl Iterator<Item = T> {
    iter::from_fn(move || match coroutine.resume(()) {
        CoroutineResult::Yield(item) => Some(item),
        CoroutineResult::Return(()) => None,
    })
}

/// The items of one of the language's coroutines.
#[cfg(nightly_coroutines)]
#[inline]
pub(super) fn each_step<T>(
    mut coroutine: impl std::ops::Coroutine<(), Yield = T, Return = ()> + Unpin,
) -> impl Iterator<Item = T> {
    use std::ops::CoroutineState;
    use std::pin::Pin;
    iter::from_fn(move || match Pin::new(&mut coroutine).resume(()) {
        CoroutineState::Yielded(item) => Some(item),
        CoroutineState::Complete(()) => None,
    })
}
