//! Three stages, each a body: the numbers among words, the differences of some of them, and the sums of groups of
//! differences.

use super::each::each;
use super::{Done, Input, Random, Work};
use std::str::SplitAsciiWhitespace;

/// The bodies of the stages, in `$wrap`: `$next` gives the next item as an option, and each item is given to
/// the code between `$give` and `$end`.
macro_rules! numbers {
    ([$($wrap:tt)*] [$($next:tt)*] [$($give:tt)*] [$($end:tt)*]) => { $($wrap)* {
        while let Some(word) = $($next)* {
            if let Ok(number) = word.parse::<u64>() {
                $($give)* (number) $($end)*;
            }
        }
    } };
}

macro_rules! differences {
    ([$($wrap:tt)*] [$($next:tt)*] [$($give:tt)*] [$($end:tt)*]) => { $($wrap)* {
        let mut last: u64 = 0;
        while let Some(number) = $($next)* {
            if number % 3 != 0 {
                let difference = number.abs_diff(last);
                last = number;
                $($give)* (difference) $($end)*;
            }
        }
    } };
}

macro_rules! groups {
    ([$($wrap:tt)*] [$($next:tt)*] [$($give:tt)*] [$($end:tt)*]) => { $($wrap)* {
        let mut sum: u64 = 0;
        let mut count: usize = 0;
        while let Some(number) = $($next)* {
            sum += number;
            count += 1;
            if count == GROUP {
                let group = Group { sum, count };
                sum = 0;
                count = 0;
                $($give)* (group) $($end)*;
            }
        }
        if count > 0 {
            $($give)* (Group { sum, count }) $($end)*;
        }
    } };
}

#[cfg(nightly_coroutines)]
mod nightly;
mod ours;
mod peers;

pub(super) const WORK: Work = Work {
    name: "pipeline",
    item: "word",
    prepare: |items| Input {
        items,
        ..Input::text(words(items))
    },
    ways: ways! {
        hand;
        ours::{nested, stages};
        peers::{
            genawaiter_rc, genawaiter_sync, genawaiter_dyn, fauxgen, async_stream, asynk_strim, diapause, corosensei,
            generator,
        }
        + nightly
    },
};

/// How many differences are added up.
const GROUP: usize = 4;

/// An item that comes out of the pipeline.
#[derive(Clone, Copy, Debug)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub struct Group {
    sum: u64,
    count: usize,
}

impl Done {
    #[inline]
    fn group(&mut self, group: Group) {
        self.add(group.sum << 3 | group.count as u64);
    }

    /// The same with the number of words, which are the items that are counted.
    fn of_words(self, input: &Input) -> Self {
        Self {
            items: input.items,
            ..self
        }
    }
}

/// Makes this many words, most of which are numbers.
fn words(count: usize) -> String {
    let mut random = Random(808);
    let mut text = String::new();
    for _ in 0..count {
        match random.below(10) {
            0 => text.push_str("word"),
            _ => text.push_str(&random.below(10_000).to_string()),
        }
        text.push(' ');
    }
    text
}

/// The stages, written by hand.
struct Numbers<'a> {
    words: SplitAsciiWhitespace<'a>,
}

impl Iterator for Numbers<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.words.find_map(|word| word.parse().ok())
    }
}

struct Differences<I> {
    numbers: I,
    last: u64,
}

impl<I: Iterator<Item = u64>> Iterator for Differences<I> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let number = self.numbers.find(|number| number % 3 != 0)?;
        let difference = number.abs_diff(self.last);
        self.last = number;
        Some(difference)
    }
}

struct Groups<I> {
    differences: I,
}

impl<I: Iterator<Item = u64>> Iterator for Groups<I> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let mut group = Group { sum: 0, count: 0 };
        while group.count < GROUP {
            let Some(difference) = self.differences.next() else {
                break;
            };
            group.sum += difference;
            group.count += 1;
        }
        (group.count > 0).then_some(group)
    }
}

fn hand(input: &'static Input) -> Done {
    let numbers = Numbers {
        words: input.text.split_ascii_whitespace(),
    };
    let differences = Differences { numbers, last: 0 };
    each(Groups { differences }, Done::group).of_words(input)
}
