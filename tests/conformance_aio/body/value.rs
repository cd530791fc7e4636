//! Expressions.

use std::rc::Rc;
use std::time::Duration;

use cogen::aio;
use serde_json::{Value as Json, json};

use super::{Body, Scope};
use crate::error::Exc;
use crate::runtime;
use crate::statement::{Expr, Raise};

impl Body {
    pub(super) fn value(&self, expr: &Expr, scope: &Scope) -> Json {
        let value = |expr| self.value(expr, scope);
        match expr {
            Expr::Constant(value) => value.clone(),
            Expr::Variable(name) => self.get(name),
            Expr::List(items) => items.iter().map(value).collect(),
            Expr::Add(terms) => json!(number(&value(&terms.0)) + number(&value(&terms.1))),
            Expr::Eq(sides) => json!(value(&sides.0) == value(&sides.1)),
            Expr::Exc => scope.caught().to_json(),
            Expr::Now => json!(runtime::now()),
            Expr::CurrentTask => json!(aio::current_task().map(|task| task.name())),
            Expr::StateOf(name) => self.runtime.named.get(name).state(),
            Expr::Cancelling(name) => json!(self.runtime.named.get(name).task().cancelling()),
            Expr::Expired(name) => json!(self.runtime.timeouts.get(name).expired()),
            Expr::Query(object, what) => self.runtime.objects.get(object).query(what),
        }
    }

    /// The value as milliseconds, if it is a number.
    pub(super) fn delay(&self, expr: &Expr, scope: &Scope) -> Option<Duration> {
        self.value(expr, scope).as_u64().map(Duration::from_millis)
    }

    pub(super) fn error(&self, raise: &Raise, scope: &Scope) -> Exc {
        Exc::new(&raise.name, self.value(&raise.payload, scope))
    }
}

impl Scope {
    pub(super) fn caught(&self) -> &Rc<Exc> {
        let handled = self.handled.as_ref();
        handled.expect("only a handler refers to the handled exception")
    }
}

/// `null` counts as 0.
fn number(value: &Json) -> i64 {
    value.as_i64().unwrap_or(0)
}

/// Whether Python takes the value for true.
pub(crate) fn is_true(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Bool(value) => *value,
        Json::Number(number) => number.as_i64() != Some(0),
        Json::String(text) => !text.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
    }
}
