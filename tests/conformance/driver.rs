//! Does to the generators what the script says, and records what happens.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use cogen::{CloseError, Exception, SendError, StartError, State, Step, ThrowError};
use serde_json::{Value as Json, json};

use crate::body::Events;
use crate::case::{Case, Op};
use crate::error::{PyError, STOP_ITERATION, Value};
use crate::forms::Gen;

/// More steps than any case takes: a generator that never ends fails its case.
const DRAIN_LIMIT: usize = 10_000;

/// Makes a generator of a case's main body, with its argument.
pub(crate) type Make<G> = fn(Rc<Case>, Rc<Events>, Value) -> G;

/// How a resumption ended.
type Resumed = Result<Step<Value, Value>, Exception>;

/// Runs the script: a record for each operation, up to a panic, and its message.
pub(crate) fn run<G: Gen>(case: &Rc<Case>, make: Make<G>) -> (Vec<Json>, Option<String>) {
    let mut records = Vec::new();
    let mut driver = Driver::new(case, make);
    let ran = panic::catch_unwind(AssertUnwindSafe(|| {
        for (generator, op) in &case.script {
            records.push(driver.record(*generator, op));
        }
        driver.generators.clear();
    }));
    let panicked = ran.err().map(|panic| message(&*panic));
    if panicked.is_some() {
        // What has panicked may panic again when it is closed.
        mem::forget(driver);
    }
    (records, panicked)
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?")
        .to_owned()
}

struct Driver<G> {
    events: Rc<Events>,
    generators: Vec<Option<G>>,
}

impl<G: Gen> Driver<G> {
    fn new(case: &Rc<Case>, make: Make<G>) -> Self {
        let events = Rc::<Events>::default();
        let create = |k: u64| Some(make(case.clone(), events.clone(), Some(k.cast_signed())));
        let generators = (0..case.instances).map(create).collect();
        Self { events, generators }
    }

    fn record(&mut self, index: usize, op: &Op) -> Json {
        let out = self.apply(index, op);
        let state = self.generators[index]
            .as_ref()
            .map_or("dropped", |g| name(g.state()));
        json!({ "ev": self.events.take(), "out": out, "st": state })
    }

    fn apply(&mut self, index: usize, op: &Op) -> Json {
        let Some(g) = &mut self.generators[index] else {
            panic!("a dropped generator is used")
        };
        match op {
            Op::Next => resumed(next(g)),
            Op::Send(value) => resumed(send(g, *value)),
            Op::Throw(error) => resumed(throw(g, error.clone())),
            Op::Close => close(g),
            Op::Drain => drain(g, &self.events),
            Op::State => json!({ "state": name(g.state()) }),
            Op::Drop => {
                self.generators[index] = None;
                json!({ "dropped": true })
            }
        }
    }
}

/// Python's `next(g)`: nothing is sent.
fn next(g: &mut impl Gen) -> Resumed {
    send(g, None)
}

fn send(g: &mut impl Gen, value: Value) -> Resumed {
    if value.is_none() && g.state() == State::Created {
        return match g.start() {
            Ok(step) => Ok(step),
            Err(StartError::Raised(exception)) => Err(leaving(exception)),
            Err(error) => panic!("start: {error}"),
        };
    }
    match g.send(value) {
        Ok(step) => Ok(step),
        Err(SendError::Finished(_)) => Ok(Step::Complete(None)),
        Err(SendError::JustStarted(_)) => Err(PyError::new("TypeError", None).into()),
        Err(SendError::Raised(exception)) => Err(leaving(exception)),
        Err(error) => panic!("send: {error}"),
    }
}

fn throw(g: &mut impl Gen, error: PyError) -> Resumed {
    let ran = g.state() == State::Suspended;
    match g.throw(error.into_exception()) {
        Ok(step) => Ok(step),
        Err(ThrowError::Raised(exception)) if ran => Err(leaving(exception)),
        Err(ThrowError::Raised(exception)) => Err(exception),
        Err(error) => panic!("throw: {error}"),
    }
}

fn close(g: &mut impl Gen) -> Json {
    match g.close() {
        Ok(value) => json!({ "closed": true, "close_value": value.flatten() }),
        Err(CloseError::Ignored(_)) => raised(&PyError::new("RuntimeError", None)),
        Err(CloseError::Raised(exception)) => raised(&PyError::of(&leaving(exception))),
        Err(error) => panic!("close: {error}"),
    }
}

fn drain(g: &mut impl Gen, events: &Events) -> Json {
    for _ in 0..DRAIN_LIMIT {
        match next(g) {
            Ok(Step::Yielded(value)) => events.borrow_mut().push(json!({ "y": value })),
            ended => return resumed(ended),
        }
    }
    panic!("drain: no end");
}

/// PEP 479: `StopIteration` does not leave a body. The crate needs no such rule, as a return is not
/// an exception here; only these cases do.
fn leaving(exception: Exception) -> Exception {
    if PyError::of(&exception).is(STOP_ITERATION) {
        return PyError::new("RuntimeError", None).into();
    }
    exception
}

fn resumed(resumed: Resumed) -> Json {
    match resumed {
        Ok(Step::Yielded(value)) => json!({ "yielded": value }),
        Ok(Step::Complete(value)) => json!({ "returned": value }),
        Err(exception) => raised(&PyError::of(&exception)),
    }
}

/// `StopIteration` that reaches a caller is how Python says that a generator has returned.
fn raised(error: &PyError) -> Json {
    if error.is(STOP_ITERATION) {
        return json!({ "returned": error.payload });
    }
    json!({ "raised": error.name, "payload": error.payload })
}

fn name(state: State) -> &'static str {
    match state {
        State::Created => "created",
        State::Suspended => "suspended",
        State::Running => "running",
        State::Closed => "closed",
    }
}
