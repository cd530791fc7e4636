//! Queues between tasks.

mod core;
mod error;
mod fifo;
mod lifo;
mod methods;
mod priority;
mod put_error;
mod store;

pub use error::QueueError;
pub use fifo::Queue;
pub use lifo::LifoQueue;
pub use priority::PriorityQueue;
pub use put_error::PutError;
