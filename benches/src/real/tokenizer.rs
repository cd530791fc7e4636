//! A tokenizer with five yields, whose items are of three words.

use super::{Done, Input, Random, Way, Work};
use cogen::{BoxGen, Co, Generator, GeneratorExt, Step, generator};
use futures_lite::StreamExt;
use futures_lite::future::block_on;
use genawaiter::rc::Gen;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};

pub(super) const WORK: Work = Work {
    name: "tokenizer",
    item: "token",
    prepare: |items| Input::text(program(items)),
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
            name: "pinned_shared",
            run: pinned_shared,
        },
        Way {
            name: "boxed",
            run: boxed,
        },
        Way {
            name: "helpers",
            run: helpers,
        },
        Way {
            name: "anext",
            run: anext,
        },
        Way {
            name: "anext_shared",
            run: anext_shared,
        },
        Way {
            name: "stream",
            run: stream,
        },
        Way {
            name: "stream_shared",
            run: stream_shared,
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
            name: "async_stream",
            run: async_stream,
        },
        Way {
            name: "asynk_strim",
            run: asynk_strim,
        },
        Way {
            name: "corosensei",
            run: corosensei,
        },
    ],
};

#[derive(Clone, Copy, Debug)]
enum Token<'a> {
    Name(&'a str),
    Number(u64),
    Text(&'a str),
    Sign(u8),
    End,
}

impl Token<'_> {
    #[inline]
    fn digest(self) -> u64 {
        match self {
            Token::Name(name) => name.len() as u64,
            Token::Number(number) => number,
            Token::Text(text) => text.len() as u64 * 3,
            Token::Sign(sign) => u64::from(sign),
            Token::End => 7,
        }
    }
}

impl Done {
    #[inline]
    fn token(&mut self, token: Token<'_>) {
        self.add(token.digest());
    }
}

/// A program of so many tokens.
fn program(tokens: usize) -> String {
    let mut random = Random(12345);
    let mut text = String::new();
    for _ in 0..tokens {
        match random.below(5) {
            0 => text.push_str("some_name "),
            1 => {
                text.push_str(&random.below(10_000).to_string());
                text.push(' ');
            }
            2 => text.push_str("\"a text\" "),
            3 => text.push_str("+ "),
            _ => text.push_str(";\n"),
        }
    }
    text
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The body, in `$wrap`: it gives each token to what is between `$give` and `$end`.
macro_rules! tokenize {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => { $($wrap)* {
        let bytes = $text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let begin = at;
            match bytes[at] {
                byte if byte.is_ascii_whitespace() => at += 1,
                byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                    while at < bytes.len() && is_name(bytes[at]) {
                        at += 1;
                    }
                    $($give)* (Token::Name(&$text[begin..at])) $($end)*;
                }
                byte if byte.is_ascii_digit() => {
                    let mut number = 0_u64;
                    while at < bytes.len() && bytes[at].is_ascii_digit() {
                        number = number.wrapping_mul(10).wrapping_add(u64::from(bytes[at] - b'0'));
                        at += 1;
                    }
                    $($give)* (Token::Number(number)) $($end)*;
                }
                b'"' => {
                    at += 1;
                    while at < bytes.len() && bytes[at] != b'"' {
                        at += 1;
                    }
                    let token = Token::Text(&$text[begin + 1..at]);
                    at += 1;
                    $($give)* (token) $($end)*;
                }
                b';' => {
                    at += 1;
                    $($give)* (Token::End) $($end)*;
                }
                byte => {
                    at += 1;
                    $($give)* (Token::Sign(byte)) $($end)*;
                }
            }
        }
    } };
}

/// The same, written by hand.
struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() && bytes[self.at].is_ascii_whitespace() {
            self.at += 1;
        }
        let begin = self.at;
        let first = *bytes.get(begin)?;
        self.at += 1;
        Some(match first {
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                while self.at < bytes.len() && is_name(bytes[self.at]) {
                    self.at += 1;
                }
                Token::Name(&self.text[begin..self.at])
            }
            byte if byte.is_ascii_digit() => {
                let mut number = u64::from(byte - b'0');
                while self.at < bytes.len() && bytes[self.at].is_ascii_digit() {
                    let digit = u64::from(bytes[self.at] - b'0');
                    number = number.wrapping_mul(10).wrapping_add(digit);
                    self.at += 1;
                }
                Token::Number(number)
            }
            b'"' => {
                while self.at < bytes.len() && bytes[self.at] != b'"' {
                    self.at += 1;
                }
                self.at += 1;
                Token::Text(&self.text[begin + 1..self.at - 1])
            }
            b';' => Token::End,
            byte => Token::Sign(byte),
        })
    }
}

fn hand(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    for token in (Tokens { text, at: 0 }) {
        done.token(token);
    }
    done
}

/// A body of its own, resumed at one place.
fn pinned(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _>| tokenize!([async move] [co.yield_] [.await] text);
    let mut generator = pin!(generator(body));
    for token in generator.iter() {
        done.token(token);
    }
    done
}

/// One that several functions resume: the `*_shared` ones.
fn shared<'a>(text: &'a str) -> impl Generator<Yield = Token<'a>, Send = (), Return = ()> + 'a {
    generator(move |co: Co<'_, Token<'a>>| tokenize!([async move] [co.yield_] [.await] text))
}

fn pinned_shared(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let mut generator = pin!(shared(text));
    for token in generator.iter() {
        done.token(token);
    }
    done
}

fn boxed(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _>| tokenize!([async move] [co.yield_] [.await] text);
    let mut generator: BoxGen<'_, Token<'_>> = black_box(generator(body).boxed());
    for token in &mut generator {
        done.token(token);
    }
    done
}

/// Two of the yields are in functions that are given `co`.
fn helpers(input: &'static Input) -> Done {
    async fn name<'a>(co: Co<'_, Token<'a>>, text: &'a str, at: &mut usize) {
        let begin = *at;
        while *at < text.len() && is_name(text.as_bytes()[*at]) {
            *at += 1;
        }
        co.yield_(Token::Name(&text[begin..*at])).await;
    }
    async fn number<'a>(co: Co<'_, Token<'a>>, text: &'a str, at: &mut usize) {
        let mut number = 0_u64;
        while *at < text.len() && text.as_bytes()[*at].is_ascii_digit() {
            let digit = u64::from(text.as_bytes()[*at] - b'0');
            number = number.wrapping_mul(10).wrapping_add(digit);
            *at += 1;
        }
        co.yield_(Token::Number(number)).await;
    }
    async fn all<'a>(co: Co<'_, Token<'a>>, text: &'a str) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match bytes[at] {
                byte if byte.is_ascii_whitespace() => at += 1,
                byte if byte.is_ascii_alphabetic() || byte == b'_' => name(co, text, &mut at).await,
                byte if byte.is_ascii_digit() => number(co, text, &mut at).await,
                b'"' => {
                    let begin = at + 1;
                    at = begin;
                    while at < bytes.len() && bytes[at] != b'"' {
                        at += 1;
                    }
                    at += 1;
                    co.yield_(Token::Text(&text[begin..at - 1])).await;
                }
                b';' => {
                    at += 1;
                    co.yield_(Token::End).await;
                }
                byte => {
                    at += 1;
                    co.yield_(Token::Sign(byte)).await;
                }
            }
        }
    }
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let mut generator = pin!(generator(|co| all(co, text)));
    for token in generator.iter() {
        done.token(token);
    }
    done
}

fn anext(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _>| tokenize!([async move] [co.yield_] [.await] text);
        let mut generator = pin!(generator(body));
        while let Ok(Step::Yielded(token)) = generator.anext().await {
            done.token(token);
        }
        done
    })
}

fn anext_shared(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let mut generator = pin!(shared(text));
        while let Ok(Step::Yielded(token)) = generator.anext().await {
            done.token(token);
        }
        done
    })
}

fn stream(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _>| tokenize!([async move] [co.yield_] [.await] text);
        let mut stream = pin!(generator(body).into_stream());
        while let Some(token) = stream.next().await {
            done.token(token);
        }
        done
    })
}

fn stream_shared(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let mut stream = pin!(shared(text).into_stream());
        while let Some(token) = stream.next().await {
            done.token(token);
        }
        done
    })
}

fn genawaiter_rc(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: genawaiter::rc::Co<_>| tokenize!([async move] [co.yield_] [.await] text);
    for token in Gen::new(body) {
        done.token(token);
    }
    done
}

fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let generator: Gen<Token<'_>, (), Body<'_>> = Gen::new(|co| {
        let body: Body<'_> = Box::pin(tokenize!([async move] [co.yield_] [.await] text));
        body
    });
    for token in black_box(generator) {
        done.token(token);
    }
    done
}

fn async_stream(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let mut stream = pin!(tokenize!([async_stream::stream!] [yield] [] text));
        while let Some(token) = stream.next().await {
            done.token(token);
        }
        done
    })
}

fn asynk_strim(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |mut yielder: asynk_strim::Yielder<_>| tokenize!([async move] [yielder.yield_item] [.await] text);
        let mut stream = pin!(asynk_strim::stream_fn(body));
        while let Some(token) = stream.next().await {
            done.token(token);
        }
        done
    })
}

fn corosensei(input: &'static Input) -> Done {
    use corosensei::{Coroutine, CoroutineResult, Yielder};
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = move |yielder: &Yielder<(), Token<'static>>, ()| {
        tokenize!([] [yielder.suspend] [] text);
    };
    let mut coroutine = Coroutine::new(body);
    while let CoroutineResult::Yield(token) = coroutine.resume(()) {
        done.token(token);
    }
    done
}
