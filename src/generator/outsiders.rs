//! What is in a box: a frame, or a generator that is not one ([`Outsider`]), and is resumed by the protocol.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use super::closing::{in_drop, is_unwinding};
use super::errors::{NextError, SendError, StartError};
use super::protocol::Generator;
use super::state::State;
use super::step::Step;
use crate::frame::{
    Engine, Entry, Exception, Frame, Left, Outside, Outsider, Phase, Recursive, UnderWay,
};

/// The protocol of a generator in a box, where that is not a frame.
pub(super) type Protocol<'a, E> = Pin<
    &'a mut (
                dyn Generator<
        Yield = <E as Engine>::Yield,
        Resume = <E as Engine>::Resume,
        Return = <E as Engine>::Return,
    > + 'a
            ),
>;

/// An engine, or what stands in its place.
pub(crate) trait Driven: Engine {
    /// The generator, if it is not a frame: it is thrown at by the protocol.
    fn outsider(self: Pin<&mut Self>) -> Option<Protocol<'_, Self>> {
        None
    }
}

impl<Y, S, F: Future> Driven for Frame<'_, Y, S, F> {}
impl<Y, S, F: Future> Driven for Recursive<'_, Y, S, F> {}

impl<G: Generator> Driven for Outsider<G> {
    fn outsider(self: Pin<&mut Self>) -> Option<Protocol<'_, Self>> {
        Some(self.generator())
    }
}

impl<G: Generator> Outside for G {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn resume(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        entry: Entry<G::Resume>,
    ) -> Left<G::Yield, G::Return, G::Resume> {
        match entry {
            Entry::Start => left(self.resume_start(cx), |error| match error {
                StartError::AlreadyStarted => Left::Refused(Phase::Suspended, None),
                StartError::Running => Left::Refused(Phase::Running, None),
                StartError::Finished => Left::Refused(Phase::Closed, None),
                StartError::Pending => Left::Pending(None),
                StartError::TooDeep | StartError::Raised(_) => Left::Raised(error.into_exception()),
            }),
            Entry::Next(value) => left(self.resume_start_or_send(cx, value), unsent),
            Entry::Send(value) => left(self.resume_send(cx, value), unsent),
            Entry::Continue => left(self.resume_continue(cx), |error| match error {
                NextError::NotAwaiting => Left::Refused(Phase::Suspended, None),
                NextError::Running => Left::Refused(Phase::Running, None),
                NextError::Finished => Left::Refused(Phase::Closed, None),
                NextError::Pending => Left::Pending(None),
                NextError::TooDeep | NextError::Raised(_) => Left::Raised(error.into_exception()),
            }),
        }
    }

    fn phase(&self) -> Phase {
        match Generator::state(self) {
            State::Created => Phase::Created,
            State::Suspended => Phase::Suspended,
            State::Awaiting => Phase::Awaiting,
            State::Running => Phase::Running,
            State::Closed => Phase::Closed,
        }
    }

    fn is_to_close(&self) -> bool {
        let mut is_to_close = false;
        // Asked where its box is dropped.
        in_drop(is_unwinding(), || {
            is_to_close = !self.has_other_owners()
                && !self.closes_on_drop()
                && matches!(self.phase(), Phase::Suspended | Phase::Awaiting);
        });
        is_to_close
    }

    fn way(&self) -> UnderWay {
        self.under_way()
    }

    fn mark_sending(self: Pin<&mut Self>) {
        self.note_sending();
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        Generator::size_hint(self)
    }

    fn keep(self: Pin<&mut Self>, outcome: Result<G::Return, Exception>) {
        self.keep_return(outcome);
    }

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<G::Return, Exception>> {
        self.take_kept_return()
    }
}

fn left<Y, R, S, Error>(
    stepped: Result<Step<Y, R>, Error>,
    failed: impl FnOnce(Error) -> Left<Y, R, S>,
) -> Left<Y, R, S> {
    match stepped {
        Ok(Step::Yielded(value)) => Left::Yielded(value),
        Ok(Step::Complete(value)) => Left::Complete(value),
        Err(error) => failed(error),
    }
}

fn unsent<Y, R, S>(error: SendError<S>) -> Left<Y, R, S> {
    match error {
        SendError::JustStarted(value) => Left::Refused(Phase::Created, Some(value)),
        SendError::Running(value) => Left::Refused(Phase::Running, Some(value)),
        SendError::Finished(value) => Left::Refused(Phase::Closed, Some(value)),
        SendError::Awaiting(value) => Left::Refused(Phase::Awaiting, Some(value)),
        SendError::Pending(value) => Left::Pending(value),
        SendError::TooDeep(_) | SendError::Raised(_) => Left::Raised(error.into_exception()),
    }
}
