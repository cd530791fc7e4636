//! Runs a body of a case by means of the crate.
//!
//! Exceptions are the engine's: `raise` is [`Co::raise`], and an exception thrown at a yield unwinds up to the `try`
//! around it, or drops the whole body. So the interpreter needs no `Result` of its own.

mod delegation;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;

use cogen::{Co, Exception, RecursiveCo};
use serde_json::{Value as Json, json};

use crate::case::Case;
use crate::error::{PyError, STOP_ITERATION, Value};
use crate::forms::{Form, Mode, Own};
use crate::statement::{Block, Expr, Stmt, Try};

/// What the bodies of a case have emitted since the driver last looked.
pub(crate) type Events = RefCell<Vec<Json>>;

/// How a statement was left, if not by an exception.
enum Flow {
    Normal,
    Break,
    Return(Value),
}

/// The exception of the innermost enclosing handler. It is lexical, so it is passed down.
type Handled = Option<Rc<PyError>>;

type Running = Pin<Box<dyn Future<Output = Flow>>>;

/// The world of a case: what all its generators share.
pub(crate) struct World<F: Form> {
    pub(crate) case: &'static Case,
    pub(crate) events: Rc<Events>,
    pub(crate) mode: Mode,
    /// The driver's generator.
    pub(crate) main: Own<F>,
}

impl<F: Form> Clone for World<F> {
    fn clone(&self) -> Self {
        Self {
            case: self.case,
            events: self.events.clone(),
            mode: self.mode,
            main: self.main.clone(),
        }
    }
}

/// A generator that a `with` statement has made; `None` during an operation on it.
type Local<F> = Rc<RefCell<Option<<F as Form>::Gen>>>;

/// How a body and its blocks are run.
#[derive(Clone, Copy)]
pub(crate) enum Handle {
    Awaits(Co<'static, Value, Value>),
    Calls(RecursiveCo<'static, Value, Value>),
}

impl Handle {
    fn co(self) -> Co<'static, Value, Value> {
        match self {
            Self::Awaits(co) => co,
            Self::Calls(co) => *co,
        }
    }

    fn run(self, block: impl Future<Output = Flow> + 'static) -> Running {
        match self {
            Self::Awaits(_) => Box::pin(block),
            Self::Calls(co) => Box::pin(co.call(block)),
        }
    }
}

/// A body that is running.
struct Body<F: Form> {
    handle: Handle,
    co: Co<'static, Value, Value>,
    world: World<F>,
    /// The generator that runs this body.
    me: Own<F>,
    variables: RefCell<HashMap<String, Value>>,
    locals: RefCell<HashMap<String, Local<F>>>,
    sent: Cell<Value>,
}

/// Runs body `index` to its end.
pub(crate) async fn run<F: Form>(
    handle: Handle,
    world: World<F>,
    me: Own<F>,
    index: usize,
    arg: Value,
) -> Value {
    let block = &world.case.bodies[index];
    let co = handle.co();
    let body = Rc::new(Body {
        handle,
        co,
        world,
        me,
        variables: RefCell::new(HashMap::from([("arg".to_owned(), arg)])),
        locals: RefCell::default(),
        sent: Cell::new(None),
    });
    let running = body.block(block, None);
    let flow = if index == 0 {
        running.await
    } else {
        without_stop_iteration(co, running).await
    };
    match flow {
        Flow::Return(value) => value,
        Flow::Normal | Flow::Break => None,
    }
}

/// PEP 479: `StopIteration` does not leave a body. (The driver ensures that for the main body.)
async fn without_stop_iteration(co: Co<'static, Value, Value>, running: Running) -> Flow {
    match co.catch(running).await {
        Ok(flow) => flow,
        Err(exception) if PyError::of(&exception).is(STOP_ITERATION) => {
            co.raise(PyError::new("RuntimeError", None)).await
        }
        Err(exception) => co.raise(exception).await,
    }
}

impl<F: Form> Body<F> {
    fn block(self: &Rc<Self>, block: &'static Block, handled: Handled) -> Running {
        let this = self.clone();
        let run = async move {
            for stmt in block {
                match this.stmt(stmt, &handled).await {
                    Flow::Normal => {}
                    left => return left,
                }
            }
            Flow::Normal
        };
        self.handle.run(run)
    }

    async fn stmt(self: &Rc<Self>, stmt: &'static Stmt, handled: &Handled) -> Flow {
        match stmt {
            Stmt::Yield { value, into } => {
                let received = self.co.yield_(self.value(value, handled)).await;
                self.sent.set(received);
                self.set_into(into.as_deref(), received);
            }
            Stmt::Set { name, value } => self.set(name, self.value(value, handled)),
            Stmt::Emit(value) => self.emit(json!(self.value(value, handled))),
            Stmt::EmitExc => {
                let error = caught(handled);
                self.emit(json!({ "exc": [error.name, error.payload] }));
            }
            Stmt::Loop { times, body } => return self.repeat(*times, body, handled).await,
            Stmt::Break => return Flow::Break,
            Stmt::If {
                test,
                then,
                otherwise,
            } => {
                let chosen = if is_true(self.value(test, handled)) {
                    then
                } else {
                    otherwise
                };
                return self.block(chosen, handled.clone()).await;
            }
            Stmt::Try(stmt) => return self.try_(stmt, handled).await,
            Stmt::Raise { name, payload } => {
                self.raise(PyError::new(name, self.value(payload, handled)))
                    .await;
            }
            Stmt::Reraise => return self.raise((**caught(handled)).clone()).await,
            Stmt::Return(value) => return Flow::Return(self.value(value, handled)),
            delegating => return self.delegating(delegating, handled).await,
        }
        Flow::Normal
    }

    async fn repeat(self: &Rc<Self>, times: u64, body: &'static Block, handled: &Handled) -> Flow {
        for _ in 0..times {
            match self.block(body, handled.clone()).await {
                Flow::Normal => {}
                Flow::Break => break,
                left @ Flow::Return(_) => return left,
            }
        }
        Flow::Normal
    }

    async fn try_(self: &Rc<Self>, stmt: &'static Try, handled: &Handled) -> Flow {
        if let Some(cleanup) = stmt.plain_cleanup() {
            let cleanup = async {
                self.block(cleanup, handled.clone()).await;
            };
            return self
                .co
                .finally(self.block(&stmt.body, handled.clone()), cleanup)
                .await;
        }
        let Some(cleanup) = &stmt.cleanup else {
            return self.handle(stmt, handled).await;
        };
        let pending = self.co.catch(self.handle(stmt, handled)).await;
        match self.block(cleanup, handled.clone()).await {
            Flow::Normal => self.go_on(pending).await,
            replaced => replaced,
        }
    }

    /// Runs a `try` with its handlers, but without its `finally`.
    async fn handle(self: &Rc<Self>, stmt: &'static Try, handled: &Handled) -> Flow {
        let outcome = self.attempt(stmt, handled).await;
        if let Err(exception) = &outcome {
            let error = PyError::of(exception);
            if let Some(handler) = stmt.handler(&error) {
                return self.block(handler, Some(Rc::new(error))).await;
            }
        }
        self.go_on(outcome).await
    }

    async fn attempt(
        self: &Rc<Self>,
        stmt: &'static Try,
        handled: &Handled,
    ) -> Result<Flow, Exception> {
        let Some((value, into)) = stmt.single_yield() else {
            let inside = self.block(&stmt.body, handled.clone());
            return self.co.catch(inside).await;
        };
        let received = self.co.try_yield(self.value(value, handled)).await?;
        self.sent.set(received);
        self.set_into(into, received);
        Ok(Flow::Normal)
    }

    async fn go_on(&self, outcome: Result<Flow, Exception>) -> Flow {
        match outcome {
            Ok(flow) => flow,
            Err(exception) => self.co.raise(exception).await,
        }
    }

    async fn raise(&self, error: PyError) -> Flow {
        self.co.raise(error.into_exception()).await
    }

    fn set_into(&self, into: Option<&str>, value: Value) {
        if let Some(name) = into {
            self.set(name, value);
        }
    }

    fn set(&self, name: &str, value: Value) {
        self.variables.borrow_mut().insert(name.to_owned(), value);
    }

    fn emit(&self, event: Json) {
        self.world.events.borrow_mut().push(event);
    }

    fn value(&self, expr: &Expr, handled: &Handled) -> Value {
        let number = |expr| self.value(expr, handled).unwrap_or(0);
        match expr {
            Expr::Constant(value) => *value,
            Expr::Variable(name) => self.variables.borrow().get(name).copied().flatten(),
            Expr::Sent => self.sent.get(),
            Expr::Exc => caught(handled).payload,
            Expr::Add(terms) => Some(number(&terms[0]) + number(&terms[1])),
            Expr::Eq(sides) => {
                let [left, right] = &**sides;
                Some((self.value(left, handled) == self.value(right, handled)).into())
            }
        }
    }
}

fn caught(handled: &Handled) -> &Rc<PyError> {
    handled
        .as_ref()
        .expect("only a handler refers to the handled exception")
}

fn is_true(value: Value) -> bool {
    value.is_some_and(|number| number != 0)
}
