//! A tokenizer with five yields, whose items are as large as three machine words.

use super::each::each;
use super::{Done, Input, Random, Work};

/// The body, in `$wrap`; `$bytes` are the text's. It gives each token to the code between `$give` and `$end`.
macro_rules! tokenize {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => {
        tokenize!([$($wrap)*] [let bytes = $text.as_bytes();] [bytes] [$($give)*] [$($end)*] $text)
    };
    ([$($wrap:tt)*] [$($first:tt)*] [$($bytes:tt)*] [$($give:tt)*] [$($end:tt)*] $text:ident) => { $($wrap)* {
        $($first)*
        let mut at: usize = 0;
        while at < $($bytes)*.len() {
            let begin = at;
            match $($bytes)*[at] {
                byte if byte.is_ascii_whitespace() => at += 1,
                byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                    while at < $($bytes)*.len() && is_name($($bytes)*[at]) {
                        at += 1;
                    }
                    $($give)* (Token::Name(&$text[begin..at])) $($end)*;
                }
                byte if byte.is_ascii_digit() => {
                    let mut number = 0_u64;
                    while at < $($bytes)*.len() && $($bytes)*[at].is_ascii_digit() {
                        number = number.wrapping_mul(10).wrapping_add(u64::from($($bytes)*[at] - b'0'));
                        at += 1;
                    }
                    $($give)* (Token::Number(number)) $($end)*;
                }
                b'"' => {
                    at += 1;
                    while at < $($bytes)*.len() && $($bytes)*[at] != b'"' {
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

#[cfg(nightly_coroutines)]
mod nightly;
mod ours;
mod peers;

pub(super) const WORK: Work = Work {
    name: "tokenizer",
    item: "token",
    prepare: |items| Input::text(program(items)),
    ways: ways! {
        hand;
        ours::{
            pinned, pinned_shared, boxed, helpers, anext, anext_shared, stream, stream_shared,
        };
        peers::{
            genawaiter_rc, genawaiter_sync, genawaiter_dyn, fauxgen, async_stream, asynk_strim, diapause, corosensei,
            generator,
        }
        + nightly
    },
};

#[derive(Clone, Copy, Debug)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub enum Token<'a> {
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

/// Makes a program of this many tokens.
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
    each(Tokens { text, at: 0 }, Done::token)
}
