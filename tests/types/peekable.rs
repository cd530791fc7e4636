//! `peekable`: an iterator that looks ahead, and has its generator.

use cogen::adapt::Peekable;
use cogen::{BoxGen, Co, Generator, GeneratorExt, NextError, State, from_iter, generator};

use super::count;

struct Parser<'t> {
    tokens: Peekable<BoxGen<'t, char, (), usize>>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        let tokens = generator(move |co| async move {
            co.yield_all(text.chars()).await;
            text.len()
        });
        Self {
            tokens: tokens.boxed().peekable(),
        }
    }

    fn number(&mut self) -> u32 {
        let mut number = 0;
        while let Some(digit) = self.tokens.next_if(char::is_ascii_digit) {
            number = 10 * number + digit.to_digit(10).unwrap();
        }
        number
    }
}

#[test]
fn a_parser_keeps_one_in_a_field() {
    let mut parser = Parser::new("12+34");
    assert_eq!(parser.number(), 12);
    assert_eq!(parser.tokens.peek(), Some(&'+'));
    assert_eq!(parser.tokens.next_if_eq(&'-'), None);
    assert_eq!(parser.tokens.next_if_eq(&'+'), Some('+'));
    assert_eq!(parser.number(), 34);
    assert_eq!(parser.tokens.peek(), None);
    assert_eq!(parser.tokens.next(), None);
    assert_eq!(parser.tokens.get_mut().take_return().unwrap().unwrap(), 5);
}

#[test]
fn what_was_looked_at_is_not_lost() {
    let mut numbers = count(3).peekable();
    assert_eq!(numbers.peek(), Some(&1));
    *numbers.peek_mut().unwrap() = 10;
    assert_eq!(numbers.size_hint(), (1, None));
    assert!(format!("{numbers:?}").contains("peeked: true"));
    let (rest, peeked) = numbers.into_parts();
    let mut outer = generator(|co: Co<'_, u32>| async move {
        co.yield_from_with(rest, peeked.unwrap()).await;
    })
    .boxed();
    assert_eq!(outer.iter().collect::<Vec<_>>(), [10, 2, 3]);

    let mut items = from_iter(0..3).peekable();
    items.peek();
    assert_eq!(items.size_hint(), (3, Some(3)));
    assert_eq!(items.collect::<Vec<_>>(), [0, 1, 2]);
}

#[test]
fn what_goes_wrong_is_told() {
    let broken = || {
        generator(|co: Co<'_, u32>| async move {
            co.yield_(1).await;
            co.raise("broken").await;
        })
        .boxed()
        .peekable()
    };
    let mut items = broken();
    assert_eq!(items.try_peek().unwrap(), Some(&1));
    assert_eq!(items.try_next().unwrap(), Some(1));
    let Err(NextError::Raised(error)) = items.try_peek() else {
        panic!()
    };
    assert_eq!(error.to_string(), "broken");
    assert_eq!(items.try_next().unwrap(), None);

    let panicked = std::panic::catch_unwind(|| {
        let mut items = broken();
        items.next();
        items.peek();
    });
    panicked.unwrap_err();
}

#[test]
fn its_generator_is_closed_and_looked_at() {
    let mut items = count(3).peekable();
    items.peek();
    assert_eq!(items.get_ref().state(), State::Suspended);
    assert_eq!(items.get_mut().close().unwrap(), None);
    // What was looked at is still there.
    assert_eq!(items.collect::<Vec<_>>(), [1]);
}
