//! Things that can be awaited and cancelled by name.

use std::cell::RefCell;
use std::rc::Rc;

use cogen::aio::{Awaitable, Promise, Task, TaskHandle};
use futures::FutureExt;
use serde_json::{Value as Json, json};

use crate::error::{CANCELLED, Exc};
use crate::kept::Kept;

/// How the body of main has ended; `None` if a cancel unwound it.
type MainOutcome = Rc<RefCell<Option<Result<Json, Exc>>>>;

#[derive(Clone)]
pub(crate) enum Named {
    Main(TaskHandle, MainOutcome),
    Task(Task<Json>),
    Promise(Promise<Json>),
    Kept(Rc<dyn Kept>),
}

impl Named {
    pub(crate) async fn wait(self) -> Result<Json, Exc> {
        Ok(match self {
            Self::Main(..) => panic!("no case awaits main"),
            Self::Task(task) => (&task).await?,
            Self::Promise(promise) => (&promise).await?,
            Self::Kept(kept) => kept.wait().await?,
        })
    }

    pub(crate) fn cancel(&self, message: Option<&str>) -> bool {
        match self {
            Self::Main(..) | Self::Task(_) => cancel(self.task(), message),
            Self::Promise(promise) => match message {
                Some(message) => promise.cancel_with(message),
                None => promise.cancel(),
            },
            Self::Kept(kept) => kept.cancel(),
        }
    }

    pub(crate) fn task(&self) -> &TaskHandle {
        match self {
            Self::Main(task, _) => task,
            Self::Task(task) => task,
            _ => panic!("only a task can do this"),
        }
    }

    pub(crate) fn typed_task(&self) -> Task<Json> {
        match self {
            Self::Task(task) => task.clone(),
            _ => panic!("only a task other than main can do this"),
        }
    }

    pub(crate) fn promise(&self) -> &Promise<Json> {
        match self {
            Self::Promise(promise) => promise,
            _ => panic!("only a future can do this"),
        }
    }

    /// The thing as an argument of `wait`.
    pub(crate) fn awaitable(&self) -> &dyn Awaitable {
        match self {
            Self::Main(task, _) => task,
            Self::Task(task) => task,
            Self::Promise(promise) => promise,
            Self::Kept(_) => panic!("no case waits for this"),
        }
    }

    pub(crate) fn done(&self) -> bool {
        match self {
            Self::Main(task, _) => task.done(),
            Self::Task(task) => task.done(),
            Self::Promise(promise) => promise.done(),
            Self::Kept(kept) => kept.done(),
        }
    }

    /// `"pending"`, or the outcome.
    pub(crate) fn state(&self) -> Json {
        if self.done() {
            outcome(self.result())
        } else {
            json!("pending")
        }
    }

    /// The outcome of something that is done.
    fn result(&self) -> Result<Json, Exc> {
        match self {
            Self::Main(task, outcome) => {
                let ended = outcome.borrow().clone().filter(|_| !task.cancelled());
                ended.unwrap_or_else(|| Err(Exc::new(CANCELLED, Json::Null)))
            }
            Self::Task(task) => Ok(task.result()?),
            Self::Promise(promise) => Ok(promise.result()?),
            Self::Kept(kept) => kept.wait().now_or_never().expect("it is done"),
        }
    }
}

fn cancel(task: &TaskHandle, message: Option<&str>) -> bool {
    match message {
        Some(message) => task.cancel_with(message),
        None => task.cancel(),
    }
}

fn outcome(result: Result<Json, Exc>) -> Json {
    match result {
        Ok(value) => json!({ "returned": value }),
        Err(error) if error.is_a(CANCELLED) => json!({ "cancelled": true }),
        Err(error) => error.to_json(),
    }
}
