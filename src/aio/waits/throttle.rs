//! The limit of a gather, or of something like it.
//!
//! 1. Which children are tasks that were made for it is known by their types, when they are made
//!    ([`Children::MAKE_TASKS`](super::children::Children::MAKE_TASKS)). Only these count, and only these are held:
//!    another task, among the children or beside them, runs as it is.
//! 2. A child in `waiting` is held, unless it has been cancelled: then it ends in its next step, and stays in `waiting`
//!    until its end is told. The entries are in the order of the children.
//! 3. The end of a child that was let go lets the next one go. One that ended while it was in `waiting` never
//!    had a place, so its end makes none free.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::aio::core::awaiting::Ending;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::target::Target;

pub(super) struct Throttle {
    /// Which of the children became tasks. The last entry stands for all that follow.
    made: &'static [fn() -> bool],
    /// The children beyond the limit, with their indices: set by `limit`, and taken away one by one by
    /// `ended`.
    waiting: RefCell<VecDeque<(u32, AnyTask)>>,
}

impl Throttle {
    pub(super) fn new(made: &'static [fn() -> bool]) -> Self {
        Self {
            made,
            waiting: RefCell::default(),
        }
    }

    /// Holds all but the first `limit` of the tasks that were made for `children`. An earlier limit no longer
    /// counts.
    ///
    /// # Panics
    ///
    /// If `limit` is zero.
    #[track_caller]
    pub(super) fn limit<'a>(&self, limit: usize, children: impl IntoIterator<Item = &'a Ending>) {
        assert!(limit > 0, "the limit must be at least one");
        for (_, task) in self.waiting.take() {
            task.release();
        }
        let own = (0..)
            .zip(children)
            .filter_map(|(index, child)| match &child.0 {
                Target::Task(task) if self.is_made(index) => Some((index, task)),
                _ => None,
            });
        let own = own.filter(|(_, task)| !task.core().is_done());
        let beyond: VecDeque<_> = own
            .skip(limit)
            .map(|(index, task)| (index, task.clone()))
            .collect();
        for (_, task) in &beyond {
            task.core().hold();
        }
        let nothing = self.waiting.replace(beyond);
        drop(nothing);
    }

    /// Whether the child with this index is a task that was made for it.
    fn is_made(&self, index: u32) -> bool {
        let made = self.made.get(index as usize).or(self.made.last());
        made.is_some_and(|makes_task| makes_task())
    }

    /// Whether no child waits.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.borrow().is_empty()
    }

    /// The child with this index has ended.
    pub(super) fn ended(&self, index: u32) {
        if !self.is_idle() && self.is_made(index) && !self.forget(index) {
            self.release_next();
        }
    }

    /// Whether the child with this index was waiting. It no longer is.
    fn forget(&self, index: u32) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let Ok(at) = waiting.binary_search_by_key(&index, |(index, _)| *index) else {
            return false;
        };
        let ended = waiting.remove(at);
        // The drop may be somebody else's code.
        drop(waiting);
        drop(ended);
        true
    }

    /// Lets the first that waits go. Those that have ended, and have not been told of, are passed over.
    fn release_next(&self) {
        let mut waiting = self.waiting.borrow_mut();
        let next = waiting.iter().position(|(_, task)| !task.core().is_done());
        let next = next.and_then(|at| waiting.remove(at));
        drop(waiting);
        if let Some((_, task)) = next {
            task.release();
        }
    }
}
