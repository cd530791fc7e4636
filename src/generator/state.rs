/// Where a generator is in its life. Python's `inspect.getgeneratorstate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not started: nothing of the body has run.
    Created,
    /// Waits at a yield (or, in an async generator, for a future).
    Suspended,
    /// Its body is running right now. Only a handle that several owners share can see that.
    Running,
    /// Over: it returned, raised, panicked or was closed. The body has been dropped.
    Closed,
}
