//! Locks, queues and the like: the methods that statements call.
//!
//! Each kind has some of the methods. [`make`] knows the kinds.

mod locks;
mod queues;
mod signals;

use std::pin::Pin;
use std::rc::Rc;

use cogen::aio::{
    Barrier, BoundedSemaphore, Condition, Event, LifoQueue, Lock, PriorityQueue, Queue, Semaphore,
};
use serde_json::Value as Json;

use crate::error::Exc;

pub(crate) type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Json, Exc>> + 'a>>;

/// Makes an object as a case describes it.
pub(crate) fn make(spec: &Json) -> Option<Rc<dyn Object>> {
    let number = |field: &str| spec[field].as_u64().and_then(|n| usize::try_from(n).ok());
    let value = number("value").unwrap_or(1);
    let maxsize = number("maxsize").unwrap_or(0);
    Some(match spec["kind"].as_str()? {
        "lock" => Rc::new(Lock::new(())),
        "semaphore" => Rc::new(Semaphore::new(value)),
        "bounded_semaphore" => Rc::new(BoundedSemaphore::new(value)),
        "event" => Rc::new(Event::new()),
        "condition" => Rc::new(Condition::new(())),
        "barrier" => Rc::new(Barrier::new(number("parties")?)),
        "queue" => Rc::new(Queue::new(maxsize)),
        "priority_queue" => Rc::new(PriorityQueue::new(maxsize)),
        "lifo_queue" => Rc::new(LifoQueue::new(maxsize)),
        _ => return None,
    })
}

pub(crate) trait Object {
    /// For locks, semaphores and conditions: gives `true`.
    fn acquire(&self) -> Waiting<'_> {
        unknown("acquire")
    }

    fn release(&self) -> Result<(), Exc> {
        unknown("release")
    }

    /// For events and conditions: gives `true`. For barriers: the index.
    fn wait(&self) -> Waiting<'_> {
        unknown("wait")
    }

    /// For conditions: gives the last value of `until`.
    fn wait_for<'a>(&'a self, _until: &'a dyn Fn() -> Json) -> Waiting<'a> {
        unknown("wait_for")
    }

    fn notify(&self, _how_many: usize) -> Result<(), Exc> {
        unknown("notify")
    }

    fn notify_all(&self) -> Result<(), Exc> {
        unknown("notify_all")
    }

    /// For events.
    fn set(&self) {
        unknown("set")
    }

    fn clear(&self) {
        unknown("clear")
    }

    /// For barriers.
    fn reset(&self) -> Waiting<'_> {
        unknown("reset")
    }

    fn abort(&self) -> Waiting<'_> {
        unknown("abort")
    }

    /// For queues.
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

    /// Answers `locked`, `is_set`, `n_waiting`, `broken`, `qsize`, `empty` or `full`.
    fn query(&self, what: &str) -> Json;
}

fn unknown(method: &str) -> ! {
    panic!("no object of this kind has a method {method}")
}
