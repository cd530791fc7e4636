//! Async context managers. Python: `contextlib`.

mod async_context;
mod closing;
mod manager;
mod null;
mod stack;
mod suppress;

pub use crate::context::{NullContext, Suppress, nullcontext};
pub use async_context::AsyncContext;
pub(super) use async_context::leave;
pub use closing::{AClosing, ClosingAfter, aclosing, closing};
pub use manager::{ContextManager, context_manager};
pub use stack::{AsyncExitStack, exit_stack};
pub use suppress::{suppress, suppress_if};
