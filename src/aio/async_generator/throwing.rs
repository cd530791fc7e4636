//! How something is thrown into a body that has been awaiting since a call was dropped: to the scopes where it awaits.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::generator_core::Inner;
use crate::aio::core::awaiting::expect_current;
use crate::aio::core::error::Error;
use crate::aio::core::task::task_core::place::Node;
use crate::aio::core::thrown::Raised;
use crate::frame::Exception;
use crate::generator::{Generator as _, GeneratorExit, NextError, Step};

/// Where a throw has ended up.
pub(super) enum Landed<Y> {
    /// A scope took it, and the body went on to the next yield, or to its end.
    Stepped(Result<Step<Y, Result<(), Error>>, NextError>),
    /// A scope takes it, and the body awaits again.
    Pending,
    /// There is no scope that would take it. The body may have gone on meanwhile to a yield, or to its end.
    Nowhere(Exception),
}

/// Throws `exception` where the body awaits. `node` is the scope that the body is polled in.
pub(super) fn throw_in<Y, S>(
    inner: &mut Inner<Y, S>,
    node: &Rc<Node>,
    cx: &mut Context<'_>,
    exception: Exception,
) -> Landed<Y> {
    // So that it is known where it awaits now.
    match poll_on(inner, cx) {
        Poll::Pending => {}
        Poll::Ready(Ok(Step::Yielded(_) | Step::Complete(Ok(())))) => {
            return Landed::Nowhere(exception);
        }
        Poll::Ready(ended) => return Landed::Stepped(ended),
    }
    let task = expect_current().1;
    let mut places = node.inner_places();
    let Some(last) = places.pop() else {
        return Landed::Nowhere(exception);
    };
    if closes(&exception) {
        for node in places {
            let exit = Error::from(GeneratorExit::new());
            task.throw_in(&node, Exception::new(Raised(exit)));
        }
    }
    task.throw_in(&last, exception);
    task.wake_thrown();
    match poll_on(inner, cx) {
        Poll::Pending => Landed::Pending,
        Poll::Ready(step) => Landed::Stepped(step),
    }
}

/// Whether every place gets it. Anything else goes to one of several.
fn closes(exception: &Exception) -> bool {
    let raised = exception.downcast_ref::<Raised>();
    raised.is_some_and(|raised| raised.0.downcast_ref::<GeneratorExit>().is_some())
}

/// Continues the body.
pub(super) fn poll_on<Y, S>(
    inner: &mut Inner<Y, S>,
    cx: &mut Context<'_>,
) -> Poll<Result<Step<Y, Result<(), Error>>, NextError>> {
    match Pin::new(inner).resume_continue(Some(cx)) {
        Err(NextError::Pending) => Poll::Pending,
        step => Poll::Ready(step),
    }
}
