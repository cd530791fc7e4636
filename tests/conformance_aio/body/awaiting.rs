//! The statements that suspend.

use std::time::Duration;

use cogen::aio::{self, ReturnWhen, TaskHandle};
use serde_json::{Value as Json, json};

use super::{Body, Scope, Variables, coroutine};
use crate::error::Exc;
use crate::statement::{Awaiting, Item, Name, When};

impl Body {
    pub(super) async fn awaiting(
        &self,
        stmt: &'static Awaiting,
        scope: &Scope,
    ) -> Result<Json, Exc> {
        match stmt {
            Awaiting::Sleep(delay) => {
                aio::sleep(self.delay(delay, scope).unwrap_or_default()).await;
                Ok(Json::Null)
            }
            Awaiting::Await(name) => self.runtime.named.get(name).wait().await,
            Awaiting::AwaitItem => next_item(scope).await,
            Awaiting::Gather(gather) => self.gather(gather).wait().await,
            Awaiting::Wait {
                names,
                when,
                timeout,
            } => self.wait(names, *when, self.delay(timeout, scope)).await,
            Awaiting::WaitFor { item, timeout } => {
                self.wait_for(item, self.delay(timeout, scope)).await
            }
            Awaiting::Shield(item) => self.shield(item).wait().await,
            Awaiting::WaitOn { object, wait } => {
                let object = self.runtime.objects.get(object);
                self.wait_on(&*object, wait, scope).await
            }
            Awaiting::Yield(value) => self.yield_(self.value(value, scope)).await,
            Awaiting::Asend { generator, value } => {
                let generator = self.runtime.generators.get(generator);
                generator.asend(self.value(value, scope)).await
            }
            Awaiting::Athrow { generator, error } => {
                let generator = self.runtime.generators.get(generator);
                generator.athrow(self.error(error, scope)).await
            }
            Awaiting::Aclose(generator) => {
                self.runtime.generators.get(generator).aclose().await?;
                Ok(Json::Null)
            }
        }
    }

    async fn wait(
        &self,
        names: &'static [Name],
        when: When,
        timeout: Option<Duration>,
    ) -> Result<Json, Exc> {
        let tasks = names
            .iter()
            .map(|name| self.runtime.named.get(name).task().clone());
        let wait = aio::wait(tasks, when.into()).timeout(timeout);
        let (done, pending) = wait.await?;
        Ok(json!({ "done": sorted_names(&done), "pending": sorted_names(&pending) }))
    }

    /// An inline coroutine is no task of the case: it is the library's matter what runs it.
    async fn wait_for(&self, item: &'static Item, timeout: Option<Duration>) -> Result<Json, Exc> {
        Ok(match item {
            Item::Named(name) => {
                let task = self.runtime.named.get(name).typed_task();
                aio::wait_for(&task, timeout).await?
            }
            Item::Coro { name, body } => {
                let inner = coroutine(self.runtime.clone(), name.clone(), body, Variables::new());
                let inner = async { inner.await.map_err(Exc::into_error) };
                aio::wait_for(inner, timeout).await?
            }
        })
    }
}

fn sorted_names(tasks: &[TaskHandle]) -> Vec<String> {
    let mut names: Vec<_> = tasks.iter().map(TaskHandle::name).collect();
    names.sort();
    names
}

async fn next_item(scope: &Scope) -> Result<Json, Exc> {
    let items = scope.item.as_ref().expect("it stands in an `as_completed`");
    let next = items.lock().await.next().await;
    Ok(next.expect("there is one for each turn of the loop")?)
}

impl From<When> for ReturnWhen {
    fn from(when: When) -> Self {
        match when {
            When::FirstCompleted => Self::FirstCompleted,
            When::FirstException => Self::FirstException,
            When::AllCompleted => Self::AllCompleted,
        }
    }
}
