//! What tasks use to wait for each other: locks, semaphores, events, conditions, barriers.

pub(super) mod acquire;
mod barrier;
mod bounded_semaphore;
mod broken_barrier;
mod condition;
mod event;
mod lock;
mod permit;
mod permits;
mod raw_lock;
mod semaphore;
pub(super) mod wait_list;

pub use barrier::Barrier;
pub use bounded_semaphore::BoundedSemaphore;
pub use broken_barrier::BrokenBarrier;
pub use condition::Condition;
pub use event::Event;
pub use lock::{Lock, LockGuard};
pub use permit::Permit;
pub use semaphore::Semaphore;
