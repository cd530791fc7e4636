//! The engine: a [`Frame`] is a body plus its state, and the only thing that is resumed. All of the
//! crate's unsafe code is in this folder, except that for the memory of tasks (`aio/core/raw`).
//!
//! A body is a future. Resuming is polling it once, with a [`slot`] that holds what it is sent (`resume.rs`, the one
//! place that polls). A [`Yield`] leaves its value in the slot and is pending; when it is polled again it takes the
//! reply. It finds the slot through the waker of the poll, or, under a waker that is not ours, in the thread's chain
//! ([`thread`]). Scopes ([`scope`]) claim to be the target of what is thrown next; a [`Raise`] suspends the body
//! until a scope takes its exception. Between resumes a frame keeps three words ([`head`]), and a box for what is
//! rarely needed. A body that would yield only to be sent something can be lent a supplier instead ([`supply`]).
//!
//! A [`Recursive`] is a frame whose body may call others, with a [`RecursiveCo`]: a [`Call`] leaves a
//! handle of the called body ([`node`]) in the slot, the frame puts it onto its stack ([`calls`]) and
//! polls what is on top ([`run`]). Nested bodies are dropped through a queue ([`drops`]), and leave their memory to
//! the next ones ([`pool`]).
//!
//! [`engine`] is what the rest of the crate sees: safe functions over anything that can be stepped.

mod admit;
mod call;
mod call_slot;
mod calls;
mod co;
mod cold;
mod cold_path;
mod depth;
mod drops;
mod engine;
mod exception;
mod head;
mod kept;
#[cfg(feature = "aio")]
mod key;
#[cfg(feature = "aio")]
mod lazy;
mod node;
mod place;
pub(crate) mod pool;
mod raise;
mod recursive;
mod recursive_co;
mod relay;
mod resume;
mod run;
mod scope;
mod slot;
mod status;
mod supply;
mod thread;
mod turns;
mod unlent;
mod wakers;
mod yielding;

pub use call::Call;
pub use co::Co;
pub use exception::Exception;
pub use raise::{Never, Raise};
pub use recursive::Recursive;
pub use recursive_co::RecursiveCo;
pub use resume::Frame;
pub use scope::Catch;
pub use supply::Demand;
pub use unlent::{WithCallersWaker, with_callers_waker};
pub use yielding::Yield;

pub(crate) use depth::{LocalBox, SendBox, is_too_deep};
#[cfg(feature = "aio")]
pub(crate) use engine::tries;
pub(crate) use engine::{
    Engine, Phase, Resume, Resumed, go_on, next_into, resume_any, send, start, start_or_send, throw,
};
#[cfg(feature = "aio")]
pub(crate) use key::{Claim, Key};
#[cfg(feature = "aio")]
pub(crate) use lazy::{Polled, poll};
pub(crate) use relay::{Answer, Event, Relay};
pub(crate) use resume::Raw;
#[cfg(feature = "aio")]
pub(crate) use slot::outermost_of;
pub(crate) use slot::{is_driven_by_us, link_all};
pub(crate) use supply::{Supplier, Supply, depth, supplied};
