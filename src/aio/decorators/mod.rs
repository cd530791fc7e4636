//! Decorators: async functions that wrap async functions. A decorator is a function that takes an `AsyncFn`
//! and gives one; a decorator with arguments takes them first. Those here are ready-made, for plain closures.
//!
//! ```
//! use cogen::aio::{self, decorators::{retry, Backoff}};
//! use std::{cell::Cell, time::Duration};
//!
//! aio::testing::run(async {
//!     let calls = Cell::new(0);
//!     let flaky = async |n: u32| {
//!         calls.set(calls.get() + 1);
//!         if calls.get() < 3 { Err(aio::Error::new("not yet")) } else { Ok(n) }
//!     };
//!     let fetch = retry(Backoff::attempts(5), flaky);
//!     assert_eq!(fetch(7).await?, 7);
//!     assert_eq!(calls.get(), 3);
//!     aio::ok(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod logged;
mod retry;
mod timed;
mod within;

pub use logged::{Event, logged};
pub use retry::{Backoff, retry, retry_if};
pub use timed::timed;
pub use within::{within, within_or_none};
