//! Async generators: the crate's own, with Python's rules for who may drive them.

use std::rc::Rc;

use cogen::{
    CloseError, Co, Generator as _, LocalBoxGen, SendError, StartError, State, Step, ThrowError,
    generator,
};
use futures::lock::{Mutex, MutexGuard};
use serde_json::Value as Json;

use crate::error::{Exc, STOP_ASYNC_ITERATION};

type Inner = LocalBoxGen<'static, Json, Json>;

/// The lock is only ever tried: it is held while somebody waits for the generator.
pub(crate) struct Agen(Mutex<Inner>);

impl Agen {
    pub(crate) fn new(
        body: impl AsyncFnOnce(Co<'static, Json, Json>) -> Result<(), Exc> + 'static,
    ) -> Rc<Self> {
        let made = generator(move |co| async move {
            if let Err(error) = body(co).await {
                co.raise(error.into_exception()).await;
            }
        });
        Rc::new(Self(Mutex::new(made.boxed_local())))
    }

    pub(crate) fn is_suspended(&self) -> bool {
        self.idle()
            .is_ok_and(|inner| inner.state() == State::Suspended)
    }

    /// The next item, or nothing at the end.
    pub(crate) async fn anext(&self) -> Result<Option<Json>, Exc> {
        match self.asend(Json::Null).await {
            Ok(item) => Ok(Some(item)),
            Err(error) if error.is_a(STOP_ASYNC_ITERATION) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn asend(&self, value: Json) -> Result<Json, Exc> {
        let mut inner = self.idle()?;
        if value.is_null() && inner.state() == State::Created {
            return match inner.astart().await {
                Ok(step) => item(step),
                Err(StartError::Raised(exception)) => Err(leaving(exception.into())),
                Err(error) => panic!("it was not started: {error}"),
            };
        }
        match inner.asend(value).await {
            Ok(step) => item(step),
            Err(SendError::Finished(_)) => Err(stop()),
            Err(SendError::JustStarted(_)) => Err(Exc::new("TypeError", Json::Null)),
            Err(SendError::Raised(exception)) => Err(leaving(exception.into())),
            Err(error) => panic!("it was idle: {error}"),
        }
    }

    pub(crate) async fn athrow(&self, error: Exc) -> Result<Json, Exc> {
        let mut inner = self.idle()?;
        // CPython's `athrow` loses what is thrown at a finished generator; the crate's gives it back.
        if inner.state() == State::Closed {
            return Ok(Json::Null);
        }
        match inner.athrow(error.into_exception()).await {
            Ok(step) => item(step),
            Err(ThrowError::Raised(exception)) => Err(leaving(exception.into())),
            Err(error) => panic!("it was idle: {error}"),
        }
    }

    pub(crate) async fn aclose(&self) -> Result<(), Exc> {
        let mut inner = self.idle()?;
        match inner.aclose().await {
            Ok(_) => Ok(()),
            Err(CloseError::Ignored(_)) => Err(Exc::new("RuntimeError", Json::Null)),
            Err(CloseError::Raised(exception)) => Err(leaving(exception.into())),
            Err(error) => panic!("it was idle: {error}"),
        }
    }

    /// The generator, if nobody waits for it.
    fn idle(&self) -> Result<MutexGuard<'_, Inner>, Exc> {
        let running = || Exc::new("RuntimeError", Json::Null);
        self.0.try_lock().ok_or_else(running)
    }
}

fn item(step: Step<Json, ()>) -> Result<Json, Exc> {
    match step {
        Step::Yielded(item) => Ok(item),
        Step::Complete(()) => Err(stop()),
    }
}

fn stop() -> Exc {
    Exc::new(STOP_ASYNC_ITERATION, Json::Null)
}

/// PEP 525: `StopAsyncIteration` does not leave a body.
fn leaving(error: Exc) -> Exc {
    if error.is_a(STOP_ASYNC_ITERATION) {
        return Exc::new("RuntimeError", Json::Null);
    }
    error
}
