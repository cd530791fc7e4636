//! Queues between tasks.

pub(in crate::aio) mod any_queue;
mod buffer;
mod fifo;
mod lifo;
mod methods;
mod priority;
mod put_error;
mod queue_core;
mod queue_error;

pub use fifo::Queue;
pub use lifo::LifoQueue;
pub use priority::PriorityQueue;
pub use put_error::PutError;
pub use queue_error::QueueError;
