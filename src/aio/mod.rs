//! asyncio's API on the engine of this crate.

mod as_completed;
mod async_generator;
mod awaiting;
mod cancelled;
mod child;
mod children;
mod completion;
mod context;
mod error;
mod event_loop;
mod gather;
mod group;
mod output;
mod promise;
mod queue;
mod report;
mod scope;
mod shield;
mod signal;
mod sleep;
mod sync;
mod task;
pub mod testing;
mod timeout;
mod wait;
mod wait_for;

pub use as_completed::{AsCompleted, as_completed};
pub use async_generator::{AsyncCo, AsyncGenerator, AsyncItems, async_generator};
pub use awaiting::{Awaitable, Borrowed, Cloned, Owned, Source};
pub use cancelled::Cancelled;
pub use child::{Child, ensure_future};
pub use children::{Children, Sources};
pub use completion::CallbackId;
pub use context::{
    AClosing, AsyncContext, AsyncExitStack, ContextManager, NullContext, aclosing, context_manager,
    exit_stack, nullcontext,
};
pub use error::{Error, Group, Panicked};
pub use event_loop::{EventLoop, Handle, Runner, call_at, call_later, call_soon, run};
pub use gather::{Each, Gather, GatherAll, gather, gather_all};
pub use group::{TaskGroup, task_group};
pub use output::{Output, ok};
pub use promise::Promise;
pub use queue::{LifoQueue, PriorityQueue, PutError, Queue, QueueError};
pub use scope::{catch, catch_cancelled, finally};
pub use shield::{Shield, shield};
pub use sleep::{Sleep, now, sleep, sleep_until};
pub use sync::{
    Barrier, BoundedSemaphore, BrokenBarrier, Condition, Event, Lock, LockGuard, Permit, Semaphore,
};
pub use task::{RemoteTask, Task, TaskHandle, all_tasks, create_task, current_task};
pub use timeout::{Timeout, timeout, timeout_at, timeout_with};
pub use wait::{ReturnWhen, Wait, wait};
pub use wait_for::wait_for;
