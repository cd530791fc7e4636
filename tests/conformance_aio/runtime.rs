//! The world of a case: its trace, and all its named things.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::rc::Rc;

use cogen::aio::{self, Handle, Task, TaskGroup, Timeout, testing};
use serde_json::{Value as Json, json};

use crate::body::{self, Variables};
use crate::case::Case;
use crate::error::Exc;
use crate::generator::Agen;
use crate::named::Named;
use crate::object::{self, Object};
use crate::statement::{Block, Name};

/// More events than any case has: so many mean an endless loop.
const MAX_EVENTS: usize = 400;

pub(crate) const MAIN: &str = "main";

#[derive(Default)]
pub(crate) struct Runtime {
    trace: RefCell<Vec<Json>>,
    /// The variables whose names begin with `$`.
    pub(crate) globals: RefCell<Variables>,
    pub(crate) named: Names<Named>,
    pub(crate) timeouts: Names<Timeout>,
    pub(crate) handles: Names<Handle>,
    pub(crate) groups: Names<TaskGroup<'static>>,
    pub(crate) objects: Names<Rc<dyn Object>>,
    pub(crate) generators: Names<Rc<Agen>>,
}

/// Things that statements refer to by name. Names are unique in a case.
pub(crate) struct Names<T>(RefCell<HashMap<Name, T>>);

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Names<T> {
    pub(crate) fn put(&self, name: &str, value: T) {
        self.0.borrow_mut().insert(name.to_owned(), value);
    }

    pub(crate) fn clear(&self) {
        self.0.take();
    }

    pub(crate) fn get(&self, name: &str) -> T {
        let found = self.0.borrow().get(name).cloned();
        found.unwrap_or_else(|| panic!("nothing is called {name}"))
    }
}

/// What happened in a case.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) trace: Vec<Json>,
    /// What `run` returned.
    pub(crate) result: String,
}

/// Runs a case on the virtual clock.
pub(crate) fn run(case: &'static Case) -> Run {
    let runtime = Rc::new(Runtime::default());
    let result = testing::run(main_task(runtime.clone(), case));
    runtime.clear();
    Run {
        trace: runtime.trace.take(),
        result: shown(&result),
    }
}

fn shown(result: &Result<Json, impl Debug>) -> String {
    format!("{result:?}")
}

/// The body of main.
async fn main_task(runtime: Rc<Runtime>, case: &'static Case) -> Result<Json, aio::Error> {
    let task = aio::current_task().expect("a body runs in a task");
    task.set_name(MAIN);
    let outcome = Rc::new(RefCell::new(None));
    let me = Named::Main(task, outcome.clone());
    runtime.named.put(MAIN, me);
    for (name, spec) in &case.objects {
        if let Some(object) = object::make(spec) {
            runtime.objects.put(name, object);
        }
    }
    let _end = MainEnd(runtime.clone());
    let result = body::coroutine(runtime, MAIN.to_owned(), &case.main, Variables::new()).await;
    *outcome.borrow_mut() = Some(result.clone());
    result.map_err(Exc::into_error)
}

/// Records the end of main as the first of its callbacks would: whatever is scheduled while the body is left, in any
/// way, comes right before those callbacks.
struct MainEnd(Rc<Runtime>);

impl Drop for MainEnd {
    fn drop(&mut self) {
        let runtime = self.0.clone();
        aio::call_soon(move || runtime.end(MAIN));
    }
}

/// The virtual time in milliseconds.
pub(crate) fn now() -> u64 {
    u64::try_from(testing::elapsed().as_millis()).expect("no case lasts that long")
}

impl Runtime {
    pub(crate) fn event(&self, who: &str, kind: &str, value: &Json) {
        let mut trace = self.trace.borrow_mut();
        assert!(trace.len() < MAX_EVENTS, "the case has too many events");
        trace.push(json!([now(), who, kind, value]));
    }

    /// Makes a task.
    pub(crate) fn spawn(self: &Rc<Self>, name: &str, block: &'static Block) -> Task<Json> {
        let task = aio::create_task(self.task(name, block));
        self.register(name, &task);
        task
    }

    /// The body of a task.
    pub(crate) fn task(
        self: &Rc<Self>,
        name: &str,
        block: &'static Block,
    ) -> impl Future<Output = Result<Json, aio::Error>> + use<> {
        let body = body::coroutine(self.clone(), name.to_owned(), block, Variables::new());
        async { body.await.map_err(Exc::into_error) }
    }

    /// Names a new task, and records its end in the first of its callbacks.
    pub(crate) fn register(self: &Rc<Self>, name: &str, task: &Task<Json>) {
        task.set_name(name);
        self.named.put(name, Named::Task(task.clone()));
        let (recorder, ended) = (self.clone(), name.to_owned());
        task.add_done_callback(move |_| recorder.end(&ended));
    }

    /// Drops the named things that may hold the runtime.
    fn clear(&self) {
        self.generators.clear();
        self.groups.clear();
    }

    fn end(&self, name: &str) {
        self.event(name, "end", &self.named.get(name).state());
    }
}
