//! Gathers and shields as values of one type, although their own types depend on what they wrap.

use std::pin::Pin;
use std::rc::Rc;

use cogen::aio::{self, AsCompleted, Child, Error, Gather, GatherAll, Shield, Source, Sources};
use serde_json::Value as Json;

use crate::error::Exc;

type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Something that can be awaited more than once.
pub(crate) trait Kept {
    fn wait(&self) -> Waiting<'static, Result<Json, Exc>>;
    fn cancel(&self) -> bool;
    fn done(&self) -> bool;

    /// Makes a shield around it.
    fn shield(&self) -> Rc<dyn Kept> {
        panic!("no case shields this")
    }
}

impl<S> Kept for Gather<S>
where
    S: Sources<Ok = Vec<Json>> + 'static,
{
    fn wait(&self) -> Waiting<'static, Result<Json, Exc>> {
        let this = self.clone();
        Box::pin(async { Ok(Json::Array(this.await?)) })
    }

    fn cancel(&self) -> bool {
        self.cancel()
    }

    fn done(&self) -> bool {
        self.done()
    }
}

impl<S> Kept for GatherAll<S>
where
    S: Sources<Each = Vec<Result<Json, Error>>> + 'static,
{
    fn wait(&self) -> Waiting<'static, Result<Json, Exc>> {
        let this = self.clone();
        Box::pin(async { Ok(this.await.into_iter().map(either).collect()) })
    }

    fn cancel(&self) -> bool {
        self.cancel()
    }

    fn done(&self) -> bool {
        self.done()
    }
}

/// The result as an item of a `gather` with `return_exceptions`.
fn either(result: Result<Json, Error>) -> Json {
    result.unwrap_or_else(|error| Exc::from(error).to_json())
}

/// A shield of a task.
struct Single<S>(Shield<S>);

/// A shield of a shield.
struct Double<S>(Shield<Shield<S>>);

impl<S> Kept for Single<S>
where
    S: Source<Ok = Json> + Clone + 'static,
{
    fn wait(&self) -> Waiting<'static, Result<Json, Exc>> {
        wait(&self.0)
    }

    fn cancel(&self) -> bool {
        self.0.cancel()
    }

    fn done(&self) -> bool {
        self.0.done()
    }

    fn shield(&self) -> Rc<dyn Kept> {
        Rc::new(Double(aio::shield(self.0.clone())))
    }
}

impl<S> Kept for Double<S>
where
    S: Source<Ok = Json> + Clone + 'static,
{
    fn wait(&self) -> Waiting<'static, Result<Json, Exc>> {
        wait(&self.0)
    }

    fn cancel(&self) -> bool {
        self.0.cancel()
    }

    fn done(&self) -> bool {
        self.0.done()
    }
}

fn wait<S>(shield: &Shield<S>) -> Waiting<'static, Result<Json, Exc>>
where
    S: Source<Ok = Json> + Clone + 'static,
{
    let shield = shield.clone();
    Box::pin(async { Ok(shield.await?) })
}

pub(crate) fn shield<C>(child: C) -> Rc<dyn Kept>
where
    C: Child<Source: Source<Ok = Json> + Clone + 'static>,
{
    Rc::new(Single(aio::shield(child)))
}

/// The items of an `as_completed`, one by one.
pub(crate) trait Items {
    fn next(&mut self) -> Waiting<'_, Option<Result<Json, Error>>>;
}

impl<S: Source<Ok = Json>> Items for AsCompleted<S> {
    fn next(&mut self) -> Waiting<'_, Option<Result<Json, Error>>> {
        Box::pin(self.next())
    }
}
