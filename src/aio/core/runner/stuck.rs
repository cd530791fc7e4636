//! What a loop says of its tasks when none of them will ever run.

use crate::aio::core::deadlock::Deadlock;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::target::Target;

/// How many tasks are named.
const NAMED: usize = 10;

/// Which of the two it is, is not known.
const FOREIGN: &str = "for several things, or for something foreign (tokio's timers and sockets do not run under `testing::run`)";

/// The error where every task waits for ever.
#[cold]
pub(super) fn deadlock(lp: &LoopCore) -> Error {
    let tasks = lp.tasks.all();
    let first: Vec<_> = tasks.iter().take(NAMED).map(wait_of).collect();
    let others = tasks.len() - first.len();
    Error::Deadlock(Deadlock::new(first, others))
}

/// The task, with where and what for it waits.
fn wait_of(task: &AnyTask) -> String {
    let core = task.core();
    let name = core.name();
    if core.is_held() {
        return format!("{name}, which is beyond the limit of a gather or an `as_completed`");
    }
    let Some(at) = core.suspended_at() else {
        return format!("{name}, {FOREIGN}");
    };
    match core.one_target() {
        Some(Target::Task(target)) => format!("{name} at {at}, for {}", target.core().name()),
        _ => format!("{name} at {at}"),
    }
}
