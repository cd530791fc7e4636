//! Operations on objects: locks, queues and the like.

use serde_json::Value as Json;

use super::Expr;
use super::parse::expr;

/// An operation that does not suspend.
#[derive(Debug)]
pub(crate) enum Act {
    Release,
    Set,
    Clear,
    Notify(Expr),
    NotifyAll,
    PutNowait(Expr),
    GetNowait,
    TaskDone,
}

/// An operation that suspends.
#[derive(Debug)]
pub(crate) enum WaitOn {
    Acquire,
    Wait,
    WaitFor(Expr),
    Reset,
    Abort,
    Put(Expr),
    Get,
    Join,
}

pub(super) fn act(key: &str, json: &Json) -> Option<Act> {
    Some(match key {
        "release" => Act::Release,
        "event_set" => Act::Set,
        "event_clear" => Act::Clear,
        "notify" => Act::Notify(json.get("n").map_or(Expr::Constant(1.into()), expr)),
        "notify_all" => Act::NotifyAll,
        "put_nowait" => Act::PutNowait(expr(&json["item"])),
        "get_nowait" => Act::GetNowait,
        "task_done" => Act::TaskDone,
        _ => return None,
    })
}

pub(super) fn wait(key: &str, json: &Json) -> Option<WaitOn> {
    Some(match key {
        "acquire" => WaitOn::Acquire,
        "event_wait" | "cond_wait" | "barrier_wait" => WaitOn::Wait,
        "cond_wait_for" => WaitOn::WaitFor(expr(&json["until"])),
        "barrier_reset" => WaitOn::Reset,
        "barrier_abort" => WaitOn::Abort,
        "put" => WaitOn::Put(expr(&json["item"])),
        "get" => WaitOn::Get,
        "join" => WaitOn::Join,
        _ => return None,
    })
}
