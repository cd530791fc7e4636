//! The statements that suspend.

use std::time::Duration;

use cogen::aio::{self, ReturnWhen};
use serde_json::{Value as Json, json};

use super::{Body, Scope, Variables, coroutine};
use crate::error::Exc;
use crate::named::Named;
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
        let items: Vec<_> = names
            .iter()
            .map(|name| self.runtime.named.get(name))
            .collect();
        let waited = aio::wait(items.iter().map(Named::awaitable), when.into());
        waited.timeout(timeout).await?;
        // Nothing has run since the wait ended.
        let (mut done, mut pending) = (Vec::new(), Vec::new());
        for (name, item) in names.iter().zip(&items) {
            if item.done() {
                done.push(name);
            } else {
                pending.push(name);
            }
        }
        done.sort();
        pending.sort();
        Ok(json!({ "done": done, "pending": pending }))
    }

    /// An inline coroutine is not a task of the case: the library decides how to run it.
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

async fn next_item(scope: &Scope) -> Result<Json, Exc> {
    let items = scope.item.as_ref().expect("only inside an `as_completed`");
    let next = items.lock().await.next().await;
    Ok(next.expect("there is an item for each turn of the loop")?)
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
