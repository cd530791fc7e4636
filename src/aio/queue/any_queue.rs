//! A queue of any order, as a handle on another thread uses it on the loop's thread; and how that finds it.
//!
//! A queue stays on its thread. What crosses is a number, which finds the queue there as long as that lives.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use super::queue_error::QueueError;
use crate::aio::core::error::Error;

/// A queue of `T`s.
pub(in crate::aio) trait AnyQueue<T> {
    /// Takes an item.
    fn any_get(&self, at: &'static Location<'static>) -> Waits<'_, Result<T, QueueError>>;

    /// Puts in what `from` has when there is room, unless that has nothing more. An item that is refused goes back.
    fn any_put<'a>(
        &'a self,
        from: &'a dyn Supplier<T>,
        at: &'static Location<'static>,
    ) -> Waits<'a, Result<(), QueueError>>;

    /// Puts an item back that a [`get`](Self::any_get) took, for somebody who no longer wants it.
    fn any_put_back(&self, item: T);

    fn any_shut_down(&self, immediate: bool);

    fn any_task_done(&self) -> Result<(), Error>;
}

pub(in crate::aio) type Waits<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Who has an item that is to be put in.
pub(in crate::aio) trait Supplier<T> {
    fn take(&self) -> Option<T>;

    fn give_back(&self, item: T);
}

thread_local! {
    /// The queues of this thread that have handles on others. Each is a `Weak<dyn AnyQueue<T>>`.
    static QUEUES: RefCell<BTreeMap<u64, Box<dyn Any>>> = const { RefCell::new(BTreeMap::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// The entry of a queue in the list of its thread. The queue has it, so it ends with the queue.
pub(in crate::aio) struct Entry {
    number: u64,
}

impl Entry {
    pub(super) fn new<T: 'static>(queue: Weak<dyn AnyQueue<T>>) -> Self {
        let number = NEXT.get();
        NEXT.set(number + 1);
        QUEUES.with_borrow_mut(|queues| queues.insert(number, Box::new(queue)));
        Self { number }
    }

    pub(in crate::aio) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        // At the thread's end the list may be gone. What is removed is a weak pointer, whose drop is nobody's code.
        let _gone = QUEUES.try_with(|queues| queues.borrow_mut().remove(&self.number));
    }
}

/// The queue with this number on this thread, if it is still there.
pub(in crate::aio) fn find<T: 'static>(number: u64) -> Option<Rc<dyn AnyQueue<T>>> {
    QUEUES.with_borrow(|queues| {
        let queue: &Weak<dyn AnyQueue<T>> = queues.get(&number)?.downcast_ref()?;
        queue.upgrade()
    })
}
