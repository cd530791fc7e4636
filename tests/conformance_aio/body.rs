//! Interprets a body.
//!
//! An exception of a case is an `Err` here, and so is a cancel once a `try` or a block of the library has caught it.
//! Until then the cancel unwinds: a body's own cancel never becomes a value by itself.

mod awaiting;
mod compound;
mod object;
mod plain;
mod try_;
mod value;

pub(crate) use value::is_true;

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;

use cogen::aio::AsyncCo;
use futures::lock::Mutex;
use serde_json::Value as Json;

use crate::error::Exc;
use crate::generator::Agen;
use crate::kept::Items;
use crate::runtime::Runtime;
use crate::statement::{Block, Into, Name, Stmt};

pub(crate) type Variables = HashMap<Name, Json>;

/// How a statement was left, if not by an exception.
#[derive(Debug)]
enum Flow {
    Normal,
    Break,
    Return(Json),
}

type Outcome = Result<Flow, Exc>;
type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// A body that is running.
struct Body {
    runtime: Rc<Runtime>,
    who: Name,
    variables: RefCell<Variables>,
    /// In a generator: the handle that it yields with.
    co: Option<Yields>,
}

/// The handle that a body yields with.
#[derive(Clone, Copy)]
enum Yields {
    /// The handle of a generator.
    Item(AsyncCo<Json, Json>),
    /// The handle of a context manager.
    Resource(AsyncCo<Json>),
}

/// What the statements of a block refer to without a name. It is lexical, so it is passed down.
#[derive(Clone, Default)]
struct Scope {
    /// The exception of the innermost enclosing handler.
    handled: Option<Rc<Exc>>,
    /// What the innermost enclosing `as_completed` iterates over.
    item: Option<Rc<Mutex<Box<dyn Items>>>>,
}

/// Runs a body to its end.
pub(crate) async fn coroutine(
    runtime: Rc<Runtime>,
    who: Name,
    block: &'static Block,
    variables: Variables,
) -> Result<Json, Exc> {
    let body = Body::new(runtime, who, variables);
    match body.block(block, &Scope::default()).await? {
        Flow::Return(value) => Ok(value),
        Flow::Normal | Flow::Break => Ok(Json::Null),
    }
}

impl Body {
    fn new(runtime: Rc<Runtime>, who: Name, variables: Variables) -> Self {
        Self {
            runtime,
            who,
            variables: RefCell::new(variables),
            co: None,
        }
    }

    /// Makes a generator that has not started.
    fn generator(&self, block: &'static Block) -> Rc<Agen> {
        let body = self.yielding(block);
        Agen::new(async move |co| body(Yields::Item(co)).await)
    }

    /// Makes a body that yields.
    fn yielding(
        &self,
        block: &'static Block,
    ) -> impl AsyncFnOnce(Yields) -> Result<(), Exc> + use<> {
        let (runtime, who) = (self.runtime.clone(), self.who.clone());
        async move |co| {
            let body = Self {
                co: Some(co),
                ..Self::new(runtime, who, Variables::new())
            };
            body.block(block, &Scope::default()).await.map(drop)
        }
    }

    async fn yield_(&self, value: Json) -> Result<Json, Exc> {
        match self.co.expect("only a generator yields") {
            Yields::Item(co) => Ok(co.try_yield(value).await?),
            Yields::Resource(co) => {
                co.try_yield(value).await?;
                Ok(Json::Null)
            }
        }
    }

    fn block<'a>(&'a self, block: &'static Block, scope: &Scope) -> Running<'a> {
        let scope = scope.clone();
        let run = async move {
            for stmt in block {
                match self.stmt(stmt, &scope).await? {
                    Flow::Normal => {}
                    left => return Ok(left),
                }
            }
            Ok(Flow::Normal)
        };
        Box::pin(run)
    }

    async fn stmt(&self, stmt: &'static Stmt, scope: &Scope) -> Outcome {
        match stmt {
            Stmt::Plain(plain, into) => self.set(into, self.plain(plain, scope)?),
            Stmt::Awaiting(awaiting, into) => self.set(into, self.awaiting(awaiting, scope).await?),
            Stmt::Compound(compound) => return self.compound(compound, scope).await,
            Stmt::Break => return Ok(Flow::Break),
            Stmt::Return(value) => return Ok(Flow::Return(self.value(value, scope))),
        }
        Ok(Flow::Normal)
    }

    fn set(&self, into: &Into, value: Json) {
        let Some(name) = into else { return };
        let mut variables = self.scope_of(name).borrow_mut();
        variables.insert(name.clone(), value);
    }

    fn get(&self, name: &str) -> Json {
        let variables = self.scope_of(name).borrow();
        variables.get(name).cloned().unwrap_or_default()
    }

    fn scope_of(&self, name: &str) -> &RefCell<Variables> {
        if name.starts_with('$') {
            &self.runtime.globals
        } else {
            &self.variables
        }
    }
}
