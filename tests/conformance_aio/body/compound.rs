//! The statements that have blocks.

use std::rc::Rc;
use std::time::Duration;

use cogen::aio::{self, AsyncContext as _, ContextManager, TaskGroup, Timeout};
use futures::lock::Mutex;
use serde_json::Value as Json;

use super::value::is_true;
use super::{Body, Flow, Outcome, Running, Scope, Variables, Yields, coroutine};
use crate::error::Exc;
use crate::generator::Agen;
use crate::statement::{Block, Compound, Into, Name};

impl Body {
    /// Boxed, because the future of every statement would otherwise contain that of such a block.
    pub(super) fn compound<'a>(&'a self, stmt: &'static Compound, scope: &Scope) -> Running<'a> {
        let scope = scope.clone();
        Box::pin(async move { self.run_compound(stmt, &scope).await })
    }

    async fn run_compound(&self, stmt: &'static Compound, scope: &Scope) -> Outcome {
        match stmt {
            Compound::If {
                test,
                then,
                otherwise,
            } => {
                let holds = is_true(&self.value(test, scope));
                self.block(if holds { then } else { otherwise }, scope)
                    .await
            }
            Compound::Loop { times, body } => self.repeat(*times, body, scope).await,
            Compound::Try(stmt) => self.try_(stmt, scope).await,
            Compound::Timeout { delay, body, name } => {
                let delay = self.delay(delay, scope);
                self.timeout(delay, body, name.as_deref(), scope).await
            }
            Compound::With { object, body } => {
                let object = self.runtime.objects.get(object);
                self.with(&*object, body, scope).await
            }
            Compound::TaskGroup { name, body } => self.task_group(name, body, scope).await,
            Compound::AsCompleted {
                names,
                timeout,
                body,
            } => {
                let timeout = self.delay(timeout, scope);
                self.as_completed(names, timeout, body, scope).await
            }
            Compound::AsyncFor {
                generator,
                into,
                body,
            } => {
                let generator = self.runtime.generators.get(generator);
                self.async_for(&generator, into, body, scope).await
            }
            Compound::Aclosing { generator, body } => {
                let generator = self.runtime.generators.get(generator);
                let outcome = Self::attempt(self.block(body, scope)).await;
                generator.aclose().await?;
                outcome
            }
            Compound::AsyncWith {
                manager,
                into,
                body,
            } => {
                let yielding = self.yielding(manager);
                let manager = aio::context_manager(async move |co| {
                    yielding(Yields::Resource(co))
                        .await
                        .map_err(Exc::into_error)
                });
                self.async_with(manager, into, self.block(body, scope))
                    .await
            }
            Compound::AsyncWithClass {
                enter,
                exit,
                into,
                body,
            } => {
                self.set(into, self.helper(enter, Variables::new()).await?);
                self.with_exit(exit, self.block(body, scope)).await
            }
        }
    }

    async fn repeat(&self, times: u64, body: &'static Block, scope: &Scope) -> Outcome {
        for _ in 0..times {
            match self.block(body, scope).await? {
                Flow::Normal => {}
                Flow::Break => break,
                left @ Flow::Return(_) => return Ok(left),
            }
        }
        Ok(Flow::Normal)
    }

    async fn timeout(
        &self,
        delay: Option<Duration>,
        body: &'static Block,
        name: Option<&str>,
        scope: &Scope,
    ) -> Outcome {
        let inside = async |timeout: Timeout| {
            if let Some(name) = name {
                self.runtime.timeouts.put(name, timeout);
            }
            self.block(body, scope).await.map_err(Exc::into_error)
        };
        Ok(aio::timeout_with(delay, inside).await?)
    }

    async fn task_group(&self, name: &'static str, body: &'static Block, scope: &Scope) -> Outcome {
        let inside = async |group: &TaskGroup<'static>| {
            self.runtime.groups.put(name, group.clone());
            self.block(body, scope).await.map_err(Exc::into_error)
        };
        Ok(aio::task_group(inside).await?)
    }

    async fn as_completed(
        &self,
        names: &'static [Name],
        timeout: Option<Duration>,
        body: &'static Block,
        scope: &Scope,
    ) -> Outcome {
        let task = |name: &Name| self.runtime.named.get(name).typed_task();
        let tasks: Vec<_> = names.iter().map(task).collect();
        let items = aio::as_completed(&tasks).timeout(timeout);
        let scope = Scope {
            item: Some(Rc::new(Mutex::new(Box::new(items)))),
            ..scope.clone()
        };
        self.repeat(names.len() as u64, body, &scope).await
    }

    /// Leaving the loop does not close the generator.
    async fn async_for(
        &self,
        generator: &Agen,
        into: &Into,
        body: &'static Block,
        scope: &Scope,
    ) -> Outcome {
        while let Some(item) = generator.anext().await? {
            self.set(into, item);
            match self.block(body, scope).await? {
                Flow::Normal => {}
                Flow::Break => break,
                left @ Flow::Return(_) => return Ok(left),
            }
        }
        Ok(Flow::Normal)
    }

    /// Runs a body that is part of a statement, with variables of its own.
    async fn helper(&self, block: &'static Block, variables: Variables) -> Result<Json, Exc> {
        coroutine(self.runtime.clone(), self.who.clone(), block, variables).await
    }

    async fn async_with(
        &self,
        mut manager: ContextManager<Json>,
        into: &Into,
        inside: Running<'_>,
    ) -> Outcome {
        self.set(into, manager.enter().await?);
        let error = match Self::attempt(inside).await {
            Ok(flow) => {
                manager.exit(&mut None).await?;
                return Ok(flow);
            }
            Err(error) => error,
        };
        let mut leaving = Some(error.clone().into_error());
        manager.exit(&mut leaving).await?;
        if leaving.is_none() {
            Ok(Flow::Normal)
        } else {
            Err(error)
        }
    }

    /// `__aexit__` gets the exception, and swallows it if it returns something true.
    async fn with_exit(&self, exit: &'static Block, inside: Running<'_>) -> Outcome {
        let outcome = Self::attempt(inside).await;
        let told = outcome.as_ref().map_or_else(Exc::to_json, |_| Json::Null);
        let swallows = self.helper(exit, [("exc".to_owned(), told)].into()).await?;
        match outcome {
            Err(_) if is_true(&swallows) => Ok(Flow::Normal),
            outcome => outcome,
        }
    }
}
