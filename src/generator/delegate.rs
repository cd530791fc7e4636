//! The one way in which a delegating generator resumes its sub-generator: one method for all operations, so
//! that the sub-generator's body has one place where it is polled (docs/architecture.md, "What keeps it
//! free").
//!
//! A [`GeneratorExit`] that is thrown closes.

use core::pin::Pin;
use core::task::Context;

use super::errors::{CloseError, NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::protocol::Generator;
use super::recursion::RecursionError;
use super::state::State;
use crate::frame::{Exception, NoStep, Operation, Resumed, Step};

/// Delegates by the operations that every generator has. Their failures are exceptions, which are raised in the outer
/// generator.
pub(super) fn by_protocol<G: Generator + ?Sized>(
    generator: Pin<&mut G>,
    cx: Option<&mut Context<'_>>,
    operation: Operation<G::Resume>,
) -> Resumed<G::Yield, G::Return, G::Resume> {
    match operation {
        Operation::Start => generator.resume_start(cx).map_err(|error| match error {
            StartError::Pending => NoStep::Pending(None),
            error => NoStep::Raised(error.into_exception()),
        }),
        Operation::Send(value) => generator
            .resume_send(cx, value)
            .map_err(|error| match error {
                SendError::Pending(value) => NoStep::Pending(value),
                error => NoStep::Raised(error.into_exception()),
            }),
        Operation::Throw(exception) if exception.is::<GeneratorExit>() => {
            match generator.resume_close(cx) {
                Ok(Some(value)) => Ok(Step::Complete(value)),
                Ok(None) => Err(NoStep::Raised(exception)),
                Err(CloseError::Ignored(value)) => Ok(Step::Yielded(value)),
                Err(CloseError::Pending) => Err(NoStep::Pending(None)),
                Err(error) => Err(NoStep::Raised(error.into_exception())),
            }
        }
        Operation::Throw(exception) => {
            generator
                .resume_throw(cx, exception)
                .map_err(|error| match error {
                    ThrowError::Pending => NoStep::Pending(None),
                    error => NoStep::Raised(error.into_exception()),
                })
        }
        Operation::Continue => generator.resume_continue(cx).map_err(|error| match error {
            NextError::Pending => NoStep::Pending(None),
            error => NoStep::Raised(error.into_exception()),
        }),
    }
}

/// For a generator that is too deep to be resumed. The exception holds what was to be thrown.
#[cold]
#[inline(never)]
pub(super) fn too_deep<S>(operation: Operation<S>) -> NoStep<S> {
    let thrown = match operation {
        // A delegation starts with this exception where there is no room.
        Operation::Throw(exception) if exception.is::<RecursionError>() => {
            return NoStep::Raised(exception);
        }
        Operation::Throw(exception) if !exception.is::<GeneratorExit>() => Some(exception),
        _ => None,
    };
    NoStep::Raised(Exception::new(RecursionError::new(thrown)))
}

/// Why a generator in this state is not resumed, by sending or by starting.
#[cold]
#[inline(never)]
pub(super) fn refused(state: State, sent: bool) -> Exception {
    match (state, sent) {
        (State::Closed, false) => StartError::Finished.into(),
        (_, false) => StartError::AlreadyStarted.into(),
        (State::Created, true) => SendError::JustStarted(()).into(),
        (State::Closed, true) => SendError::Finished(()).into(),
        (State::Suspended | State::Running, true) => SendError::Awaiting(()).into(),
    }
}
