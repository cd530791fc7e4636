//! The protocol, on top of the engine.
//!
//! [`generator`] makes a [`Frame`](crate::Frame) from a body; what the body does goes through [`Co`](crate::Co)
//! (`co.rs`), what the caller does through the trait [`Generator`] (`protocol.rs`). [`recursive`] makes a generator
//! whose body may call others. Everything with an engine, the frames and the boxes, implements the protocol by the
//! functions of `driven.rs`; pointers to generators forward (`forward.rs`). A body delegates to another generator
//! (`yield_from.rs`), or to an iterator or stream (`yield_all.rs`). `shared.rs` has the handle for several owners.
//! Where a generator resumes one whose type does not tell how many generators it contains, too little of the stack
//! may be left: the resume then fails with a [`RecursionError`] (`recursion.rs`).

mod asynchronous;
mod boxed;
mod catch_as;
mod catch_exception;
mod cleanup;
mod closing;
mod co;
mod create;
mod delegate;
mod driven;
mod errors;
mod exit;
mod finally;
mod forward;
mod into_iter;
mod iter;
mod kept_return;
mod loop_error;
mod outcome;
mod outsiders;
mod protocol;
mod recursion;
mod recursive;
mod results;
mod scoped;
mod sent_nothing;
#[cfg(feature = "std")]
mod shared;
mod state;
mod step;
#[cfg(feature = "aio")]
mod unclosed;
#[cfg(feature = "std")]
mod unraisable;
mod yield_all;
mod yield_from;

pub use asynchronous::{AClose, AContinue, ANext, ASend, AStart, AThrow};
#[cfg(feature = "std")]
pub use boxed::BoxGen;
pub use boxed::LocalBoxGen;
pub use catch_as::CatchAs;
pub use catch_exception::CatchException;
pub use closing::Closing;
pub use co::TryYield;
pub use create::generator;
pub use delegate::{Delegate, Delegated};
pub use errors::{CloseError, NextError, SendError, StartError, ThrowError};
pub use exit::GeneratorExit;
pub use finally::Finally;
pub use iter::Iter;
pub use kept_return::KeptReturn;
pub(crate) use loop_error::fail as fail_loop;
#[cfg(feature = "std")]
pub(crate) use loop_error::panic_with;
pub use outcome::Outcome;
pub use protocol::Generator;
pub use recursion::RecursionError;
pub use recursive::recursive;
pub use results::Results;
#[cfg(feature = "aio")]
pub(crate) use scoped::Scoped;
pub use sent_nothing::SentNothing;
#[cfg(feature = "std")]
pub use shared::{Shared, WeakShared};
pub use state::State;
pub use step::Step;
#[cfg(feature = "aio")]
pub(crate) use unclosed::Unclosed;
#[cfg(feature = "tracing")]
pub(crate) use unraisable::is_told;
#[cfg(any(feature = "aio", feature = "threads"))]
pub(crate) use unraisable::quietly;
#[cfg(any(feature = "threads", all(feature = "aio", not(feature = "tracing"))))]
pub(crate) use unraisable::report;
#[cfg(feature = "std")]
pub use unraisable::{Unraisable, set_unraisable_hook, take_unraisable_hook};
#[cfg(feature = "std")]
pub(crate) use unraisable::{ignored, panicked};
pub use yield_all::{YieldAll, YieldAllStream, YieldAllWith};
pub use yield_from::YieldFrom;
