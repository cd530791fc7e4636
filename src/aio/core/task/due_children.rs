use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ptr;
use std::task::Waker;

use crate::aio::core::body::Mode;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::waker::is_lent_to;
use crate::aio::core::report;

/// What the loop tells a group's future: which of the children whose bodies it owns have their turn.
pub(in crate::aio) struct DueChildren {
    /// The task that polled the group's future last. The children have their turns in that one's.
    parent: RefCell<AnyTask>,
    /// The children whose turn it is: one, unless a combinator did not poll the group's future.
    due: RefCell<VecDeque<(u32, Mode)>>,
    /// Whether the children whose turn it is are being polled.
    polled: Cell<bool>,
    /// The waker of the combinator that polls the group's future, if the task itself does not.
    waker: Cell<Option<Waker>>,
}

impl DueChildren {
    pub(in crate::aio) fn new(parent: AnyTask) -> Self {
        Self {
            parent: RefCell::new(parent),
            due: RefCell::default(),
            polled: Cell::new(false),
            waker: Cell::default(),
        }
    }

    pub(in crate::aio) fn parent(&self) -> AnyTask {
        self.parent.borrow().clone()
    }

    pub(in crate::aio) fn is_of(&self, task: &AnyTask) -> bool {
        self.parent.borrow().is(task)
    }

    /// Whether the waker that polls the group is the parent's own.
    pub(in crate::aio) fn is_polled_by_parent(&self, waker: &Waker) -> bool {
        is_lent_to(waker, &self.parent.borrow())
    }

    /// `task` polls the group from now on. Returns the one before, for the caller to drop.
    #[must_use = "the drop of a task is somebody else's code"]
    pub(in crate::aio) fn move_to(&self, task: AnyTask) -> AnyTask {
        self.parent.replace(task)
    }

    /// It is the turn of the child with this index: the group's future must poll it.
    pub(in crate::aio) fn set_due(&self, index: u32, mode: Mode) {
        self.add_due(index, mode);
        // The next poll leaves a waker again.
        if let Some(waker) = self.waker.take() {
            report::wake(waker);
        }
    }

    /// The same, where the group's future is polling its children.
    pub(in crate::aio) fn add_due(&self, index: u32, mode: Mode) {
        let mut due = self.due.borrow_mut();
        // One that is put aside may be woken many times.
        if !due.contains(&(index, mode)) {
            due.push_back((index, mode));
        }
    }

    pub(in crate::aio) fn set_polled(&self, polled: bool) {
        self.polled.set(polled);
    }

    pub(in crate::aio) fn is_polled(&self) -> bool {
        self.polled.get()
    }

    /// A number that no other group has while this one lives; not 0.
    pub(in crate::aio) fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }

    pub(in crate::aio) fn is_any_due(&self) -> bool {
        !self.due.borrow().is_empty()
    }

    pub(in crate::aio) fn take_due(&self) -> Option<(u32, Mode)> {
        self.due.borrow_mut().pop_front()
    }

    /// Whether the child is still to have its turn.
    pub(in crate::aio) fn is_due(&self, index: u32) -> bool {
        self.due.borrow().iter().any(|(due, _)| *due == index)
    }

    /// The child with this index has ended.
    pub(in crate::aio) fn forget(&self, index: u32) {
        self.due.borrow_mut().retain(|(due, _)| *due != index);
    }

    /// The group's future is polled. `waker`: the combinator's that polls it, if the task itself does not.
    pub(in crate::aio) fn set_waker(&self, waker: Option<Waker>) {
        let old = self.waker.replace(waker);
        report::discard(old);
    }
}
