//! Runs a body of a case with the crate's own means.
//!
//! Exceptions are the engine's: `raise` is [`Co::raise`], and what is thrown at a yield unwinds up to
//! the `try` around it, or drops the whole body. So the interpreter has no `Result` of its own.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::Pin;

use cogen::{Co, Exception};
use serde_json::{Value as Json, json};

use crate::error::{PyError, Value};
use crate::statement::{Block, Expr, Stmt, Try};

/// What the bodies of a case have emitted since the driver last looked.
pub(crate) type Events = RefCell<Vec<Json>>;

/// How a statement was left, if not by an exception.
enum Flow {
    Normal,
    Break,
    Return(Value),
}

/// The exception that the innermost handler around has: lexical, so it is passed down.
type Handled<'a> = Option<&'a PyError>;

type Running<'a> = Pin<Box<dyn Future<Output = Flow> + 'a>>;

/// A body that runs.
struct Body<'a> {
    co: Co<'static, Value, Value>,
    events: &'a Events,
    variables: RefCell<HashMap<String, Value>>,
    sent: Cell<Value>,
}

/// Runs `block` to its end.
pub(crate) async fn run(
    co: Co<'static, Value, Value>,
    block: &Block,
    events: &Events,
    arg: Value,
) -> Value {
    let variables = RefCell::new(HashMap::from([("arg".to_owned(), arg)]));
    let body = Body {
        co,
        events,
        variables,
        sent: Cell::new(None),
    };
    match body.block(block, None).await {
        Flow::Return(value) => value,
        Flow::Normal | Flow::Break => None,
    }
}

impl Body<'_> {
    fn block<'a>(&'a self, block: &'a Block, handled: Handled<'a>) -> Running<'a> {
        Box::pin(async move {
            for stmt in block {
                match self.stmt(stmt, handled).await {
                    Flow::Normal => {}
                    left => return left,
                }
            }
            Flow::Normal
        })
    }

    async fn stmt(&self, stmt: &Stmt, handled: Handled<'_>) -> Flow {
        match stmt {
            Stmt::Yield { value, into } => {
                let received = self.co.yield_(self.value(value, handled)).await;
                self.receive(received, into.as_deref());
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
                return self.block(chosen, handled).await;
            }
            Stmt::Try(stmt) => return self.try_(stmt, handled).await,
            Stmt::Raise { name, payload } => {
                self.raise(PyError::new(name, self.value(payload, handled)))
                    .await;
            }
            Stmt::Reraise => return self.raise(caught(handled).clone()).await,
            Stmt::Return(value) => return Flow::Return(self.value(value, handled)),
            // In no trace: a case that comes here although its tags say otherwise fails.
            Stmt::Unsupported(key) => {
                self.emit(json!({ "unsupported": key }));
                return Flow::Return(None);
            }
        }
        Flow::Normal
    }

    async fn repeat(&self, times: u64, body: &Block, handled: Handled<'_>) -> Flow {
        for _ in 0..times {
            match self.block(body, handled).await {
                Flow::Normal => {}
                Flow::Break => break,
                left @ Flow::Return(_) => return left,
            }
        }
        Flow::Normal
    }

    async fn try_(&self, stmt: &Try, handled: Handled<'_>) -> Flow {
        if let Some(cleanup) = stmt.plain_cleanup() {
            let cleanup = async {
                self.block(cleanup, handled).await;
            };
            return self
                .co
                .finally(self.block(&stmt.body, handled), cleanup)
                .await;
        }
        let Some(cleanup) = &stmt.cleanup else {
            return self.handle(stmt, handled).await;
        };
        let pending = self.co.catch(self.handle(stmt, handled)).await;
        match self.block(cleanup, handled).await {
            Flow::Normal => self.go_on(pending).await,
            replaced => replaced,
        }
    }

    /// `try` with its handlers, without its `finally`.
    async fn handle(&self, stmt: &Try, handled: Handled<'_>) -> Flow {
        let outcome = self.attempt(stmt, handled).await;
        if let Err(exception) = &outcome {
            let error = PyError::of(exception);
            if let Some(handler) = stmt.handler(&error) {
                return self.block(handler, Some(&error)).await;
            }
        }
        self.go_on(outcome).await
    }

    async fn attempt(&self, stmt: &Try, handled: Handled<'_>) -> Result<Flow, Exception> {
        let Some((value, into)) = stmt.single_yield() else {
            return self.co.catch(self.block(&stmt.body, handled)).await;
        };
        let received = self.co.try_yield(self.value(value, handled)).await?;
        self.receive(received, into);
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

    fn receive(&self, received: Value, into: Option<&str>) {
        self.sent.set(received);
        if let Some(name) = into {
            self.set(name, received);
        }
    }

    fn set(&self, name: &str, value: Value) {
        self.variables.borrow_mut().insert(name.to_owned(), value);
    }

    fn emit(&self, event: Json) {
        self.events.borrow_mut().push(event);
    }

    fn value(&self, expr: &Expr, handled: Handled<'_>) -> Value {
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

fn caught(handled: Handled<'_>) -> &PyError {
    handled.expect("only a handler refers to the handled exception")
}

fn is_true(value: Value) -> bool {
    value.is_some_and(|number| number != 0)
}
