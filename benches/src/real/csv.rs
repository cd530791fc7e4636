//! The fields of lines, each with a reply: whether the rest of its line is wanted.

use super::{Done, Input, Random, Work};

/// The body, in `$wrap`; `$bytes` are the text's. It gives each field to the code between `$give` and `$end`.
macro_rules! fields {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => {
        fields!([$($wrap)*] [let bytes = $text.as_bytes();] [bytes] [$($give)*] [$($end)*] $text)
    };
    ([$($wrap:tt)*] [$($first:tt)*] [$($bytes:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => { $($wrap)* {
        $($first)*
        let mut at: usize = 0;
        while at < $($bytes)*.len() {
            let wanted: bool = if $($bytes)*[at] == b'"' {
                let begin = at + 1;
                at = begin;
                while at < $($bytes)*.len() && $($bytes)*[at] != b'"' {
                    at += 1;
                }
                let field = &$text[begin..at];
                at += 1;
                $($give)* (field) $($end)*
            } else {
                let begin = at;
                while at < $($bytes)*.len() && $($bytes)*[at] != b',' && $($bytes)*[at] != b'\n' {
                    at += 1;
                }
                $($give)* (&$text[begin..at]) $($end)*
            };
            if !wanted {
                while at < $($bytes)*.len() && $($bytes)*[at] != b'\n' {
                    at += 1;
                }
            }
            at += 1;
        }
    } };
}

#[cfg(nightly_coroutines)]
mod nightly;
mod ours;
mod peers;

pub(super) const WORK: Work = Work {
    name: "csv",
    item: "field",
    prepare: |items| Input::text(table(items)),
    ways: ways! {
        hand;
        ours::{pinned, boxed, asend};
        peers::{
            genawaiter_rc, genawaiter_sync, genawaiter_dyn, fauxgen, diapause, corosensei, generator,
        }
        + nightly
    },
};

impl Done {
    /// Counts a field; whether the rest of its line is wanted.
    #[inline]
    fn field(&mut self, field: &str) -> bool {
        self.add(field.len() as u64);
        field.len() != 6
    }
}

/// Makes this many fields, some in quotation marks, eight on a line.
fn table(fields: usize) -> String {
    let mut random = Random(777);
    let mut text = String::new();
    for number in 1..=fields {
        match random.below(4) {
            0 => text.push_str("\"two, three\""),
            1 => text.push_str("word"),
            2 => text.push_str(&random.below(1_000_000).to_string()),
            _ => {}
        }
        text.push(if number % 8 == 0 { '\n' } else { ',' });
    }
    text
}

/// The same, written by hand.
struct Fields<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Fields<'a> {
    /// The first field.
    fn start(&mut self) -> Option<&'a str> {
        self.field()
    }

    fn send(&mut self, wanted: bool) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        if !wanted {
            while self.at < bytes.len() && bytes[self.at] != b'\n' {
                self.at += 1;
            }
        }
        self.at += 1;
        self.field()
    }

    fn field(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let mut begin = self.at;
        if *bytes.get(begin)? == b'"' {
            begin += 1;
            self.at = begin;
            while self.at < bytes.len() && bytes[self.at] != b'"' {
                self.at += 1;
            }
            self.at += 1;
            return Some(&self.text[begin..self.at - 1]);
        }
        while self.at < bytes.len() && bytes[self.at] != b',' && bytes[self.at] != b'\n' {
            self.at += 1;
        }
        Some(&self.text[begin..self.at])
    }
}

fn hand(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let mut fields = Fields { text, at: 0 };
    let mut field = fields.start();
    while let Some(text) = field {
        let wanted = done.field(text);
        field = fields.send(wanted);
    }
    done
}
