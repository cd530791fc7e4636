use super::pointer::AnyTask;
use crate::aio::core::output::output;

/// A task without the type of its value: its name, its state, its cancels.
///
/// [`current_task`](crate::aio::current_task) and [`all_tasks`](crate::aio::all_tasks) give it, and every
/// [`Task`](crate::aio::Task) dereferences to it. It is a handle: a clone is the same task, equal handles are of the
/// same task, and dropping one changes nothing. It is not awaited; [`wait`](crate::aio::wait()) takes it.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, ReturnWhen};
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let task = aio::create_task(aio::sleep(Duration::from_secs(60)));
///     task.set_name("nap");
///     let handle = aio::all_tasks().into_iter().find(|task| task.name() == "nap").unwrap();
///     assert!(handle == *task && !handle.done());
///     handle.cancel();
///     let (done, _) = aio::wait([handle], ReturnWhen::AllCompleted).await?;
///     assert!(done[0].cancelled());
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// Transparent: see `TaskOf::of_ref`.
#[derive(Clone)]
#[repr(transparent)]
pub struct TaskHandle {
    pub(in crate::aio) task: AnyTask,
}

impl TaskHandle {
    pub(in crate::aio) fn new(task: AnyTask) -> Self {
        Self { task }
    }
}

output!(TaskHandle);
