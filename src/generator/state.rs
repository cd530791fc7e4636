/// Where a generator is in its life. Python's `inspect.getgeneratorstate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not started: nothing of the body has run.
    Created,
    /// Waits at a yield.
    Suspended,
    /// Its body awaits a future, since an operation ended with `Pending`, or a future of an async one was dropped:
    /// [`acontinue`](crate::Generator::acontinue) and [`try_continue`](crate::Generator::try_continue) go on.
    /// (Python counts this as suspended.)
    Awaiting,
    /// Its body is running right now. Only a handle that several owners share can see that.
    Running,
    /// Over: it returned, raised, panicked or was closed. The body has been dropped.
    Closed,
}
