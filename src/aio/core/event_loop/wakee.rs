use crate::aio::core::foreign_waker::ForeignWaker;
use crate::aio::core::raw::pointer::AnyTask;

/// What is woken.
#[derive(Clone)]
pub(in crate::aio) enum Wakee {
    /// The task itself: it was polled with its own waker.
    Task(AnyTask),
    /// A combinator inside it.
    Waker(ForeignWaker),
}

impl Wakee {
    pub(in crate::aio) fn wake(self) {
        match self {
            Self::Task(task) => task.wake_by_value(),
            Self::Waker(waker) => waker.wake(),
        }
    }
}
