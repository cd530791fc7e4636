/// A [`Barrier`](crate::aio::Barrier) was aborted, or reset while tasks waited at it. Python:
/// `asyncio.BrokenBarrierError`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the barrier was aborted or reset")]
#[non_exhaustive]
pub struct BrokenBarrier;
