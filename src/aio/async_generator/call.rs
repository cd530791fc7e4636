//! A call of an async generator.
//!
//! If a call is dropped before its end, the body is left awaiting, so there is no yield to take what the next
//! call brings. A call for the next item continues the body, and gets the item that the dropped call would
//! have got. A call that sends continues it as well: what the body yields then was the answer to the dropped
//! call, and is dropped, so that what this call gives is the answer to what it sent. What is thrown arrives
//! where the body awaits.

use std::future::poll_fn;
use std::panic::Location;
use std::rc::Rc;
use std::task::Poll;

use super::generator_core::{Core, Inner};
use super::throwing::{Landed, poll_on, throw_in};
use crate::aio::core::awaiting::expect_task;
use crate::aio::core::error::Error;
use crate::aio::core::task::task_core::place::Node;
use crate::aio::core::thrown::{Raised, Thrown, error_of};
use crate::aio::scopes::raise::Raise;
use crate::aio::scopes::scope::Scope;
use crate::frame::{Exception, UnderWay};
use crate::generator::{
    Generator as _, GeneratorExit, NextError, SendError, StartError, State, Step, ThrowError,
};

/// What is called.
pub(super) enum CallKind<S> {
    Start,
    /// Start, or send this.
    Next(S),
    Send(S),
    Throw(Error),
    Close,
}

/// A call that is under way. It holds the generator, and gives it back when it is dropped, unless the
/// generator has ended.
pub(super) struct GeneratorCall<Y, S> {
    core: Rc<Core<Y, S>>,
    inner: Option<Inner<Y, S>>,
}

impl<Y, S> GeneratorCall<Y, S> {
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

    pub(super) async fn run(
        mut self,
        op: CallKind<S>,
        at: &'static Location<'static>,
    ) -> Result<Option<Y>, Error> {
        expect_task(at);
        let closes = matches!(op, CallKind::Close);
        let Some(inner) = &mut self.inner else {
            return ended(op);
        };
        let yielded = self.core.yielded.get();
        // Whatever leaves the body by unwinding stops here.
        let node = self.core.node.clone();
        let body = step(inner, &node, op, yielded);
        let stepped = Scope::with(node.clone(), body).await;
        if matches!(stepped, Ok(Ok(Step::Yielded(_)))) {
            self.core.yielded.set(true);
        }
        match stepped {
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

impl<Y, S> Drop for GeneratorCall<Y, S> {
    fn drop(&mut self) {
        let nothing = self.core.inner.replace(self.inner.take());
        self.core.running.set(false);
        // Cancels of the task that the call was made in stay with that.
        self.core.node.part();
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
fn ended<Y, S>(op: CallKind<S>) -> Result<Option<Y>, Error> {
    match op {
        CallKind::Throw(error) => Err(error),
        _ => Ok(None),
    }
}

type Stepped<Y> = Result<Step<Y, Result<(), Error>>, Refused>;

/// `yielded`: whether an earlier call has received what the body yielded.
async fn step<Y, S>(
    inner: &mut Inner<Y, S>,
    node: &Rc<Node>,
    op: CallKind<S>,
    yielded: bool,
) -> Stepped<Y> {
    let created = inner.state() == State::Created;
    match op {
        CallKind::Start | CallKind::Next(_) if created => started(inner.astart().await),
        // The call that started it was dropped.
        CallKind::Start if !yielded => go_on(inner).await,
        CallKind::Start => Err(Refused(Error::Runtime(
            "the asynchronous generator was started before",
        ))),
        CallKind::Next(value) => match inner.asend(value).await {
            Err(SendError::Awaiting(_)) => go_on(inner).await,
            step => sent(step),
        },
        // A plain `asend` would take its value for that of the call that was dropped.
        CallKind::Send(value) if inner.under_way() == UnderWay::Send => {
            send_later(inner, value).await
        }
        CallKind::Send(value) => match inner.asend(value).await {
            Err(SendError::Awaiting(value)) => send_later(inner, value).await,
            step => sent(step),
        },
        CallKind::Throw(error) => throw(inner, node, error).await,
        CallKind::Close => throw(inner, node, GeneratorExit::new().into()).await,
    }
}

/// Continues a body that has been awaiting since a call was dropped.
async fn go_on<Y, S>(inner: &mut Inner<Y, S>) -> Stepped<Y> {
    gone_on(poll_fn(|cx| poll_on(inner, cx)).await)
}

/// The same, up to the yield that `value` is for. If the body ends before that, its end is the answer.
async fn send_later<Y, S>(inner: &mut Inner<Y, S>, value: S) -> Stepped<Y> {
    match go_on(inner).await? {
        Step::Yielded(_) => sent(inner.asend(value).await),
        ended @ Step::Complete(_) => Ok(ended),
    }
}

/// Throws at the yield, or where the body awaits.
async fn throw<Y, S>(inner: &mut Inner<Y, S>, node: &Rc<Node>, error: Error) -> Stepped<Y> {
    let mut exception = Exception::new(Raised(error));
    if inner.is_awaiting() {
        let mut thrown = Some(exception);
        let landed = poll_fn(|cx| match thrown.take() {
            Some(exception) => Poll::Ready(throw_in(inner, node, cx, exception)),
            None => Poll::Pending,
        });
        match landed.await {
            Landed::Stepped(step) => return gone_on(step),
            Landed::Pending => return go_on(inner).await,
            Landed::Nowhere(back) => exception = back,
        }
    }
    thrown(inner.athrow(exception).await)
}

fn gone_on<Y>(step: Result<Step<Y, Result<(), Error>>, NextError>) -> Stepped<Y> {
    match step {
        Ok(step) => Ok(step),
        Err(NextError::Raised(exception)) => Ok(Step::Complete(Err(error_of(exception)))),
        Err(error) => Err(Refused(error_of(error.into_exception()))),
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
