//! The way of the language itself, which is not stable.

use crate::real::{Done, Input};
use std::ops::{Coroutine, CoroutineState};
use std::pin::Pin;

/// The argument of the first `resume` is not used.
pub(super) fn nightly(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut coroutine = #[coroutine]
    |_: bool| fields!([] [yield] [] text);
    super::peers::each_answered(|wanted| match Pin::new(&mut coroutine).resume(wanted) {
        CoroutineState::Yielded(field) => Some(field),
        CoroutineState::Complete(()) => None,
    })
}
