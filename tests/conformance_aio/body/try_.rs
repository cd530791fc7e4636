//! `try`.

use std::rc::Rc;

use cogen::aio;

use super::{Body, Flow, Outcome, Running, Scope};
use crate::error::Exc;
use crate::statement::{Block, Try};

impl Body {
    pub(super) async fn try_(&self, stmt: &'static Try, scope: &Scope) -> Outcome {
        if let Some(cleanup) = stmt.plain_cleanup() {
            return self.finally(stmt, cleanup, scope).await;
        }
        let Some(cleanup) = &stmt.cleanup else {
            return self.handle(stmt, scope).await;
        };
        let outcome = Self::attempt(self.handled(stmt, scope)).await;
        match self.block(cleanup, scope).await? {
            Flow::Normal => outcome,
            replaced => Ok(replaced),
        }
    }

    /// The library runs a clean-up that neither leaves nor raises: a cancel goes on unwinding after it.
    async fn finally(&self, stmt: &'static Try, cleanup: &'static Block, scope: &Scope) -> Outcome {
        let cleanup = async {
            let left = self.block(cleanup, scope).await;
            assert!(matches!(left, Ok(Flow::Normal)), "it ends normally");
        };
        aio::finally(self.handled(stmt, scope), cleanup).await
    }

    fn handled<'a>(&'a self, stmt: &'static Try, scope: &Scope) -> Running<'a> {
        let scope = scope.clone();
        Box::pin(async move { self.handle(stmt, &scope).await })
    }

    /// Runs a `try` with its handlers, but without its `finally`.
    async fn handle(&self, stmt: &'static Try, scope: &Scope) -> Outcome {
        let inside = self.block(&stmt.body, scope);
        if stmt.handlers.is_empty() {
            return inside.await;
        }
        let error = match Self::attempt(inside).await {
            Ok(flow) => return Ok(flow),
            Err(error) => error,
        };
        let Some(handler) = stmt.handler(&error) else {
            return Err(error);
        };
        let scope = Scope {
            handled: Some(Rc::new(error)),
            ..scope.clone()
        };
        self.block(handler, &scope).await
    }

    /// The outcome of a block, a cancel included.
    pub(super) async fn attempt(inside: Running<'_>) -> Outcome {
        match aio::catch_cancelled(inside).await {
            Ok(outcome) => outcome,
            Err(cancelled) => Err(Exc::from(cancelled)),
        }
    }
}
