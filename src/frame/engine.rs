//! What can be stepped: a frame, a recursive generator, or a box of one.

use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::Waker;

use super::exception::Exception;
use super::resumed::Raw;
use super::status::{Op, UnderWay};

/// What a frame is doing while it is not being resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Never resumed.
    Created,
    /// At a yield.
    Suspended,
    /// Awaiting something foreign.
    Awaiting,
    /// Running, which only another owner of a generator that is not a frame ([`super::outsider`]) can see.
    Running,
    /// Over.
    Closed,
}

/// How often an exception that no scope has taken is delivered before it ends the body: once at a yield, as only the
/// scopes around that yield may take it. A body that awaits may await several things, with a scope around each.
pub(crate) fn tries(phase: Phase) -> u32 {
    if phase == Phase::Awaiting { 16 } else { 1 }
}

/// Something with one body that can be stepped: a frame, or a box of one.
///
/// The functions that take `&self` look at nothing that is not made for several threads at once, be the body `Sync`
/// or not, nor at what is kept: a box that is `Send` is `Sync` as well ([`super::deep_box`]).
pub(crate) trait Engine {
    type Yield;
    type Resume;
    type Return;

    fn phase(&self) -> Phase;

    /// Whether an exception that is thrown now goes to a scope, and not just to the body's drop.
    fn is_guarded(&self) -> bool;

    /// What the body is on its way to, if it awaits.
    fn way(&self) -> UnderWay;

    /// A yield has taken a value that an async caller sent, and the body awaits.
    fn mark_sending(self: Pin<&mut Self>);

    /// The phase in which the last step was refused.
    fn refusal(&self) -> Phase {
        self.phase()
    }

    /// What a step left that did not use its input (`Refused`, `Unused`): the input, of which the step had a copy, but
    /// for a generator that is not a frame, which may give back another value.
    ///
    /// # Safety
    ///
    /// The last step did not use its input, which this is, and this is called once.
    unsafe fn unused(self: Pin<&mut Self>, input: MaybeUninit<Self::Resume>) -> Self::Resume {
        // SAFETY: by the contract: it is initialised, and the step has forgotten its copy.
        unsafe { input.assume_init() }
    }

    /// How many more values it may yield, as [`Iterator::size_hint`].
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, (self.phase() == Phase::Closed).then_some(0))
    }

    /// A step, under a waker of ours that wakes `caller` ([`Frame::step`]). For a value that comes back.
    ///
    /// # Safety
    ///
    /// As for [`Frame::step`]. `caller` is null, for a sync step, or valid. This is the right way for this type of
    /// values ([`is_put`]).
    unsafe fn step(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<Self::Resume>,
        caller: *const Waker,
    ) -> Raw<Self::Yield, Self::Return>;

    /// The same, for a value that is put into `place`.
    ///
    /// # Safety
    ///
    /// The same.
    unsafe fn step_into(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<Self::Resume>,
        caller: *const Waker,
        place: &mut MaybeUninit<Self::Yield>,
    ) -> Raw<(), Self::Return>;

    /// Leaves an exception for the scope around the point where the body is suspended, for the next
    /// step to deliver. Without a scope (or without a running body) the body is dropped and the
    /// exception comes back.
    fn deliver(self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception>;

    /// The exception that the last step raised.
    fn raised(self: Pin<&mut Self>) -> Option<Exception>;

    /// The exception that the last step was to deliver, if no scope took it: the scope had been dropped, or a foreign
    /// combinator did not poll it. There may be another scope ([`tries`]).
    fn undelivered(self: Pin<&mut Self>) -> Option<Exception>;

    /// Drops the body.
    fn end(self: Pin<&mut Self>);

    /// Keeps how the body ended, for `take_kept`.
    fn keep(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>);

    /// How the body ended, if it was kept.
    fn take_kept(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>>;
}
