//! The tasks of a loop, by slot.
//!
//! 1. A slot is used again, a number is not. So an id with both finds its task in constant time, and no other task
//!    in its place, however late a waker comes.
//! 2. A task that is taken out goes to the caller, who drops it when nothing is borrowed: that may drop a body.
//! 3. `len` is the number of slots in use.

use std::cell::{Cell, RefCell};

use super::task_id::TaskId;

/// The tasks of a loop that have not ended. It holds them strongly, so that a task whose handle was dropped
/// runs on.
pub(in crate::aio) struct Registry<T> {
    slots: RefCell<Vec<Option<T>>>,
    free: RefCell<Vec<u32>>,
    len: Cell<usize>,
}

/// What is registered: a task.
pub(in crate::aio) trait Registered: Clone {
    fn id(&self) -> TaskId;
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self {
            slots: RefCell::default(),
            free: RefCell::default(),
            len: Cell::new(0),
        }
    }
}

impl<T: Registered> Registry<T> {
    /// Registers the task that `make` makes for its slot. `make` runs none of the user's code: the slots are borrowed,
    /// so that the task is made where it stays, with the slot in it.
    pub(in crate::aio::core) fn insert<R>(&self, make: impl FnOnce(u32) -> (T, R)) -> R {
        let mut slots = self.slots.borrow_mut();
        let slot = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(None);
            u32::try_from(slots.len() - 1).expect("fewer than 2^32 tasks")
        });
        let (task, result) = make(slot);
        slots[slot as usize] = Some(task);
        self.len.set(self.len.get() + 1);
        result
    }

    pub(in crate::aio) fn get(&self, id: TaskId) -> Option<T> {
        let slots = self.slots.borrow();
        let task = slots.get(id.slot as usize)?.as_ref()?;
        (task.id().number == id.number).then(|| task.clone())
    }

    /// Forgets a task that has ended. The caller must hold no borrow when it drops the task.
    #[must_use]
    pub(in crate::aio) fn remove(&self, id: TaskId) -> Option<T> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.get_mut(id.slot as usize)?;
        let task = slot.take_if(|task| task.id().number == id.number)?;
        self.free.borrow_mut().push(id.slot);
        self.len.set(self.len.get() - 1);
        Some(task)
    }

    pub(in crate::aio) fn len(&self) -> usize {
        self.len.get()
    }

    /// All tasks, in the order in which they were created.
    pub(in crate::aio) fn all(&self) -> Vec<T> {
        let slots = self.slots.borrow();
        let mut tasks: Vec<_> = slots.iter().flatten().cloned().collect();
        drop(slots);
        tasks.sort_by_key(|task| task.id().number);
        tasks
    }

    pub(in crate::aio) fn take_all(&self) -> Vec<T> {
        let tasks = self.all();
        // `tasks` has a pointer to each of them, so none of these drops is the last.
        for task in &tasks {
            drop(self.remove(task.id()));
        }
        tasks
    }
}
