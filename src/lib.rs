//! Resumable generators with Python's whole protocol, on stable Rust, at the cost of a hand-written
//! state machine.
//!
//! ```
//! use cogen::{Generator, Step, generator};
//! use std::pin::pin;
//!
//! let mut averager = pin!(generator(|co| async move {
//!     let (mut sum, mut count) = (0.0, 0.0);
//!     let mut average = 0.0;
//!     loop {
//!         sum += co.yield_(average).await;
//!         count += 1.0;
//!         average = sum / count;
//!     }
//! }));
//! averager.start()?;
//! assert_eq!(averager.send(10.0)?, Step::Yielded(10.0));
//! assert_eq!(averager.send(20.0)?, Step::Yielded(15.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The nouns
//!
//! - The **body**: an `async` block (or a call of an `async fn`) that does the work.
//! - [`Co`]: the handle through which a body yields ([`Co::yield_`]), catches ([`Co::catch`]) and raises
//!   ([`Co::raise`]). It is `Copy`: pass it to helper functions.
//! - The **generator**: anything that implements [`Generator`], whose methods are Python's: `start`,
//!   `next`, `send`, `throw`, `close`, and `anext`, `asend`, `athrow`, `aclose` for a body that awaits
//!   futures.
//! - [`Frame`]: a generator in place, made by [`generator()`]. Pin it, or box it: [`BoxGen`] is a type
//!   with a name, and closes when it is dropped, as Python's generators do.
//! - [`Step`]: what a resume led to, `Yielded` or `Complete`. Errors hand back what could not be
//!   delivered.
//! - [`Exception`]: what is thrown and raised: any error.
//! - [`pipeline`]: stages of straight-line code and ready-made ones, pulled, pushed into, or on threads.
//!
//! # What is supported, and what is not
//!
//! Supported: everything that a Python generator does on its own (PEP 342, PEP 479, `close` with a value
//! as in 3.13) and an async one (PEP 525), checked against recorded runs of CPython; yields inside
//! `join!`, `select!` and `FuturesUnordered`; sync and async drives of the same body; generators that move
//! between threads while they are suspended (if the body is `Send`); no allocation for a pinned one;
//! pipelines, pulled, pushed and on threads.
//!
//! Not yet: delegation (`yield from`), recursion, handles with several owners, streams and other
//! adapters. Not at all: cloning or serialising a suspended generator.
//!
//! # Cookbook
//!
//! A generator as an iterator, with its return value:
//!
//! ```
//! use cogen::{BoxGen, Generator, generator};
//!
//! fn lines(text: &str) -> BoxGen<'_, &str, (), usize> {
//!     generator(move |co| async move {
//!         let mut count = 0;
//!         for line in text.lines() {
//!             co.yield_(line).await;
//!             count += 1;
//!         }
//!         count
//!     })
//!     .boxed()
//! }
//!
//! let mut g = lines("one\ntwo");
//! let mut lengths = Vec::new();
//! for line in &mut g {
//!     lengths.push(line.len());
//! }
//! assert_eq!(lengths, [3, 3]);
//! assert_eq!(g.take_return().unwrap()?, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A final answer when the caller closes:
//!
//! ```
//! use cogen::{Generator, GeneratorExit, generator};
//! use std::pin::pin;
//!
//! let mut sum = pin!(generator(|co| async move {
//!     let mut sum = 0;
//!     loop {
//!         match co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
//!             Ok(n) => sum += n,
//!             Err(_closed) => return sum,
//!         }
//!     }
//! }));
//! sum.start()?;
//! sum.send(1)?;
//! sum.send(2)?;
//! assert_eq!(sum.close()?, Some(3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An async generator:
//!
//! ```
//! use cogen::{Generator, Step, generator};
//! use std::pin::pin;
//!
//! # futures::executor::block_on(async {
//! let mut squares = pin!(generator(|co| async move {
//!     for n in 1..4 {
//!         let square = async { n * n }.await; // any future: a timer, a socket, …
//!         co.yield_(square).await;
//!     }
//! }));
//! let mut seen = Vec::new();
//! while let Step::Yielded(square) = squares.anext().await? {
//!     seen.push(square);
//! }
//! assert_eq!(seen, [1, 4, 9]);
//! # Ok::<(), cogen::NextError>(()) }).unwrap();
//! ```
//!
//! A pipeline, with a stage of straight-line code:
//!
//! ```
//! use cogen::pipeline::{Pipeline, source};
//!
//! let paragraphs = source("one\ntwo\n\nthree".lines()).stage(|io| async move {
//!     let mut paragraph = String::new();
//!     while let Some(line) = io.recv().await {
//!         if line.is_empty() {
//!             io.emit(std::mem::take(&mut paragraph)).await;
//!         } else {
//!             paragraph.push_str(line);
//!         }
//!     }
//!     io.emit(paragraph).await;
//! });
//! assert_eq!(paragraphs.collect::<Vec<_>>()?, ["onetwo", "three"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Errors that the caller should tell apart: return a `Result` from the body, and use `?` in it.
//! Exceptions ([`Co::raise`]) are for what the body does not expect to be asked about.
//!
//! # Features
//!
//! - `genawaiter` (on by default): pulls in the crate of that name, without its default features. The
//!   adapter to and from it is to come; the feature adds nothing else yet.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "the engine: every block says why it is sound")]
mod frame;
mod generator;
pub mod pipeline;

pub use frame::{Catch, Co, Exception, Frame, Never, Raise, Yield};
pub use generator::{
    AClose, ANext, ASend, AStart, AThrow, BoxGen, CloseError, Closing, Generator, GeneratorExit,
    Iter, LocalBoxGen, NextError, SendError, Shared, StartError, State, Step, ThrowError, TryYield,
    WeakShared, YieldAll, YieldAllStream, YieldFrom, generator,
};

#[doc(hidden)]
pub use generator::{Delegate, Delegated};

#[cfg(doctest)]
mod doctests;
