//! The statements that do not suspend.

use std::rc::Rc;
use std::time::Duration;

use cogen::aio::{self, Promise, Task};
use serde_json::{Value as Json, json};

use super::{Body, Scope, Variables};
use crate::error::Exc;
use crate::kept;
use crate::named::Named;
use crate::statement::{Block, Gather, Item, Plain, Stmt};

impl Body {
    pub(super) fn plain(&self, stmt: &'static Plain, scope: &Scope) -> Result<Json, Exc> {
        let named = &self.runtime.named;
        match stmt {
            Plain::Emit(value) => self.emit(&self.value(value, scope)),
            Plain::Set(value) => return Ok(self.value(value, scope)),
            Plain::Raise(raise) => return Err(self.error(raise, scope)),
            Plain::Reraise => return Err((**scope.caught()).clone()),
            Plain::Create { name, body, group } => {
                self.create(name, body, group.as_deref())?;
            }
            Plain::Future(name) => named.put(name, Named::Promise(Promise::new())),
            Plain::SetResult { future, value } => {
                named
                    .get(future)
                    .promise()
                    .set_result(self.value(value, scope))?;
            }
            Plain::SetException { future, error } => {
                let error = self.error(error, scope).into_error();
                named.get(future).promise().set_exception(error)?;
            }
            Plain::Cancel { name, message } => {
                return Ok(json!(named.get(name).cancel(message.as_deref())));
            }
            Plain::Uncancel(name) => return Ok(json!(named.get(name).task().uncancel())),
            Plain::AddDoneCallback { name, value } => {
                self.add_done_callback(name, self.value(value, scope));
            }
            Plain::Gather { gather, name } => named.put(name, self.gather(gather)),
            Plain::Shield { item, name } => named.put(name, self.shield(item)),
            Plain::Reschedule { timeout, delay } => {
                let when = self.delay(delay, scope).map(|delay| aio::now() + delay);
                self.runtime.timeouts.get(timeout).reschedule(when)?;
            }
            Plain::Call {
                delay,
                body,
                handle,
            } => {
                let delay = delay.as_ref().and_then(|delay| self.delay(delay, scope));
                self.call(delay, body, handle.as_deref());
            }
            Plain::CancelHandle(name) => self.runtime.handles.get(name).cancel(),
            Plain::Act { object, act } => {
                return self.act(&*self.runtime.objects.get(object), act, scope);
            }
            Plain::Agen { name, body } => {
                let generator = self.generator(body);
                self.runtime.generators.put(name, generator.clone());
            }
        }
        Ok(Json::Null)
    }

    /// A group that takes no more tasks gives a task that has ended: this is the exception that Python raises.
    fn create(&self, name: &str, body: &'static Block, group: Option<&str>) -> Result<(), Exc> {
        let Some(group) = group else {
            self.runtime.spawn(name, body);
            return Ok(());
        };
        let task = self
            .runtime
            .groups
            .get(group)
            .create_static_task(self.runtime.task(name, body));
        if task.done() {
            task.result()?;
        }
        self.runtime.register(name, &task);
        Ok(())
    }

    pub(super) fn emit(&self, value: &Json) {
        self.runtime.event(&self.who, "emit", value);
    }

    fn add_done_callback(&self, name: &'static str, value: Json) {
        let runtime = self.runtime.clone();
        let task = self.runtime.named.get(name).typed_task();
        task.add_done_callback(move |_| runtime.event(name, "cb", &value));
    }

    /// Starts a gather. Its inline coroutines become tasks, in order, before the library is called.
    pub(super) fn gather(&self, gather: &'static Gather) -> Named {
        let tasks: Vec<_> = gather.items.iter().map(|item| self.item(item)).collect();
        let children: Vec<_> = tasks.iter().collect();
        Named::Kept(if gather.return_exceptions {
            Rc::new(aio::gather_all(children))
        } else {
            Rc::new(aio::gather(children))
        })
    }

    pub(super) fn shield(&self, item: &'static Item) -> Named {
        if let Item::Named(name) = item
            && let Named::Kept(kept) = self.runtime.named.get(name)
        {
            return Named::Kept(kept.shield());
        }
        let task = self.item(item);
        Named::Kept(kept::shield(&task))
    }

    fn item(&self, item: &'static Item) -> Task<Json> {
        match item {
            Item::Named(name) => self.runtime.named.get(name).typed_task(),
            Item::Coro { name, body } => self.runtime.spawn(name, body),
        }
    }

    /// Makes the loop call a callback, which has variables of its own.
    fn call(&self, delay: Option<Duration>, block: &'static Block, name: Option<&str>) {
        let body = Self::new(self.runtime.clone(), self.who.clone(), Variables::new());
        let callback = move || body.run_callback(block);
        let handle = match delay {
            Some(delay) => aio::call_later(delay, callback),
            None => aio::call_soon(callback),
        };
        if let Some(name) = name {
            self.runtime.handles.put(name, handle);
        }
    }

    fn run_callback(&self, block: &'static Block) {
        for stmt in block {
            let Stmt::Plain(plain, into) = stmt else {
                panic!("a callback cannot do this: {stmt:?}");
            };
            match self.plain(plain, &Scope::default()) {
                Ok(value) => self.set(into, value),
                Err(error) => panic!("a callback raised {error}"),
            }
        }
    }
}
