//! Runs a case, and compares what happened with what `CPython` did.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::case::{Case, Order};
use crate::features;
use crate::runtime::{self, Run};
use crate::worker::Check;

/// The clock of a case is virtual: a case that takes this long in real time does not end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bodies nest, and without optimisation each level takes a good deal of stack.
const STACK: usize = 64 << 20;

pub(crate) enum Verdict {
    Passed,
    /// The case is listed as a difference; holds the reason.
    Different(&'static str),
    /// Holds what went wrong.
    Failed(String),
    /// The case needs a feature that is not built.
    NotRun,
}

pub(crate) fn judge(case: &Case, check: Check) -> Verdict {
    if !features::is_built(case) {
        return Verdict::NotRun;
    }
    match (features::difference(case), check) {
        (Some(_), Ok(())) => {
            Verdict::Failed("no longer different: take it off the list".to_owned())
        }
        (Some(reason), Err(_)) => Verdict::Different(reason),
        (None, Ok(())) => Verdict::Passed,
        (None, Err(how)) => Verdict::Failed(how),
    }
}

/// Runs the case.
pub(crate) fn check(case: &'static Case) -> Check {
    let run = run(case)?;
    if is_expected(case, &run.trace) {
        return Ok(());
    }
    Err(explain(case, &run))
}

/// Runs the case on a thread of its own, so that a case that panics or does not end only fails itself. A thread that
/// does not end is left alone; it ends with the process.
pub(crate) fn run(case: &'static Case) -> Result<Run, String> {
    let (done, result) = mpsc::channel();
    let thread = thread::Builder::new()
        .name(case.id.clone())
        .stack_size(STACK)
        .spawn(move || done.send(runtime::run(case)))
        .expect("a thread for the case");
    match result.recv_timeout(PATIENCE) {
        Ok(run) => Ok(run),
        Err(mpsc::RecvTimeoutError::Timeout) => Err("it does not end".to_owned()),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let panic = thread.join().expect_err("the thread has sent nothing");
            Err(format!("panic: {}", message(&*panic)))
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message")
}

fn is_expected(case: &Case, trace: &[Json]) -> bool {
    case.traces.iter().any(|expected| match case.order {
        Order::Strict => expected == trace,
        Order::PerTask => by_body(expected) == by_body(trace),
    })
}

fn by_body(trace: &[Json]) -> BTreeMap<&str, Vec<&Json>> {
    let mut bodies = BTreeMap::<_, Vec<_>>::new();
    for event in trace {
        let who = event[1].as_str().expect("the name of a body");
        bodies.entry(who).or_default().push(event);
    }
    bodies
}

/// The first difference; if the interleaving is free, that of the first body that has one.
fn explain(case: &Case, run: &Run) -> String {
    let expected = &case.traces[0];
    let difference = match case.order {
        Order::Strict => first_difference(&all(expected), &all(&run.trace)),
        Order::PerTask => {
            let (expected, got) = (by_body(expected), by_body(&run.trace));
            let bodies = expected.keys().chain(got.keys());
            let events = |of: &BTreeMap<&str, Vec<&'_ Json>>, body: &str| {
                let events = of.get(body).into_iter().flatten();
                events
                    .map(|event| Json::to_string(event))
                    .collect::<Vec<_>>()
            };
            bodies
                .map(|body| (events(&expected, body), events(&got, body)))
                .find_map(|(expected, got)| first_difference(&expected, &got))
        }
    };
    let difference = difference.unwrap_or_else(|| "nothing differs".to_owned());
    format!("{difference}\n    run gave {}", run.result)
}

fn all(trace: &[Json]) -> Vec<String> {
    trace.iter().map(Json::to_string).collect()
}

fn first_difference(expected: &[String], got: &[String]) -> Option<String> {
    let same = expected.iter().zip(got);
    let same = same.take_while(|(expected, got)| expected == got).count();
    if same == expected.len() && same == got.len() {
        return None;
    }
    let shown = |events: &[String]| events.get(same).map_or("nothing", |event| event).to_owned();
    Some(format!(
        "event {same}\n    expected {}\n    got      {}",
        shown(expected),
        shown(got)
    ))
}
