//! Resumable generators with Python's whole protocol, on stable Rust, at the cost of a few nanoseconds for each yield
//! ([what it costs](guide::costs)); and asyncio's API on the same
//! engine.
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
//! - [`Recursive`]: a generator whose body calls others, including itself, at the same cost at any depth;
//!   made by [`recursive()`]. Its handle is a [`RecursiveCo`]: a `Co` with [`call`](RecursiveCo::call).
//! - [`Step`]: what a resume led to, `Yielded` or `Complete`. Errors hand back what could not be
//!   delivered.
//! - [`Shared`]: a handle for several owners, as every Python generator may have.
//! - [`Exception`]: what is thrown and raised: any error, or whatever else turns into one ([`IntoException`]).
//! - [`pipeline`]: stages of straight-line code and ready-made ones, pulled, pushed into, async, or on threads.
//! - [`context`]: context managers made of generators with one yield (`contextlib`).
//! - [`GeneratorExt`]: what a generator can be turned into, and driven by (module [`adapt`]).
//!
//! In the module [`aio`] (feature `aio`):
//!
//! - The **loop**: runs tasks in turns, on one thread; made by [`aio::run`], or by
//!   [`EventLoop::run`](aio::EventLoop::run) under tokio.
//! - A **[task](aio::Task)**: a body that the loop steps, with a handle to await and to cancel it.
//! - A **[promise](aio::Promise)**: a value that will be set later; asyncio's `Future`.
//!
//! In the module [`process`] (feature `process`): **pools** of worker processes.
//!
//! The [guide] shows all of it in programs.
//!
//! # What is supported, and what is not
//!
//! Supported: everything that a Python generator does (PEP 342, PEP 380, PEP 479, `close` with a value as in 3.13)
//! and an async one (PEP 525), checked against recorded runs of CPython; delegation to generators
//! ([`Co::yield_from`]), iterators ([`Co::yield_all`]) and streams; recursion, a million levels deep
//! ([`RecursiveCo::call`]); yields inside `join!`, `select!` and `FuturesUnordered`; sync and async drives of the
//! same body; generators that move between threads while they are suspended (if the body is `Send`); no allocation
//! for a pinned generator; pipelines, pulled, pushed, async (streams in and out) and on threads. asyncio's tasks,
//! futures, groups, waits, timeouts, locks, queues, threads, async generators and context managers, with cancels that
//! a body can catch and clean up after, checked against recorded runs as well.
//!
//! Not at all: cloning or serialising a suspended generator; tasks that move between threads; asyncio's transports,
//! streams and subprocesses (tokio's work in tasks), and its debug mode.
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
//! Recursion, to any depth:
//!
//! ```
//! use cogen::{Generator, RecursiveCo, recursive};
//!
//! async fn rises_and_falls(co: RecursiveCo<'_, u32>, n: u32, top: u32) {
//!     co.yield_(n).await;
//!     if n < top {
//!         co.call(rises_and_falls(co, n + 1, top)).await;
//!         co.yield_(n).await;
//!     }
//! }
//!
//! let mut g = recursive(|co| rises_and_falls(co, 1, 3)).boxed();
//! assert_eq!(g.iter().collect::<Vec<_>>(), [1, 2, 3, 2, 1]);
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
//! One protocol, driven by whatever does the work (here canned answers; blocking and async alike):
//!
//! ```
//! use cogen::{Co, GeneratorExt, generator};
//!
//! async fn dialogue(co: Co<'_, &'static str, String>) -> String {
//!     let name = co.yield_("Your name?").await;
//!     let town = co.yield_("Your town?").await;
//!     format!("{name} of {town}")
//! }
//!
//! let mut answers = ["Robin", "Locksley"].into_iter();
//! let who = generator(dialogue).drive(|_question| answers.next().unwrap().to_owned())?;
//! assert_eq!(who, "Robin of Locksley");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A stream, whose body uses `?`:
//!
//! ```
//! use cogen::{Exception, GeneratorExt, generator};
//! use futures::TryStreamExt;
//!
//! # futures::executor::block_on(async {
//! let numbers = generator(|co| async move {
//!     for word in "1 2 3".split(' ') {
//!         co.yield_(word.parse::<i32>()?).await;
//!     }
//!     Ok::<_, Exception>(())
//! });
//! assert_eq!(numbers.into_try_stream().try_collect::<Vec<_>>().await?, [1, 2, 3]);
//! # Ok::<(), Exception>(()) }).unwrap();
//! ```
//!
//! Tasks, two at a time, with a time limit for all, on a virtual clock:
//!
#![cfg_attr(feature = "aio", doc = "```")]
#![cfg_attr(not(feature = "aio"), doc = "```ignore")]
//! use cogen::aio::{self, testing};
//! use std::time::Duration;
//!
//! testing::run(async {
//!     let naps = [3, 1, 2].map(|n| async move {
//!         aio::sleep(Duration::from_secs(n)).await;
//!         n
//!     });
//!     let all = aio::gather(naps).limit(2);
//!     assert_eq!(aio::timeout(Duration::from_secs(60), all).await?, [3, 1, 2]);
//!     assert_eq!(testing::elapsed(), Duration::from_secs(3)); // 3, beside 1 and then 2
//!
//!     let task = aio::create_task(async {
//!         let work = aio::sleep(Duration::from_secs(60));
//!         aio::finally(work, aio::sleep(Duration::from_secs(1))).await; // clean-up awaits
//!     });
//!     aio::sleep(Duration::from_secs(1)).await;
//!     task.cancel();
//!     assert!(task.await.unwrap_err().is_cancelled());
//!     aio::ok(())
//! })?;
//! # Ok::<(), aio::Error>(())
//! ```
//!
//! For errors that the caller should tell apart, return a `Result` from the body, and use `?` in it.
//! Exceptions ([`Co::raise`]) are for errors that the body does not expect callers to ask about.
//!
//! # Features
//!
//! - `std` (on by default): `Send` generators and `BoxGen`, `Shared`, pipelines, the limit of depth, and yields under
//!   combinators with wakers of their own. Without it the crate is `no_std`: generators, pinned or as [`LocalBoxGen`], with
//!   the whole protocol, recursion, delegation, streams, context managers and drives. They are not `Send` then, and a yield
//!   must be polled with the generator's own waker (by `join!`, say, but not by `FuturesUnordered`). The program needs a
//!   global allocator, as the crate links `alloc`. All other features imply `std`.
//! - `threads` (on by default): parts of [pipelines](pipeline) on threads of their own. It pulls in crossbeam-channel.
//! - `anyhow`, `eyre`: `?` turns an [`Exception`] into an `anyhow::Error`, or an `eyre::Report`. (The other way
//!   needs no feature.) They pull in those crates, eyre without its default features.
//! - `genawaiter`: any `genawaiter::Coroutine` is a generator ([`from_coroutine`]), and frames and boxes are
//!   `genawaiter::Coroutine`s. That crate is pulled in without its default features.
//! - `aio`: the async API. It pulls in tokio, without its default features but with `rt` and `time` (a
//!   runtime for this thread, and timers), and on Unix signal-hook, for ctrl-c. Without it the crate has no
//!   runtime, and async drives are polled by yours.
//! - `process`: pools of worker processes, on Unix. It implies `aio`, and pulls in serde, rmp-serde (its format),
//!   inventory (the program's list of jobs) and rustix.
//! - `tracing`: spans and events of the async API, for the crate tracing, which it pulls in. It implies `aio`.
//! - `full`: all of them.
//!
//! Every build needs futures-core and futures-sink (the traits `Stream` and `Sink`), pin-project and thiserror (macros).

#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without all features some links lead to what is not there.
#![cfg_attr(
    not(all(feature = "full", unix)),
    allow(rustdoc::broken_intra_doc_links)
)]

extern crate alloc;

mod debug;
#[allow(unsafe_code, reason = "the engine: every block says why it is sound")]
mod frame;
mod generator;
#[cfg(feature = "std")]
pub mod pipeline;

#[cfg(feature = "aio")]
pub mod aio;

#[cfg(all(feature = "process", unix))]
pub mod process;

pub mod adapt;
pub mod context;

pub use adapt::{Answer, DriveError, GeneratorExt, ReplyTo, from_iter, from_stream};
#[cfg(feature = "genawaiter")]
pub use adapt::{from_coroutine, from_coroutine_with};
pub use frame::{
    Call, Catch, Co, Exception, Frame, IntoException, Never, Raise, Recursive, RecursiveCo,
    WithCallersWaker, Yield, with_callers_waker,
};
pub use generator::{
    AClose, AContinue, ANext, ASend, AStart, AThrow, CatchAs, CatchException, CloseError, Closing,
    Finally, Generator, GeneratorExit, Iter, KeptReturn, LocalBoxGen, NextError, RecursionError,
    Results, SendError, SentNothing, StartError, State, Step, ThrowError, TryYield, YieldAll,
    YieldAllStream, YieldAllWith, YieldFrom, generator, recursive,
};
#[cfg(feature = "std")]
pub use generator::{
    BoxGen, Shared, Unraisable, WeakShared, set_unraisable_hook, take_unraisable_hook,
};

#[doc(hidden)]
pub use frame::UnderWay;
#[doc(hidden)]
pub use generator::{Delegate, Delegated};

#[cfg(doctest)]
mod doctests;
#[cfg(doc)]
pub mod guide;
