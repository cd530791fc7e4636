//! A tokenizer whose API has generators in each form that a library may want.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::pin::Pin;

use anyhow::Context;
use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExt, Iter, NextError, Shared, Step, from_iter,
    generator,
};
use futures_core::Stream;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'t> {
    /// A word.
    Word(&'t str),
    /// A number.
    Number(u64),
    /// Anything else.
    Sign(char),
}

/// What is wrong with a text.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// A number that is too large.
    #[error("{0} is too large")]
    TooLarge(String),
}

async fn scan<'t>(co: Co<'_, Token<'t>>, text: &'t str) -> Result<usize, TokenError> {
    let mut rest = text.trim_start();
    let mut count = 0;
    while let Some(first) = rest.chars().next() {
        let length = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let (token, length) = if first.is_ascii_digit() {
            let length = length(|c| c.is_ascii_digit());
            let number = &rest[..length];
            let parsed = number
                .parse()
                .map_err(|_| TokenError::TooLarge(number.to_owned()))?;
            (Token::Number(parsed), length)
        } else if first.is_alphabetic() {
            let length = length(char::is_alphanumeric);
            (Token::Word(&rest[..length]), length)
        } else {
            (Token::Sign(first), first.len_utf8())
        };
        co.yield_(token).await;
        count += 1;
        rest = rest[length..].trim_start();
    }
    Ok(count)
}

/// Without an allocation: the caller pins it.
pub fn in_place(
    text: &str,
) -> impl Generator<Yield = Token<'_>, Resume = (), Return = Result<usize, TokenError>> {
    generator(move |co| scan(co, text))
}

/// With a name.
pub fn tokens(text: &str) -> BoxGen<'_, Token<'_>, (), Result<usize, TokenError>> {
    generator(move |co| scan(co, text)).boxed()
}

/// What [`object`] gives.
pub type Object<'t> = Box<
    dyn Generator<Yield = Token<'t>, Resume = (), Return = Result<usize, TokenError>>
        + Unpin
        + Send
        + 't,
>;

/// As a trait object.
pub fn object(text: &str) -> Object<'_> {
    Box::new(tokens(text))
}

/// What [`pinned_object`] gives.
pub type PinnedObject<'t> = Pin<
    Box<dyn Generator<Yield = Token<'t>, Resume = (), Return = Result<usize, TokenError>> + 't>,
>;

/// As a pinned trait object.
pub fn pinned_object(text: &str) -> PinnedObject<'_> {
    Box::pin(in_place(text))
}

/// As an iterator, without a word about generators.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    generator(move |co| scan(co, text))
        .into_iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word),
            _ => None,
        })
}

/// Counts what any generator yields.
pub fn count(
    tokens: &mut (
             dyn Generator<Yield = Token<'_>, Resume = (), Return = Result<usize, TokenError>>
                 + Unpin
         ),
) -> usize {
    let mut count = 0;
    for _ in tokens {
        count += 1;
    }
    count
}

/// Erases a generator of somebody else.
pub fn erase<'g, G>(generator: G) -> BoxGen<'g, G::Yield, G::Resume, G::Return>
where
    G: Generator + Send + 'g,
{
    generator.boxed()
}

/// Looks ahead: a generator in a field.
#[derive(Debug)]
pub struct Lexer<'t> {
    tokens: Iter<BoxGen<'t, Token<'t>, (), Result<usize, TokenError>>>,
    peeked: Option<Token<'t>>,
}

impl<'t> Lexer<'t> {
    /// A lexer for `text`.
    pub fn new(text: &'t str) -> Self {
        Self {
            tokens: tokens(text).into_iter(),
            peeked: None,
        }
    }

    /// The next token, which stays there.
    pub fn peek(&mut self) -> Option<Token<'t>> {
        if self.peeked.is_none() {
            self.peeked = self.tokens.next();
        }
        self.peeked
    }

    /// How many tokens there were, when all have been taken.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn finish(mut self) -> anyhow::Result<usize> {
        let outcome = self
            .tokens
            .get_mut()
            .take_return()
            .context("not at the end")?;
        Ok(outcome??)
    }
}

impl<'t> Iterator for Lexer<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        self.peeked.take().or_else(|| self.tokens.next())
    }
}

/// Owns its text, has several owners, and goes to other threads.
#[derive(Clone, Debug)]
pub struct Feed {
    lines: Shared<BoxGen<'static, String>>,
}

impl Feed {
    /// The tokens of `text`, printed.
    pub fn new(text: String) -> Self {
        let lines = generator(move |co| async move {
            for token in tokens(&text) {
                co.yield_(format!("{token:?}")).await;
            }
        });
        Self {
            lines: lines.boxed().shared(),
        }
    }

    /// The next one.
    ///
    /// # Errors
    ///
    /// If another thread is at it.
    pub fn pull(&mut self) -> Result<Option<String>, NextError> {
        match self.lines.next() {
            Ok(Step::Yielded(line)) => Ok(Some(line)),
            Ok(Step::Complete(())) | Err(NextError::Finished) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A choice at run time.
pub fn forwards_or_back(text: &str, back: bool) -> BoxGen<'_, Token<'_>> {
    let mut all: Vec<_> = tokens(text).into_iter().collect();
    if back {
        all.reverse();
        from_iter(all).boxed()
    } else {
        generator(move |co| async move { co.yield_all(all).await }).boxed()
    }
}

/// As a stream that a web server may send from another thread, and share.
pub fn body(text: String) -> impl Stream<Item = Result<String, Exception>> + Send + Sync + 'static {
    let lines = generator(move |co| async move {
        let mut tokens = tokens(&text);
        for token in &mut tokens {
            co.yield_(format!("{token:?}\n")).await;
        }
        if let Some(outcome) = tokens.take_return() {
            outcome??;
        }
        Ok(())
    });
    lines.boxed().into_try_stream()
}

/// Adds up the numbers, with the error type of an application.
///
/// # Errors
///
/// What is wrong with the text, or a sign.
pub fn sum(text: &str) -> anyhow::Result<u64> {
    let mut tokens = tokens(text);
    let mut sum = 0;
    loop {
        match tokens.next()? {
            Step::Yielded(Token::Number(n)) => sum += n,
            Step::Yielded(Token::Word(_)) => {}
            Step::Yielded(Token::Sign(sign)) => anyhow::bail!("a sign: {sign}"),
            Step::Complete(count) => {
                count.context("a number")?;
                return Ok(sum);
            }
        }
    }
}
