/// Why a queue did not give an item, or take one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// There is no item. Python: `asyncio.QueueEmpty`.
    #[error("the queue is empty")]
    Empty,
    /// There is no room. Python: `asyncio.QueueFull`.
    #[error("the queue is full")]
    Full,
    /// The queue has been shut down. Python: `asyncio.QueueShutDown`.
    #[error("the queue has been shut down")]
    ShutDown,
}
