use std::sync::Arc;

use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::output::output;
use crate::debug::debug;

/// A task, for other threads: what [`TaskHandle::remote`](crate::aio::TaskHandle::remote) gives. It is `Send`
/// and `Sync`, and a clone is the same task.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// let outcome = aio::run(async {
///     let main = aio::current_task().unwrap().remote();
///     std::thread::spawn(move || main.cancel());
///     aio::sleep(Duration::from_secs(3600)).await;
/// });
/// assert!(outcome.unwrap_err().is_cancelled());
/// ```
#[derive(Clone)]
pub struct RemoteTask {
    // Not the task itself, which stays on its thread: an id that finds nothing once the task has ended.
    inbox: Arc<Inbox>,
    id: TaskId,
}

impl RemoteTask {
    pub(in crate::aio) fn new(inbox: Arc<Inbox>, id: TaskId) -> Self {
        Self { inbox, id }
    }

    /// Requests that the task be cancelled, as [`TaskHandle::cancel`](crate::aio::TaskHandle::cancel) does,
    /// in the loop's next turn. Nothing happens if the task has ended; `false` if the loop is gone.
    pub fn cancel(&self) -> bool {
        self.inbox.push(Remote::Cancel(self.id, None)).is_ok()
    }

    /// The same, with a message.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        let message = Some(message.into().into());
        self.inbox.push(Remote::Cancel(self.id, message)).is_ok()
    }
}

debug!(self: RemoteTask { id: self.id, .. });

output!(RemoteTask);
