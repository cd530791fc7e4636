//! Uses the library, and asserts what it gives.
#![forbid(unsafe_code)]

use std::pin::pin;
use std::thread;

use cogen::{Generator, Step};
use futures::StreamExt;
use futures::executor::block_on;
use tokens::{Feed, Lexer, Token, TokenError};

fn main() -> anyhow::Result<()> {
    let text = "let x = 42 ;".to_owned();
    let all = [
        Token::Word("let"),
        Token::Word("x"),
        Token::Sign('='),
        Token::Number(42),
        Token::Sign(';'),
    ];

    let mut placed = pin!(tokens::in_place(&text));
    assert_eq!(placed.next()?.yielded(), Some(all[0]));
    assert_eq!(placed.iter().count(), 4);
    assert_eq!(placed.take_return().unwrap()??, 5);

    assert!(tokens::tokens(&text).into_iter().eq(all));
    assert!(tokens::object(&text).into_iter().eq(all));
    assert!(tokens::pinned_object(&text).into_iter().eq(all));
    assert_eq!(tokens::words(&text).collect::<Vec<_>>(), ["let", "x"]);
    assert_eq!(tokens::count(&mut tokens::tokens(&text)), 5);
    assert_eq!(tokens::count(&mut tokens::object(&text)), 5);
    assert_eq!(tokens::count(&mut Box::pin(tokens::in_place(&text))), 5);

    let mut lexer = Lexer::new(&text);
    assert_eq!(lexer.peek(), Some(all[0]));
    assert!(lexer.by_ref().eq(all));
    assert_eq!(lexer.finish()?, 5);

    let mut erased = tokens::erase(cogen::from_iter([1, 2]));
    assert!(matches!(erased.next()?, Step::Yielded(1)));

    let mut here = Feed::new(text.clone());
    let mut there = here.clone();
    let first = thread::spawn(move || there.pull()).join().unwrap()?;
    assert_eq!(first.as_deref(), Some("Word(\"let\")"));
    assert_eq!(here.pull()?.as_deref(), Some("Word(\"x\")"));

    assert!(tokens::forwards_or_back(&text, false).into_iter().eq(all));
    assert!(
        tokens::forwards_or_back(&text, true)
            .into_iter()
            .eq(all.into_iter().rev())
    );

    let body = tokens::body(text.clone());
    let lines = thread::spawn(|| block_on(body.collect::<Vec<_>>()))
        .join()
        .unwrap();
    assert_eq!(lines.len(), 5);
    let broken = tokens::body(format!("a {}", u128::MAX));
    let last = block_on(broken.collect::<Vec<_>>())
        .pop()
        .unwrap()
        .unwrap_err();
    assert!(last.is::<TokenError>());

    assert_eq!(tokens::sum("1 and 2")?, 3);
    assert_eq!(tokens::sum("1 + 2").unwrap_err().to_string(), "a sign: +");
    let error = tokens::sum(&u128::MAX.to_string()).unwrap_err();
    assert!(error.downcast_ref::<TokenError>().is_some());
    println!("ok");
    Ok(())
}
