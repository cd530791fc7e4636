//! What is in a box: a frame, or a generator that is not one ([`Outsider`]), and refuses each step.

use core::future::Future;
use core::mem;
use core::pin::Pin;

use super::protocol::Generator;
use super::state::State;
use crate::frame::{Engine, Exception, Frame, Outside, Outsider, Phase, Recursive, UnderWay};

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

/// An engine, or what stands in its place and refuses each step.
pub(crate) trait Driven: Engine {
    /// The generator, if it is not a frame. Asked for where a step was refused.
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
        // What has nothing to drop has only borrowed its generator.
        mem::needs_drop::<G>()
            && !self.has_several_owners()
            && !self.closes_on_drop()
            && matches!(self.phase(), Phase::Suspended | Phase::Awaiting)
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
