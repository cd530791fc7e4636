//! The way of the language itself, which is not stable.

use super::{GROUP, Group};
use crate::real::each::{each, each_step};
use crate::real::{Done, Input};

pub(super) fn nightly(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let numbers = #[coroutine]
    move || numbers!([] [words.next()] [yield] []);
    let mut numbers = each_step(numbers);
    let differences = #[coroutine]
    move || differences!([] [numbers.next()] [yield] []);
    let mut differences = each_step(differences);
    let groups = #[coroutine]
    move || groups!([] [differences.next()] [yield] []);
    each(each_step(groups), Done::group).of_words(input)
}
