/// Names a task of a loop; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::aio) struct TaskId {
    pub(super) slot: u32,
    /// Unique among the tasks of a loop.
    pub(super) number: u64,
}

impl TaskId {
    pub(in crate::aio::core) fn new(slot: u32, number: u64) -> Self {
        Self { slot, number }
    }
}
