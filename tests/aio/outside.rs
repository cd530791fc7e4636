//! What needs a loop or a task, used where there is none: the panic names the user's line.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, PanicHookInfo};
use std::path::Path;
use std::pin::Pin;
use std::sync::Once;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use cogen::aio::decorators::{Backoff, retry, retry_if, timed, within, within_or_none};
use cogen::aio::{
    self, AsyncContext as _, AsyncExitStack, Barrier, BoundedSemaphore, Cancelled, Condition,
    Error, Event, Lock, Promise, Queue, ReturnWhen, Semaphore, Signal, create_task, testing,
};
use futures::{FutureExt as _, StreamExt as _};

use super::secs;

thread_local! {
    /// The place and the message of the last panic on this thread, while somebody listens.
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// What is printed of the panic in `call`: its place, and its message, which may name another one.
fn panic_of(call: impl FnOnce()) -> String {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            let heard = HEARD.with_borrow_mut(|heard| match heard {
                Some(heard) => {
                    *heard = info.to_string();
                    true
                }
                None => false,
            });
            if !heard {
                others(info);
            }
        }));
    });
    HEARD.set(Some(String::new()));
    let panicked = panic::catch_unwind(panic::AssertUnwindSafe(call));
    let heard = HEARD.take().unwrap();
    assert!(panicked.is_err(), "it did not panic");
    heard
}

/// The text of the lines of this file that the panic names.
fn lines_in(panic: &str) -> Vec<&'static str> {
    let source = include_str!("outside.rs");
    let places = panic.split(concat!(file!(), ":")).skip(1);
    let line_of = |place: &str| {
        let digits = place.chars().take_while(char::is_ascii_digit).count();
        let number: usize = place[..digits].parse().unwrap();
        source.lines().nth(number - 1).unwrap()
    };
    places.map(line_of).collect()
}

type Case = (&'static str, Box<dyn Fn()>);

macro_rules! cases {
    ($($name:literal => $call:expr;)*) => {
        vec![$(($name, Box::new(|| {
            #[allow(clippy::let_underscore_future, reason = "some are tasks, and most are none")]
            let _ = $call;
        }) as Box<dyn Fn()>)),*]
    };
}

/// Each is the function's file and its name. A future is polled, outside of everything.
fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = cases! {
        "task_handle all_tasks" => aio::all_tasks();
        "call_soon call_soon" => aio::call_soon(|| ());
        "call_soon call_later" => aio::call_later(secs(1), || ());
        "call_soon call_at" => aio::call_at(Instant::now(), || ());
        "signal add_signal_handler" => aio::add_signal_handler(Signal::from(10), || ());
        "signal remove_signal_handler" => aio::remove_signal_handler(Signal::from(10));
        "testing census" => testing::census();
        "testing elapsed" => testing::elapsed();
        "testing emit" => testing::Recorder::new().emit(1);
        "executor to_thread" => aio::to_thread(|| ());
        "executor run_in_executor" => aio::run_in_executor(&|_job| (), || ());
        "loop_handle loop_handle" => aio::loop_handle();
        "create_task create_task" => create_task(async {});
        "create_task poll" => Pin::new(&mut stale_task()).poll(&mut Context::from_waker(Waker::noop()));
        "child ensure_future" => aio::ensure_future(async {});
        "gather gather" => aio::gather((async {}, async {}));
        "gather gather_all" => aio::gather_all([async {}]);
        "as_completed as_completed" => aio::as_completed([async {}]);
        "shield shield" => aio::shield(async {});
        "promise new" => Promise::<()>::new();
        "sleep now" => aio::now();
        "sleep sleep" => aio::sleep(Duration::ZERO).now_or_never();
        "sleep sleep_until" => aio::sleep_until(Instant::now()).now_or_never();
        "sleep_with sleep_with" => aio::sleep_with(secs(1), 1).now_or_never();
        "wait wait" => aio::wait([stale_task()], ReturnWhen::AllCompleted).now_or_never();
        "wait_for wait_for" => aio::wait_for(async {}, secs(1)).now_or_never();
        "wait_for wait_for" => aio::wait_for(async {}, Duration::ZERO).now_or_never();
        "timing timeout" => aio::timeout(secs(1), async {}).now_or_never();
        "timing timeout" => aio::timeout(None, async {}).now_or_never();
        "timing_with timeout_with" => aio::timeout_with(secs(1), async |_| ()).now_or_never();
        "timing_with timeout_at" => aio::timeout_at(Instant::now(), async |_| ()).now_or_never();
        "group task_group" => aio::task_group(async |_| ()).now_or_never();
        "catch catch" => aio::catch(async {}).now_or_never();
        "catch_cancelled catch_cancelled" => aio::catch_cancelled(async {}).now_or_never();
        "catch_exception catch_exception" => aio::catch_exception(async {}).now_or_never();
        "finally finally" => aio::finally(async {}, async {}).now_or_never();
        "try_finally try_finally" => aio::try_finally(async {}, async {}).now_or_never();
        "remote_queue remote" => std::rc::Rc::new(Queue::<u8>::new(0)).remote();
        "raise raise" => Error::new("x").raise().map(|never| -> () { match never {} }).now_or_never();
        "raise raise" => Cancelled::new().raise().map(|never| -> () { match never {} }).now_or_never();
        "async_context with" => aio::nullcontext(1).with(async |_| ()).now_or_never();
        "async_context with" => manager().with(async |()| ()).now_or_never();
        "closing with" => aio::closing(1, async |_| ()).with(async |_| ()).now_or_never();
        "stack exit_stack" => aio::exit_stack(async |_| ()).now_or_never();
        "stack enter" => AsyncExitStack::new().enter(manager()).now_or_never();
        "generator astart" => numbers().astart().now_or_never();
        "generator anext" => numbers().anext().now_or_never();
        "generator asend" => numbers().asend(()).now_or_never();
        "generator athrow" => numbers().athrow(Error::new("x")).now_or_never();
        "generator aclose" => numbers().aclose().now_or_never();
        "items items" => numbers().items().next().now_or_never();
        "retry retry" => retry(twice(), async |()| Err::<(), ()>(()))(()).now_or_never();
        "retry retry_if" => retry_if(twice(), |()| true, async |()| Err::<(), ()>(()))(()).now_or_never();
        "timed timed" => timed(|_| (), async |()| ())(()).now_or_never();
        "within within" => within(|| aio::nullcontext(1), async |()| ())(()).now_or_never();
        "within within_or_none" => within_or_none(manager, async |()| ())(()).now_or_never();
        "methods get" => Queue::<u8>::new(0).get().now_or_never();
        "methods put" => full().put(2).now_or_never();
        "methods join" => full().join().now_or_never();
        "barrier wait" => Barrier::new(2).wait().now_or_never();
        "bounded_semaphore acquire" => BoundedSemaphore::new(0).acquire().now_or_never();
        "semaphore acquire" => Semaphore::new(0).acquire().now_or_never();
        "event wait" => Event::new().wait().now_or_never();
    };
    cases.extend(cases_that_borrow());
    #[cfg(feature = "tracing")]
    cases.extend::<Vec<Case>>(cases! {
        "set_slow_step set_slow_step" => aio::set_slow_step(secs(1));
    });
    cases
}

/// These need several statements: the line is that of the last call.
fn cases_that_borrow() -> Vec<Case> {
    cases! {
        "stack aclose" => {
            let stack = AsyncExitStack::new();
            stack.callback(async || ());
            stack.aclose().now_or_never() // "stack aclose" =>
        };
        "as_completed next" => {
            let mut children = stale_children();
            children.next().now_or_never().map(drop) // "as_completed next" =>
        };
        "as_completed next_indexed" => {
            let mut children = stale_children();
            children.next_indexed().now_or_never().map(drop) // "as_completed next_indexed" =>
        };
        "lock lock" => {
            let lock = Lock::new(());
            let _guard = lock.try_lock();
            lock.lock().now_or_never().map(drop) // "lock lock" =>
        };
        "condition lock" => {
            let condition = Condition::new(());
            let _guard = condition.lock().now_or_never();
            condition.lock().now_or_never().map(drop) // "condition lock" =>
        };
        "condition wait" => {
            let condition = Condition::new(());
            let mut guard = condition.lock().now_or_never().unwrap();
            condition.wait(&mut guard).now_or_never() // "condition wait" =>
        };
        "condition wait_for" => {
            let condition = Condition::new(());
            let mut guard = condition.lock().now_or_never().unwrap();
            condition.wait_for(&mut guard, |()| false).now_or_never().map(drop) // "condition wait_for" =>
        };
    }
}

fn twice() -> Backoff {
    Backoff::attempts(2)
}

fn full() -> Queue<u8> {
    let queue = Queue::new(1);
    queue.put_nowait(1).unwrap();
    queue
}

fn numbers() -> aio::AsyncGenerator<u8> {
    aio::async_generator(|co| async move { co.yield_(1_u8).await })
}

fn manager() -> aio::ContextManager<()> {
    aio::context_manager(|co| async move { co.yield_(()).await })
}

fn stale_children() -> aio::AsCompleted<Promise<()>> {
    testing::run(async { aio::ok(aio::as_completed([Promise::new()])) }).unwrap()
}

fn stale_task() -> aio::Task<()> {
    testing::run(async { aio::ok(create_task(async {})) }).unwrap()
}

#[test]
fn what_needs_a_loop_or_a_task_names_the_users_line() {
    let mut faults = Vec::new();
    for (name, call) in cases() {
        let panic = panic_of(call);
        let lines = lines_in(&panic);
        let named = lines
            .iter()
            .any(|line| line.contains(&format!("{name:?} =>")));
        if !named {
            faults.push(format!("{name}: {panic}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// These wait only in moments that a test does not meet, or are called by others of the table.
const NOT_TRIED: &[&str] = &[
    "barrier abort",
    "barrier reset",
    "child into_source",
    "children into_sources",
];

/// The public functions whose documentation says that they panic outside a loop or a task.
#[test]
#[cfg_attr(miri, ignore = "it reads files")]
fn no_function_is_missing_from_the_table() {
    let mut found = BTreeSet::new();
    find(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aio"),
        &mut found,
    );
    assert!(found.len() > 50, "{found:?}");
    let tried = cases()
        .into_iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let missing = found.difference(&tried);
    let missing: Vec<_> = missing
        .filter(|name| !NOT_TRIED.contains(&name.as_str()))
        .collect();
    #[cfg(not(feature = "tracing"))]
    let missing: Vec<_> = missing
        .into_iter()
        .filter(|name| !name.contains("slow_step"))
        .collect();
    assert!(
        missing.is_empty(),
        "not in the table of this file: {missing:?}"
    );
}

fn find(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, found);
        } else {
            find_in(&path, found);
        }
    }
}

fn find_in(path: &Path, found: &mut BTreeSet<String>) {
    let file = match path.file_stem().unwrap().to_str().unwrap() {
        "mod" => path
            .parent()
            .unwrap()
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap(),
        file => file,
    };
    let (mut in_panics, mut needs) = (false, false);
    for line in fs::read_to_string(path).unwrap().lines() {
        let line = line.trim();
        if let Some(doc) = line.strip_prefix("///") {
            if doc.starts_with(" #") {
                in_panics = doc == " # Panics";
            }
            needs |= in_panics && (doc.contains("utside a loop") || doc.contains("utside a task"));
        } else if let Some((public, function)) = line.split_once("fn ") {
            let name = function.split(['(', '<']).next().unwrap();
            // A method of a trait is public without saying so; the crate's own functions are no users'.
            if needs && !public.contains("(in ") && !public.contains("(super)") {
                found.insert(format!("{file} {name}"));
            }
            (in_panics, needs) = (false, false);
        } else if line.starts_with("pub ") || line.ends_with('}') {
            (in_panics, needs) = (false, false);
        }
    }
}
