//! Locks, queues and the like: what the statements ask of them.
//!
//! Each kind answers some of it. [`make`] knows the kinds that can be run.

use std::pin::Pin;
use std::rc::Rc;

use serde_json::Value as Json;

use crate::error::Exc;

pub(crate) type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Json, Exc>> + 'a>>;

/// Makes an object as a case describes it; none yet of any kind. A case that is run may have one that
/// cannot be made, if it never gets as far as to use it.
pub(crate) fn make(_spec: &Json) -> Option<Rc<dyn Object>> {
    None
}

pub(crate) trait Object {
    /// Locks, semaphores, conditions: gives `true`.
    fn acquire(&self) -> Waiting<'_> {
        unknown("acquire")
    }

    fn release(&self) -> Result<(), Exc> {
        unknown("release")
    }

    /// Events and conditions: gives `true`. Barriers: the index.
    fn wait(&self) -> Waiting<'_> {
        unknown("wait")
    }

    /// Conditions: gives what `until` gave last.
    fn wait_for<'a>(&'a self, _until: &'a dyn Fn() -> Json) -> Waiting<'a> {
        unknown("wait_for")
    }

    fn notify(&self, _how_many: usize) -> Result<(), Exc> {
        unknown("notify")
    }

    fn notify_all(&self) -> Result<(), Exc> {
        unknown("notify_all")
    }

    /// Events.
    fn set(&self) {
        unknown("set")
    }

    fn clear(&self) {
        unknown("clear")
    }

    /// Barriers.
    fn reset(&self) -> Waiting<'_> {
        unknown("reset")
    }

    fn abort(&self) -> Waiting<'_> {
        unknown("abort")
    }

    /// Queues.
    fn put(&self, _item: Json) -> Waiting<'_> {
        unknown("put")
    }

    fn get(&self) -> Waiting<'_> {
        unknown("get")
    }

    fn join(&self) -> Waiting<'_> {
        unknown("join")
    }

    fn put_nowait(&self, _item: Json) -> Result<(), Exc> {
        unknown("put_nowait")
    }

    fn get_nowait(&self) -> Result<Json, Exc> {
        unknown("get_nowait")
    }

    fn task_done(&self) -> Result<(), Exc> {
        unknown("task_done")
    }

    /// `locked`, `is_set`, `n_waiting`, `broken`, `qsize`, `empty`, `full`.
    fn query(&self, what: &str) -> Json;
}

fn unknown(method: &str) -> ! {
    panic!("no object of this kind has a method {method}")
}
