//! Async generators, and the exceptions that Python raises at their ends.

use std::rc::Rc;

use cogen::State;
use cogen::aio::{AsyncCo, AsyncGenerator, Error, async_generator};
use serde_json::Value as Json;

use crate::error::{Exc, STOP_ASYNC_ITERATION};

pub(crate) struct Agen(AsyncGenerator<Json, Json>);

impl Agen {
    pub(crate) fn new(
        body: impl AsyncFnOnce(AsyncCo<Json, Json>) -> Result<(), Exc> + 'static,
    ) -> Rc<Self> {
        let body = async move |co| body(co).await.map_err(Exc::into_error);
        Rc::new(Self(async_generator(body)))
    }

    /// The next item, or `None` at the end.
    pub(crate) async fn anext(&self) -> Result<Option<Json>, Exc> {
        self.resume(Json::Null).await
    }

    pub(crate) async fn asend(&self, value: Json) -> Result<Json, Exc> {
        if !value.is_null() && self.0.state() == State::Created {
            return Err(Exc::new("TypeError", Json::Null));
        }
        self.resume(value).await?.ok_or_else(stop)
    }

    async fn resume(&self, value: Json) -> Result<Option<Json>, Exc> {
        let resumed = match self.0.state() {
            State::Created => self.0.astart().await,
            _ => self.0.asend(value).await,
        };
        resumed.map_err(leaving)
    }

    pub(crate) async fn athrow(&self, error: Exc) -> Result<Json, Exc> {
        // CPython's `athrow` loses an exception thrown at a finished generator; the crate's `athrow` gives it back.
        if self.0.state() == State::Closed {
            return Ok(Json::Null);
        }
        let thrown = self.0.athrow(error.into_error()).await;
        thrown.map_err(leaving)?.ok_or_else(stop)
    }

    pub(crate) async fn aclose(&self) -> Result<(), Exc> {
        self.0.aclose().await.map_err(leaving)
    }
}

fn stop() -> Exc {
    Exc::new(STOP_ASYNC_ITERATION, Json::Null)
}

/// PEP 525: `StopAsyncIteration` does not leave a body.
fn leaving(error: Error) -> Exc {
    let error = Exc::from(error);
    if error.is_a(STOP_ASYNC_ITERATION) {
        return Exc::new("RuntimeError", Json::Null);
    }
    error
}
