//! cogen's ways.

use super::{Token, is_name};
use crate::real::{Done, Input};
use cogen::{BoxGen, Co, Generator, GeneratorExt, Step, generator};
use futures_lite::StreamExt;
use futures_lite::future::block_on;
use std::hint::black_box;
use std::pin::pin;

/// A body of its own, resumed at one place.
pub(super) fn pinned(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _>| tokenize!([async move] [co.yield_] [.await] text);
    let mut generator = pin!(generator(body));
    for token in generator.iter() {
        done.token(token);
    }
    done
}

/// A body that several functions resume: those called `*_shared`.
fn shared<'a>(text: &'a str) -> impl Generator<Yield = Token<'a>, Resume = (), Return = ()> + 'a {
    generator(move |co: Co<'_, Token<'a>>| tokenize!([async move] [co.yield_] [.await] text))
}

pub(super) fn pinned_shared(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let mut generator = pin!(shared(text));
    for token in generator.iter() {
        done.token(token);
    }
    done
}

pub(super) fn boxed(input: &'static Input) -> Done {
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
pub(super) fn helpers(input: &'static Input) -> Done {
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

pub(super) fn anext(input: &'static Input) -> Done {
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

pub(super) fn anext_shared(input: &'static Input) -> Done {
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

pub(super) fn stream(input: &'static Input) -> Done {
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

pub(super) fn stream_shared(input: &'static Input) -> Done {
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
