//! The way of the language itself, which is not stable.

use super::{Token, is_name};
use crate::real::each::{each, each_step};
use crate::real::{Done, Input};

pub(super) fn nightly(input: &'static Input) -> Done {
    let text = &input.text[..];
    let coroutine = #[coroutine]
    || tokenize!([] [yield] [] text);
    each(each_step(coroutine), Done::token)
}
