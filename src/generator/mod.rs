//! The protocol, on top of the engine.
//!
//! [`generator`] makes a [`Frame`](crate::Frame) of a body; what the body does goes through
//! [`Co`](crate::Co) (`co.rs`), what the caller does through the trait [`Generator`] (`protocol.rs`).
//! Everything with an engine, the frame and the boxes, implements it by the functions of `driven.rs`;
//! pointers to generators forward (`forward.rs`).

mod asynchronous;
mod boxed;
mod closing;
mod co;
mod create;
mod driven;
mod errors;
mod exit;
mod forward;
mod iter;
mod protocol;
mod state;
mod step;

pub use asynchronous::{AClose, ANext, ASend, AStart, AThrow};
pub use boxed::{BoxGen, LocalBoxGen};
pub use closing::Closing;
pub use co::TryYield;
pub use create::generator;
pub use errors::{CloseError, NextError, SendError, StartError, ThrowError};
pub use exit::GeneratorExit;
pub use iter::Iter;
pub use protocol::Generator;
pub use state::State;
pub use step::Step;
