use std::cell::RefCell;
use std::collections::VecDeque;

use crate::aio::core::awaiting::Ending;
use crate::aio::core::completion::Target;
use crate::aio::core::raw::pointer::AnyTask;

/// The children of a gather, or something like it, that its limit keeps from running: each is released when
/// another one has ended.
#[derive(Default)]
pub(in crate::aio) struct Held {
    tasks: RefCell<VecDeque<AnyTask>>,
}

impl Held {
    /// Of the tasks that were created for `children` (those with the number `first` or a higher one), holds
    /// all but the first `limit`. An earlier limit no longer counts.
    pub(in crate::aio) fn limit<'a>(
        &self,
        limit: usize,
        first: u64,
        children: impl IntoIterator<Item = &'a Ending>,
    ) {
        for task in self.tasks.take() {
            task.release();
        }
        let fresh = children.into_iter().filter_map(|child| match &child.0 {
            Target::Task(task) => Some(task),
            Target::Other(_) => None,
        });
        let fresh = fresh.filter(|task| task.core().number >= first && !task.core().is_done());
        let held: VecDeque<_> = fresh.skip(limit).cloned().collect();
        for task in &held {
            task.core().hold();
        }
        let before = self.tasks.replace(held);
        drop(before);
    }

    pub(in crate::aio) fn is_empty(&self) -> bool {
        self.tasks.borrow().is_empty()
    }

    pub(in crate::aio) fn release_one(&self) {
        let next = self.tasks.borrow_mut().pop_front();
        if let Some(task) = next {
            task.release();
        }
    }
}
