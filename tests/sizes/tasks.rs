//! The functions of the async API.

use cogen::aio::{self, AsyncContext as _, decorators};
use std::time::{Duration, Instant};

use crate::table::{LEAF, LEVEL, OWNER, direct, judge, nested};

const T: Duration = Duration::from_secs(60);
const NEVER: Option<Instant> = None;

async fn leaf(_nothing: ()) {
    let buffer = [0_u8; LEAF];
    aio::sleep(Duration::ZERO).await;
    std::hint::black_box(&buffer);
}

#[test]
fn a_level_of_a_scope_of_a_task_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "timeout", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout(T, below(())).await
    });
    nested!(rows, "timeout_with", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout_with(T, async |_| below(()).await).await
    });
    nested!(rows, "timeout_at", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout_at(NEVER, async |_| below(()).await).await
    });
    nested!(rows, "wait_for", LEVEL, leaf(_nothing: ()), |below| {
        aio::wait_for(below(()), T).await
    });
    nested!(rows, "finally", LEVEL, leaf(_nothing: ()), |below| {
        aio::finally(below(()), async {}).await
    });
    nested!(rows, "finally: its clean-up", LEVEL, leaf(_nothing: ()), |below| {
        aio::finally(async {}, below(())).await
    });
    nested!(rows, "catch", LEVEL, leaf(_nothing: ()), |below| {
        aio::catch(below(())).await
    });
    nested!(rows, "catch_cancelled", LEVEL, leaf(_nothing: ()), |below| {
        aio::catch_cancelled(below(())).await
    });
    judge(&rows);
}

#[test]
fn a_level_of_a_block_adds_what_the_block_gets_and_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "task_group", OWNER, leaf(_nothing: ()), |below| {
        aio::task_group(async |_| below(()).await).await
    });
    nested!(rows, "exit_stack", OWNER, leaf(_nothing: ()), |below| {
        aio::exit_stack(async |_| below(()).await).await
    });
    nested!(rows, "with", LEVEL, leaf(_nothing: ()), |below| {
        aio::nullcontext(()).with(async |()| below(()).await).await
    });
    nested!(rows, "context_manager", LEVEL, leaf(_nothing: ()), |below| {
        let manager = aio::context_manager(|co| async move { co.yield_(()).await });
        manager.with(async |()| below(()).await).await
    });
    judge(&rows);
}

#[test]
fn a_level_of_a_decorator_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "timed", LEVEL, leaf(_nothing: ()), |below| {
        decorators::timed(|_| (), async |()| below(()).await)(()).await
    });
    nested!(rows, "logged", LEVEL, leaf(_nothing: ()), |below| {
        decorators::logged(|_| (), async |()| below(()).await)(()).await
    });
    nested!(rows, "retry", LEVEL, leaf(_nothing: ()), |below| {
        let once = async |()| aio::ok(below(()).await);
        let often = decorators::retry(decorators::Backoff::attempts(3), once);
        often(()).await
    });
    nested!(rows, "within", LEVEL, leaf(_nothing: ()), |below| {
        let inside = decorators::within(|| aio::nullcontext(()), async |()| below(()).await);
        inside(()).await
    });
    judge(&rows);
}

#[test]
fn what_goes_into_a_box_is_not_in_the_level() {
    let mut rows = Vec::new();
    nested!(rows, "create_task", OWNER, leaf(_nothing: ()), |below| {
        aio::create_task(below(())).await
    });
    nested!(rows, "ensure_future", OWNER, leaf(_nothing: ()), |below| {
        aio::ensure_future(below(())).await
    });
    nested!(rows, "gather", OWNER, leaf(_nothing: ()), |below| {
        aio::gather((below(()), below(()))).await
    });
    nested!(rows, "gather_all", OWNER, leaf(_nothing: ()), |below| {
        aio::gather_all([below(())]).await
    });
    nested!(rows, "as_completed", OWNER, leaf(_nothing: ()), |below| {
        aio::as_completed([below(())]).next().await
    });
    nested!(rows, "shield", OWNER, leaf(_nothing: ()), |below| {
        aio::shield(below(())).await
    });
    nested!(rows, "TaskGroup::create_task", OWNER, leaf(_nothing: ()), |below| {
        aio::task_group(async |group| group.create_task(below(())).await).await
    });
    nested!(rows, "TaskGroup::create_static_task", OWNER, leaf(_nothing: ()), |below| {
        aio::task_group(async |group| group.create_static_task(below(())).await).await
    });
    nested!(rows, "EventLoop::run", OWNER, leaf(_nothing: ()), |below| {
        aio::EventLoop::run(below(())).await
    });
    nested!(rows, "async_generator", OWNER, leaf(_nothing: ()), |below| {
        let generator = aio::async_generator(|_: aio::AsyncCo<()>| below(()));
        generator.aclose().await
    });
    nested!(rows, "context_manager: its body", OWNER, leaf(_nothing: ()), |below| {
        let manager = aio::context_manager(|_: aio::AsyncCo<()>| below(()));
        manager.with(async |()| ()).await
    });
    nested!(rows, "AsyncExitStack::callback", OWNER, leaf(_nothing: ()), |below| {
        aio::exit_stack(async |stack| stack.callback(async move || below(()).await)).await
    });
    judge(&rows);
}

#[test]
fn calls_in_one_another_add_no_more() {
    let mut rows = Vec::new();
    direct!(rows, "timeout", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout(T, below(()))
    });
    direct!(rows, "timeout_with", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout_with(T, move |_| below(()))
    });
    direct!(rows, "timeout_at", LEVEL, leaf(_nothing: ()), |below| {
        aio::timeout_at(NEVER, move |_| below(()))
    });
    direct!(rows, "wait_for", LEVEL, leaf(_nothing: ()), |below| {
        aio::wait_for(below(()), T)
    });
    direct!(rows, "finally", LEVEL, leaf(_nothing: ()), |below| {
        aio::finally(below(()), async {})
    });
    direct!(rows, "catch", LEVEL, leaf(_nothing: ()), |below| {
        aio::catch(below(()))
    });
    direct!(rows, "catch_cancelled", LEVEL, leaf(_nothing: ()), |below| {
        aio::catch_cancelled(below(()))
    });
    direct!(rows, "task_group", OWNER, leaf(_nothing: ()), |below| {
        aio::task_group(move |_: &aio::TaskGroup<'_>| below(()))
    });
    direct!(rows, "exit_stack", OWNER, leaf(_nothing: ()), |below| {
        aio::exit_stack(move |_: &aio::AsyncExitStack| below(()))
    });
    direct!(rows, "with", LEVEL, leaf(_nothing: ()), |below| {
        aio::nullcontext(()).with(move |()| below(()))
    });
    judge(&rows);
}

/// A closure that has captured the future that it returns: the closure is gone by the time the future runs.
#[test]
fn what_a_closure_has_captured_is_held_once() {
    let mut rows = Vec::new();
    direct!(rows, "timeout_with", LEVEL, leaf(_nothing: ()), |below| {
        let inside = below(());
        aio::timeout_with(T, move |_| inside)
    });
    direct!(rows, "timeout_at", LEVEL, leaf(_nothing: ()), |below| {
        let inside = below(());
        aio::timeout_at(NEVER, move |_| inside)
    });
    direct!(rows, "task_group", OWNER, leaf(_nothing: ()), |below| {
        let inside = below(());
        aio::task_group(move |_: &aio::TaskGroup<'_>| inside)
    });
    direct!(rows, "exit_stack", OWNER, leaf(_nothing: ()), |below| {
        let inside = below(());
        aio::exit_stack(move |_: &aio::AsyncExitStack| inside)
    });
    direct!(rows, "with", LEVEL, leaf(_nothing: ()), |below| {
        let inside = below(());
        aio::nullcontext(()).with(move |()| inside)
    });
    judge(&rows);
}
