//! cogen's ways.

use super::{GROUP, Group};
use crate::real::{Done, Input};
use cogen::pipeline::{Pipeline, source};
use cogen::{Co, Generator, generator};
use std::pin::pin;

/// Generators that iterate over generators.
pub(super) fn nested(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let mut numbers = pin!(generator(
        |co: Co<'_, u64>| numbers!([async move] [words.next()] [co.yield_] [.await])
    ));
    let mut numbers = numbers.iter();
    let mut differences = pin!(generator(
        |co: Co<'_, u64>| differences!([async move] [numbers.next()] [co.yield_] [.await])
    ));
    let mut differences = differences.iter();
    let mut groups = pin!(generator(
        |co: Co<'_, Group>| groups!([async move] [differences.next()] [co.yield_] [.await])
    ));
    let mut done = Done::NOTHING;
    for group in groups.iter() {
        done.group(group);
    }
    done.of_words(input)
}

/// Stages of a pipeline.
pub(super) fn stages(input: &'static Input) -> Done {
    let groups = source(input.text.split_ascii_whitespace())
        .stage(|io| numbers!([async move] [io.recv().await] [io.emit] [.await]))
        .stage(|io| differences!([async move] [io.recv().await] [io.emit] [.await]))
        .stage(|io| groups!([async move] [io.recv().await] [io.emit] [.await]));
    let mut done = Done::NOTHING;
    let run = groups.for_each(|group: Group| done.group(group));
    run.expect("nothing is raised");
    done.of_words(input)
}
