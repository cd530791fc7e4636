//! Applies the script to the generators, and records what happens.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use cogen::{Generator, Step};
use serde_json::{Value as Json, json};

use crate::body::{Events, World};
use crate::case::{Case, Op};
use crate::error::{PyError, STOP_ITERATION};
use crate::forms::{Form, Mode, Own, Resumed, name};

/// The most steps of a drain: a generator that never ends fails its case.
const DRAIN_LIMIT: usize = 10_000;

/// Runs the script; gives a record for each operation up to a panic, if any, and the panic's message.
pub(crate) fn run<F: Form>(case: &'static Case, mode: Mode) -> (Vec<Json>, Option<String>) {
    let mut records = Vec::new();
    let mut driver = Driver::<F>::new(case, mode);
    let ran = panic::catch_unwind(AssertUnwindSafe(|| {
        for (generator, op) in &case.script {
            records.push(driver.record(*generator, op));
        }
        driver.generators.clear();
    }));
    let panicked = ran.err().map(|panic| message(&*panic));
    if panicked.is_some() {
        // The generator that panicked may panic again when it is closed.
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

struct Driver<F: Form> {
    events: Rc<Events>,
    mode: Mode,
    generators: Vec<Option<F::Gen>>,
}

impl<F: Form> Driver<F> {
    fn new(case: &'static Case, mode: Mode) -> Self {
        let events = Rc::<Events>::default();
        let create = |k: u64| {
            let main = Own::<F>::default();
            let world = World {
                case,
                events: events.clone(),
                mode,
                main: main.clone(),
            };
            Some(F::make_own(
                &world,
                main,
                0,
                Some(i64::try_from(k).unwrap()),
            ))
        };
        let generators = (0..case.instances).map(create).collect();
        Self {
            events,
            mode,
            generators,
        }
    }

    fn record(&mut self, index: usize, op: &Op) -> Json {
        let out = futures::executor::block_on(self.apply(index, op));
        let state = self.generators[index]
            .as_ref()
            .map_or("dropped", |g| name(g.state()));
        json!({ "ev": self.events.take(), "out": out, "st": state })
    }

    async fn apply(&mut self, index: usize, op: &Op) -> Json {
        let mode = self.mode;
        let Some(g) = &mut self.generators[index] else {
            panic!("the script uses a dropped generator")
        };
        match op {
            Op::Next => resumed(mode.next(g).await),
            Op::Send(value) => resumed(mode.send(g, *value).await),
            Op::Throw(error) => resumed(mode.throw(g, error.clone()).await),
            Op::Close => match mode.close(g).await {
                Ok(value) => json!({ "closed": true, "close_value": value }),
                Err(error) => raised(&PyError::of_close(error)),
            },
            Op::Drain => drain::<F>(mode, g, &self.events).await,
            Op::State => json!({ "state": name(g.state()) }),
            Op::Drop => {
                self.generators[index] = None;
                json!({ "dropped": true })
            }
        }
    }
}

async fn drain<F: Form>(mode: Mode, g: &mut F::Gen, events: &Events) -> Json {
    for _ in 0..DRAIN_LIMIT {
        match mode.next(g).await {
            Ok(Step::Yielded(value)) => events.borrow_mut().push(json!({ "y": value })),
            ended => return resumed(ended),
        }
    }
    panic!("drain: the generator does not end");
}

fn resumed(resumed: Resumed) -> Json {
    match resumed {
        Ok(Step::Yielded(value)) => json!({ "yielded": value }),
        Ok(Step::Complete(value)) => json!({ "returned": value }),
        Err(exception) => raised(&PyError::of(&exception)),
    }
}

/// `StopIteration` reaches a caller when a generator returns in Python.
fn raised(error: &PyError) -> Json {
    if error.is(STOP_ITERATION) {
        return json!({ "returned": error.payload });
    }
    json!({ "raised": error.name, "payload": error.payload })
}
