//! Async context managers. Python: `contextlib`.

mod manager;
mod stack;

pub(super) use manager::leave;
pub use manager::{
    AClosing, AsyncContext, ContextManager, NullContext, aclosing, context_manager, nullcontext,
};
pub use stack::{AsyncExitStack, exit_stack};
