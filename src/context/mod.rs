//! Context managers: something that is entered before a block and left after it, however the block ends.
//! Python: `contextlib`. (The module [`aio`](crate::aio) has those that await.)
//!
//! Rust's `Drop` does this for clean-up that cannot fail, and need not know how the block ended. A [`Context`] is
//! told the error, may swallow or replace it, and may fail itself.
//!
//! ```
//! use cogen::Exception;
//! use cogen::context::{Context, context_manager};
//! use std::cell::RefCell;
//!
//! let log = RefCell::new(Vec::new());
//! let transaction = || {
//!     let log = &log;
//!     context_manager(move |co| async move {
//!         log.borrow_mut().push("begin");
//!         match co.try_yield("connection").await {
//!             Ok(()) => log.borrow_mut().push("commit"),
//!             Err(error) => {
//!                 log.borrow_mut().push("roll back");
//!                 return Err(error);
//!             }
//!         }
//!         Ok::<_, Exception>(())
//!     })
//! };
//! let length = transaction().with(|connection| Ok::<_, Exception>(connection.len()))?;
//! assert_eq!(length, Some(10));
//!
//! let failed = transaction().with(|_connection| "x".parse::<i32>());
//! assert_eq!(failed.unwrap_err().to_string(), "invalid digit found in string");
//! assert_eq!(log.take(), ["begin", "commit", "begin", "roll back"]);
//! # Ok::<(), Exception>(())
//! ```
//!
//! # From Python
//!
//! | contextlib | here |
//! |---|---|
//! | `@contextmanager` | [`context_manager`] |
//! | `with m as x:` | [`m.with(\|x\| …)`](Context::with): `None` if an error was swallowed |
//! | `__enter__`, `__exit__` | [`Context::enter`], [`Context::exit`] |
//! | `ExitStack` | [`exit_stack`], [`ExitStack`] |
//! | `ContextDecorator`: `@m()` | [`within`] |
//! | `suppress(E)`, `suppress(E, F)` | [`suppress::<E>()`](suppress), [`suppress_if`] |
//! | `nullcontext(x)` | [`nullcontext`] |
//! | `closing(thing)` | [`closing(thing, close)`](closing), whose block borrows the thing; a generator that is only to be closed: [`BoxGen`](crate::BoxGen), [`g.closing()`](crate::Generator::closing) |
//!
//! # Panics
//!
//! A block that panics is left as well: [`exit`](Context::exit) is given a [`BlockPanicked`]. If leaving panics, the
//! contexts around are left all the same, in a stack as in nested blocks. The first panic is the one that goes on; errors
//! that it takes the place of are told to the hook of `set_unraisable_hook`. (Without the feature `std` a panic cannot be
//! caught, and there is no hook: a second panic while the thread unwinds aborts.)

mod block_panicked;
mod closing;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod context;
mod manager;
mod null;
mod panics;
mod stack;
mod suppress;
mod within;

pub use crate::generator::Outcome;
pub use block_panicked::BlockPanicked;
pub use closing::{ClosingAfter, closing};
pub use context::Context;
pub use manager::{ContextManager, YieldError, context_manager};
pub use null::{NullContext, nullcontext};
#[cfg(feature = "aio")]
pub(crate) use panics::{FirstPanic, lost, while_unwinding};
pub use stack::{ExitStack, exit_stack};
pub use suppress::{Suppress, suppress, suppress_if};
pub use within::within;
