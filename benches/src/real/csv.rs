//! The fields of lines, each with a reply: whether the rest of its line is wanted.

use super::{Done, Input, Random, Way, Work};
use cogen::{BoxGen, Co, Generator, Step, generator};
use futures_lite::future::block_on;
use genawaiter::rc::Gen;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};

pub(super) const WORK: Work = Work {
    name: "csv",
    item: "field",
    prepare: |items| Input::text(table(items)),
    ways: &[
        Way {
            name: "hand",
            run: hand,
        },
        Way {
            name: "pinned",
            run: pinned,
        },
        Way {
            name: "boxed",
            run: boxed,
        },
        Way {
            name: "asend",
            run: asend,
        },
        Way {
            name: "genawaiter_rc",
            run: genawaiter_rc,
        },
        Way {
            name: "genawaiter_dyn",
            run: genawaiter_dyn,
        },
        Way {
            name: "corosensei",
            run: corosensei,
        },
    ],
};

impl Done {
    /// A field: whether the rest of its line is wanted.
    #[inline]
    fn field(&mut self, field: &str) -> bool {
        self.add(field.len() as u64);
        field.len() != 6
    }
}

/// So many fields, some in quotation marks, eight on a line.
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

/// The body, in `$wrap`: it gives each field to what is between `$give` and `$end`.
macro_rules! fields {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => { $($wrap)* {
        let bytes = $text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let wanted = if bytes[at] == b'"' {
                let begin = at + 1;
                at = begin;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += 1;
                }
                let field = &$text[begin..at];
                at += 1;
                $($give)* (field) $($end)*
            } else {
                let begin = at;
                while at < bytes.len() && bytes[at] != b',' && bytes[at] != b'\n' {
                    at += 1;
                }
                $($give)* (&$text[begin..at]) $($end)*
            };
            if !wanted {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
            }
            at += 1;
        }
    } };
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

fn pinned(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator = pin!(generator(body));
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(field)) = step {
        let wanted = done.field(field);
        step = generator.send(wanted).ok();
    }
    done
}

fn boxed(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator: BoxGen<'_, &str, bool> = black_box(generator(body).boxed());
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(field)) = step {
        let wanted = done.field(field);
        step = generator.send(wanted).ok();
    }
    done
}

fn asend(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
        let mut generator = pin!(generator(body));
        let mut step = generator.astart().await.ok();
        while let Some(Step::Yielded(field)) = step {
            let wanted = done.field(field);
            step = generator.asend(wanted).await.ok();
        }
        done
    })
}

/// The argument of the first `resume_with` is not used.
fn genawaiter_rc(input: &'static Input) -> Done {
    use genawaiter::GeneratorState::Yielded;
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: genawaiter::rc::Co<_, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator = Gen::new(body);
    let mut step = generator.resume_with(true);
    while let Yielded(field) = step {
        let wanted = done.field(field);
        step = generator.resume_with(wanted);
    }
    done
}

fn genawaiter_dyn(input: &'static Input) -> Done {
    use genawaiter::GeneratorState::Yielded;
    type Body<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let generator: Gen<&str, bool, Body<'_>> = Gen::new(|co: genawaiter::rc::Co<_, bool>| {
        let body: Body<'_> = Box::pin(fields!([async move] [co.yield_] [.await] text));
        body
    });
    let mut generator = black_box(generator);
    let mut step = generator.resume_with(true);
    while let Yielded(field) = step {
        let wanted = done.field(field);
        step = generator.resume_with(wanted);
    }
    done
}

fn corosensei(input: &'static Input) -> Done {
    use corosensei::{Coroutine, CoroutineResult, Yielder};
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = move |yielder: &Yielder<bool, &'static str>, _: bool| {
        fields!([] [yielder.suspend] [] text);
    };
    let mut coroutine = Coroutine::new(body);
    let mut step = coroutine.resume(true);
    while let CoroutineResult::Yield(field) = step {
        let wanted = done.field(field);
        step = coroutine.resume(wanted);
    }
    done
}
