//! The way of the language itself, which is not stable.

use super::peers::{Chunk, each_chunk};
use super::{Bytes, Event, Number, Reply, Store};
use crate::real::{Done, Input};
use std::ops::{Coroutine, CoroutineState, Range};
use std::pin::Pin;

/// The argument of the first `resume` is not used.
pub(super) fn nightly(input: &'static Input) -> Done {
    let mut coroutine = #[coroutine]
    |_: Chunk| serve!([] [yield] []);
    each_chunk(input, |chunk| {
        match Pin::new(&mut coroutine).resume(chunk) {
            CoroutineState::Yielded(event) => Some(event),
            CoroutineState::Complete(()) => None,
        }
    })
}
