//! What the loop reports to `tracing`.

use cogen::aio::{self, Error, create_task, finally, sleep, testing};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::secs;

/// Notes spans and events as lines.
#[derive(Clone, Default)]
struct Log {
    /// Wants no spans, and no events but warnings and errors.
    warnings: bool,
    lines: Arc<Mutex<Vec<String>>>,
    next: Arc<AtomicU64>,
    names: Arc<Mutex<Vec<String>>>,
    entered: Arc<Mutex<Vec<String>>>,
}

/// The fields of interest.
#[derive(Default)]
struct Fields {
    message: String,
    name: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}").trim_matches('"').to_owned();
        match field.name() {
            "message" => self.message = text,
            "name" => self.name = text,
            _ => {}
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = !self.warnings || *metadata.level() <= Level::WARN;
        metadata.target() == "cogen::aio" && wanted
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.names.lock().unwrap().push(fields.name);
        Id::from_u64(1 + self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = event.metadata().level();
        let Fields { message, name } = fields;
        self.lines
            .lock()
            .unwrap()
            .push(format!("{level} {message} {name}").trim_end().to_owned());
    }

    fn enter(&self, span: &Id) {
        let name =
            self.names.lock().unwrap()[usize::try_from(span.into_u64()).unwrap() - 1].clone();
        self.entered.lock().unwrap().push(name);
    }

    fn exit(&self, _: &Id) {}
}

/// What a loop that runs `main` reports.
fn told<F: Future<Output = Result<(), Error>>>(main: F) -> Log {
    told_to(Log::default(), main)
}

/// The same, to a subscriber that wants warnings and errors alone.
fn warned<F: Future<Output = Result<(), Error>>>(main: F) -> Vec<String> {
    let warnings = Log {
        warnings: true,
        ..Log::default()
    };
    let log = told_to(warnings, main);
    assert!(log.names.lock().unwrap().is_empty(), "no spans");
    lines(&log)
}

fn told_to<F: Future<Output = Result<(), Error>>>(log: Log, main: F) -> Log {
    tracing::subscriber::with_default(log.clone(), || testing::run(main).unwrap());
    log
}

fn lines(log: &Log) -> Vec<String> {
    log.lines.lock().unwrap().clone()
}

#[test]
fn each_task_has_a_span_that_its_steps_enter() {
    let log = told(async {
        let task = create_task(sleep(secs(1)));
        task.set_name("sleeper");
        task.await
    });
    let entered = log.entered.lock().unwrap().clone();
    assert_eq!(entered, ["Task-1", "sleeper", "sleeper", "Task-1"]);
    assert!(lines(&log).is_empty(), "{:?}", lines(&log));
}

#[test]
fn cancels_and_errors_nobody_looked_at_are_events() {
    let log = told(async {
        let task = create_task(sleep(secs(10)));
        task.set_name("cancelled");
        sleep(secs(1)).await;
        task.cancel();
        let failed = create_task(async { Err::<(), _>(Error::new("lost")) });
        failed.set_name("failed");
        drop(failed);
        sleep(secs(1)).await;
        aio::ok(())
    });
    assert_eq!(
        lines(&log),
        [
            "DEBUG cancel cancelled",
            "ERROR the error was never retrieved failed"
        ]
    );
}

#[test]
fn a_cancel_of_what_has_failed_silences_it() {
    let log = told(async {
        let task = create_task(async { Err::<(), _>(Error::new("lost")) });
        sleep(secs(1)).await;
        assert!(!task.cancel());
        let promise = aio::Promise::<()>::new();
        promise.set_exception(Error::new("lost"))?;
        assert!(!promise.cancel());
        drop((task, promise));
        sleep(secs(1)).await;
        aio::ok(())
    });
    assert!(lines(&log).is_empty(), "{:?}", lines(&log));
}

#[test]
fn slow_steps_are_events() {
    let log = told(async {
        // From now on every step is slow.
        aio::set_slow_step(Duration::ZERO);
        sleep(secs(0)).await;
        aio::ok(())
    });
    assert_eq!(lines(&log), ["WARN slow step", "WARN slow step"]);
}

/// Also to a subscriber that wants no spans, with the names that spans would have.
#[test]
fn slow_steps_and_callbacks_are_warnings() {
    let slow = async {
        // From now on everything is slow.
        aio::set_slow_step(Duration::ZERO);
        let task = create_task(async {});
        task.set_name("blocker");
        task.await?;
        aio::call_soon(|| {});
        aio::call_later(secs(1), || {});
        aio::gather([create_task(sleep(secs(1)))]).add_done_callback(|_| {});
        sleep(secs(2)).await;
        aio::task_group(async |group| {
            for n in 0..3 {
                let child = group.create_task(sleep(secs(n)));
                child.set_name(format!("child {n}"));
            }
        })
        .await
    };
    let mut lines = warned(slow);
    for what in ["blocker", "child 0", "child 1", "child 2"] {
        let line = format!("WARN slow step {what}");
        assert!(lines.contains(&line), "{what}: {lines:?}");
    }
    lines.retain(|line| !line.starts_with("WARN slow step"));
    assert_eq!(lines, ["WARN slow callback"; 3]);
}

#[test]
fn what_is_quick_is_no_warning() {
    let lines = warned(async {
        aio::set_slow_step(Duration::MAX);
        create_task(sleep(secs(1))).await?;
        aio::call_soon(|| {});
        drop(create_task(async { Err::<(), _>(Error::new("lost")) }));
        sleep(secs(1)).await;
        aio::ok(())
    });
    assert_eq!(lines, ["ERROR the error was never retrieved Task-3"]);
}

#[test]
fn a_clean_up_that_waits_and_ends_is_not_told() {
    let log = told(async {
        finally(sleep(secs(1)), sleep(secs(1))).await;
        aio::ok(())
    });
    assert!(!lines(&log).iter().any(|line| line.contains("clean-up")));
}

#[test]
fn what_is_dropped_before_its_end_is_told() {
    let log = told(async {
        create_task(finally(sleep(secs(1)), async {
            // The task ignores the cancel at the end, and waits on.
            let _cancelled = aio::catch_cancelled(sleep(secs(100))).await;
        }))
        .set_name("stubborn");
        let unfinished = Box::pin(finally(sleep(secs(10)), async {}));
        let _ended = futures::future::select(unfinished, Box::pin(sleep(secs(2)))).await;
        aio::ok(())
    });
    assert!(lines(&log).contains(&"WARN a clean-up was dropped before its end".to_owned()));
}
