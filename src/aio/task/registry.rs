use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::AnyTask;

/// Names a task of a loop; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in super::super) struct TaskId {
    slot: u32,
    generation: u32,
}

#[derive(Default)]
struct Slot {
    generation: u32,
    task: Option<Rc<dyn AnyTask>>,
}

/// The tasks of a loop that have not ended: it holds them strongly, so that a task whose handle was
/// dropped runs on.
#[derive(Default)]
pub(in super::super) struct Registry {
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<u32>>,
    len: Cell<usize>,
}

impl Registry {
    /// Registers the task that `make` makes of its id.
    pub(in super::super) fn insert<T: AnyTask + 'static>(
        &self,
        make: impl FnOnce(TaskId) -> Rc<T>,
    ) -> Rc<T> {
        let mut slots = self.slots.borrow_mut();
        let slot = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(Slot::default());
            u32::try_from(slots.len() - 1).expect("fewer than 2^32 tasks")
        });
        let entry = &mut slots[slot as usize];
        let task = make(TaskId {
            slot,
            generation: entry.generation,
        });
        entry.task = Some(task.clone());
        self.len.set(self.len.get() + 1);
        task
    }

    pub(in super::super) fn get(&self, id: TaskId) -> Option<Rc<dyn AnyTask>> {
        let slots = self.slots.borrow();
        let slot = slots.get(id.slot as usize)?;
        if slot.generation == id.generation {
            slot.task.clone()
        } else {
            None
        }
    }

    /// Forgets a task that has ended. The caller drops it when it holds no borrow.
    #[must_use]
    pub(in super::super) fn remove(&self, id: TaskId) -> Option<Rc<dyn AnyTask>> {
        let mut slots = self.slots.borrow_mut();
        let slot = slots.get_mut(id.slot as usize)?;
        if slot.generation != id.generation {
            return None;
        }
        let task = slot.task.take()?;
        slot.generation = slot.generation.wrapping_add(1);
        self.free.borrow_mut().push(id.slot);
        self.len.set(self.len.get() - 1);
        Some(task)
    }

    pub(in super::super) fn len(&self) -> usize {
        self.len.get()
    }

    /// All of them, in the order in which they were created.
    pub(in super::super) fn all(&self) -> Vec<Rc<dyn AnyTask>> {
        let slots = self.slots.borrow();
        let mut tasks: Vec<_> = slots.iter().filter_map(|slot| slot.task.clone()).collect();
        drop(slots);
        tasks.sort_by_key(|task| task.core().number);
        tasks
    }

    pub(in super::super) fn take_all(&self) -> Vec<Rc<dyn AnyTask>> {
        let tasks = self.all();
        for task in &tasks {
            drop(self.remove(task.core().id));
        }
        tasks
    }
}
