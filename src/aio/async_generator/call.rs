//! A call of an async generator.

use std::rc::Rc;

use super::super::Error;
use super::super::cancelled::{Raised, Thrown, error_of};
use super::super::scope::{Raise, Scope};
use super::{Core, Inner};
use crate::frame::Exception;
use crate::{Generator as _, GeneratorExit, SendError, StartError, State, Step, ThrowError};

/// What is called.
pub(super) enum Op<S> {
    Start,
    /// Start, or send this.
    Next(S),
    Send(S),
    Throw(Error),
    Close,
}

/// A call that is under way. It has the generator, and gives it back when it is dropped, unless the
/// generator has ended.
pub(super) struct Call<Y, S> {
    core: Rc<Core<Y, S>>,
    inner: Option<Inner<Y, S>>,
}

impl<Y, S> Call<Y, S> {
    pub(super) fn begin(core: &Rc<Core<Y, S>>) -> Result<Self, Error> {
        if core.running.replace(true) {
            return Err(Error::Runtime(
                "the asynchronous generator is already running",
            ));
        }
        Ok(Self {
            core: core.clone(),
            inner: core.inner.borrow_mut().take(),
        })
    }

    pub(super) async fn run(mut self, op: Op<S>) -> Result<Option<Y>, Error> {
        let closes = matches!(op, Op::Close);
        let Some(inner) = &mut self.inner else {
            return ended(op);
        };
        // What leaves the body by unwinding stops here.
        match Scope::new(step(inner, op)).await {
            Ok(Ok(Step::Yielded(_))) if closes => Err(Error::Runtime(
                "the asynchronous generator ignored GeneratorExit",
            )),
            Ok(Ok(Step::Yielded(value))) => Ok(Some(value)),
            Ok(Ok(Step::Complete(outcome))) => {
                self.end();
                left(outcome, closes)
            }
            Ok(Err(Refused(error))) => Err(error),
            Err(exception) => {
                self.end();
                match exception.downcast::<Thrown>() {
                    // The task's own cancel goes on.
                    Ok(cancelled) => Raise::new(Exception::new(cancelled)).await,
                    Err(other) => left(Err(error_of(other)), closes),
                }
            }
        }
    }

    /// The generator has ended: its body is dropped.
    fn end(&mut self) {
        drop(self.inner.take());
    }
}

impl<Y, S> Drop for Call<Y, S> {
    fn drop(&mut self) {
        let nothing = self.core.inner.replace(self.inner.take());
        self.core.running.set(false);
        drop(nothing);
    }
}

/// A call that the generator's state does not admit.
struct Refused(Error);

/// How the body was left.
fn left<Y>(outcome: Result<(), Error>, closes: bool) -> Result<Option<Y>, Error> {
    match outcome {
        Err(error) if closes && error.downcast_ref::<GeneratorExit>().is_some() => Ok(None),
        outcome => outcome.map(|()| None),
    }
}

/// A call of a generator that has ended.
fn ended<Y, S>(op: Op<S>) -> Result<Option<Y>, Error> {
    match op {
        Op::Throw(error) => Err(error),
        _ => Ok(None),
    }
}

type Stepped<Y> = Result<Step<Y, Result<(), Error>>, Refused>;

async fn step<Y, S>(inner: &mut Inner<Y, S>, op: Op<S>) -> Stepped<Y> {
    let created = inner.state() == State::Created;
    match op {
        Op::Start | Op::Next(_) if created => started(inner.astart().await),
        Op::Start => Err(Refused(Error::Runtime(
            "the asynchronous generator was started before",
        ))),
        Op::Next(value) | Op::Send(value) => sent(inner.asend(value).await),
        Op::Throw(error) => thrown(inner.athrow(Exception::new(Raised(error))).await),
        Op::Close => {
            let exit = Error::from(GeneratorExit::new());
            thrown(inner.athrow(Exception::new(Raised(exit))).await)
        }
    }
}

fn started<Y>(step: Result<Step<Y, Result<(), Error>>, StartError>) -> Stepped<Y> {
    match step {
        Ok(step) => Ok(step),
        Err(StartError::Raised(exception)) => Ok(Step::Complete(Err(error_of(exception)))),
        Err(error) => Err(Refused(error_of(error.into_exception()))),
    }
}

fn sent<Y, S>(step: Result<Step<Y, Result<(), Error>>, SendError<S>>) -> Stepped<Y> {
    match step {
        Ok(step) => Ok(step),
        Err(SendError::Raised(exception)) => Ok(Step::Complete(Err(error_of(exception)))),
        Err(SendError::JustStarted(_)) => Err(Refused(Error::Runtime(
            "can't send a value to an asynchronous generator that was not started",
        ))),
        Err(error @ SendError::TooDeep(_)) => Err(Refused(error_of(error.into_exception()))),
        Err(error) => Err(Refused(Error::new(error.to_string()))),
    }
}

fn thrown<Y>(step: Result<Step<Y, Result<(), Error>>, ThrowError>) -> Stepped<Y> {
    match step {
        Ok(step) => Ok(step),
        Err(ThrowError::Raised(exception)) => Ok(Step::Complete(Err(error_of(exception)))),
        Err(error @ ThrowError::TooDeep(_)) => Err(Refused(error_of(error.into_exception()))),
        Err(error) => Err(Refused(Error::new(error.to_string()))),
    }
}
