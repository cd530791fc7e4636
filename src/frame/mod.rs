//! The engine: a [`Frame`] is a body plus its state, and the only thing that is resumed. All of the
//! crate's unsafe code is in this folder, except that for the memory of tasks (`aio/core/raw`).
//!
//! A body is a future. Resuming is polling it once, with a [`slot`] that holds what it is sent (`frame.rs`, the one
//! place that polls). A [`Yield`] leaves its value in the slot and is pending; when it is polled again it takes the
//! reply. It finds the slot through the waker of the poll, or, under a waker that is not ours, in the thread's chain
//! ([`thread`]). Scopes ([`scope`]) claim to be the target of what is thrown next; a [`Raise`] suspends the body
//! until a scope takes its exception. Between resumes a frame keeps three words ([`frame_head`]), and a box for what
//! is rarely needed ([`cold_data`]). A body that would yield only to be sent something can be lent a supplier instead
//! ([`supply`]).
//!
//! A [`Recursive`] is a frame whose body may call others, with a [`RecursiveCo`]: a [`Call`] leaves a
//! handle of the called body ([`called_body`]) in the slot, the frame puts it onto its stack ([`call_stack`]) and
//! polls what is on top ([`recursive_resume`]). Nested bodies are dropped through a queue ([`drop_queue`]), and leave
//! their memory to the next ones ([`memory_pool`]).
//!
//! [`operations`] is what the rest of the crate sees: safe functions over any [`Engine`], which is what can be stepped.

mod admit;
mod call;
mod call_slot;
mod call_stack;
mod called_body;
mod callers_waker;
mod co;
mod cold_data;
mod cold_path;
#[cfg(feature = "std")]
mod conversions;
mod deep_box;
#[cfg(feature = "std")]
mod drop_queue;
mod engine;
mod exception;
mod flags;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod frame;
mod frame_head;
mod id_counter;
mod ids;
mod into_exception;
mod kept_outcome;
#[cfg(feature = "std")]
pub(crate) mod memory_pool;
#[cfg(feature = "std")]
mod native_stack;
mod never;
#[cfg(not(feature = "std"))]
mod no_drop_queue;
mod operation_error;
mod operations;
mod outsider;
mod raise;
mod recursive;
mod recursive_co;
mod recursive_resume;
mod relay;
mod resumed;
mod scope;
mod scope_wakers;
mod slot;
mod status;
#[cfg(feature = "std")]
mod supply;
#[cfg(feature = "std")]
mod thread;
mod unit;
#[cfg(feature = "aio")]
mod unyielding;
mod value_place;
#[cfg(not(feature = "std"))]
mod without_std;
mod wrapper;
mod yield_queue;
mod yield_state;
mod yielding;

#[cfg(not(feature = "std"))]
use no_drop_queue as drop_queue;
#[cfg(not(feature = "std"))]
use without_std::{memory_pool, native_stack, thread};

pub use call::Call;
pub use callers_waker::{WithCallersWaker, with_callers_waker};
pub use co::Co;
pub use exception::Exception;
pub use frame::Frame;
pub use into_exception::IntoException;
pub use never::Never;
pub use raise::Raise;
pub use recursive::Recursive;
pub use recursive_co::RecursiveCo;
pub use scope::Catch;
pub(crate) use scope::Edge;
#[cfg(feature = "std")]
pub use supply::Demand;
pub use yielding::Yield;

pub(crate) use deep_box::LocalBox;
#[cfg(feature = "std")]
pub(crate) use deep_box::SendBox;
pub(crate) use engine::{Engine, Phase};
#[cfg(feature = "aio")]
pub(crate) use exception::{context_of, find, write_error};
pub(crate) use native_stack::is_too_deep;
pub(crate) use operation_error::operation_error;
pub(crate) use operations::{
    Resume, go_on, next_into, resume_any, send, start, start_or_send, throw,
};
pub(crate) use outsider::{Entry, Left, Outside, Outsider};
pub(crate) use relay::{Answer, Event, Relay};
pub(crate) use resumed::Resumed;
#[cfg(feature = "aio")]
pub(crate) use slot::{has_yielded, outermost_of};
#[cfg(feature = "std")]
pub(crate) use slot::{is_driven_by_us, link_all};
pub use status::UnderWay;
#[cfg(feature = "std")]
pub(crate) use supply::{Supplier, Supply, depth, supplied};
pub(crate) use unit::{type_id, unit};
#[cfg(feature = "aio")]
pub(crate) use unyielding::{Polled, poll};
#[cfg(feature = "aio")]
pub(crate) use wrapper::is_wrapper;
pub(crate) use wrapper::{Wrapper, unboxed};
