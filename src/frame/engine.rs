//! The engine as the protocol sees it: safe functions over anything that can be stepped.

use std::future::Future;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Waker};

use super::head::{self, AWAITING, CONTINUE, CREATED, NEXT, Op, SEND, START, SUSPENDED};
use super::resume::{Asynchronous, Lending, Synchronous};
use super::slot::is_unit;
use super::{Exception, Frame, Raw, scope};

/// What a frame is doing while nobody resumes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Never resumed.
    Created,
    /// At a yield.
    Suspended,
    /// Awaiting something foreign.
    Awaiting,
    /// Over.
    Closed,
}

/// Something with one body that can be stepped: a frame, or a box of one.
pub(crate) trait Engine {
    type Yield;
    type Send;
    type Return;

    fn phase(&self) -> Phase;

    /// Whether an exception that is thrown now goes to a scope, and not just to the body's drop.
    fn is_guarded(&self) -> bool;

    /// A sync step.
    ///
    /// # Safety
    ///
    /// As for [`Frame::step`].
    unsafe fn step(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<Self::Send>,
    ) -> Raw<Self::Yield, Self::Return>;

    /// An async step.
    ///
    /// # Safety
    ///
    /// As for [`Frame::step`].
    unsafe fn step_async(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<Self::Send>,
        cx: &mut Context<'_>,
    ) -> Raw<Self::Yield, Self::Return>;

    /// An async step that lends a waker of ours ([`super::resume::Lending`]).
    ///
    /// # Safety
    ///
    /// As for [`Frame::step`].
    unsafe fn step_lent(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<Self::Send>,
        caller: &Waker,
    ) -> Raw<Self::Yield, Self::Return>;

    /// Leaves an exception for the scope around the point where the body is suspended, for the next
    /// step to deliver. Without a scope (or without a running body) the body is dropped and the
    /// exception comes back.
    fn deliver(self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception>;

    /// The exception that the last step raised.
    fn raised(self: Pin<&mut Self>) -> Option<Exception>;

    /// The exception that the last step was to deliver, if no scope took it. The body is dropped.
    fn undelivered(self: Pin<&mut Self>) -> Option<Exception>;

    /// Keeps how the body ended, for `take_kept`.
    fn keep(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>);

    /// How the body ended, if it was kept.
    fn take_kept(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>>;
}

impl<Y, S, F: Future> Engine for Frame<'_, Y, S, F> {
    type Yield = Y;
    type Send = S;
    type Return = F::Output;

    #[inline]
    fn phase(&self) -> Phase {
        let status = self.head().status;
        if status == CREATED {
            Phase::Created
        } else if head::is_closed(status) {
            Phase::Closed
        } else if head::is_awaiting(status) {
            Phase::Awaiting
        } else {
            Phase::Suspended
        }
    }

    fn is_guarded(&self) -> bool {
        head::target(self.head().status) != SUSPENDED
    }

    #[inline(always)]
    unsafe fn step(self: Pin<&mut Self>, op: Op, input: MaybeUninit<S>) -> Raw<Y, F::Output> {
        // SAFETY: by the contract.
        unsafe { Frame::step(self, op, input, Synchronous) }
    }

    #[inline(always)]
    unsafe fn step_async(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        cx: &mut Context<'_>,
    ) -> Raw<Y, F::Output> {
        // SAFETY: by the contract.
        unsafe { Frame::step(self, op, input, Asynchronous(cx)) }
    }

    #[inline(always)]
    unsafe fn step_lent(
        self: Pin<&mut Self>,
        op: Op,
        input: MaybeUninit<S>,
        caller: &Waker,
    ) -> Raw<Y, F::Output> {
        // SAFETY: by the contract.
        unsafe { Frame::step(self, op, input, Lending(caller)) }
    }

    fn deliver(self: Pin<&mut Self>, exception: Exception) -> Result<(), Exception> {
        let this = self.parts();
        let target = head::target(this.head().status);
        if target == SUSPENDED {
            this.finish();
            return Err(exception);
        }
        let head = this.head_mut();
        // SAFETY: the cold box of this frame, which we have for ourselves.
        unsafe { head::wake_all(head.cold) };
        head.status = AWAITING | target;
        head.cold().thrown = Some((target, exception));
        Ok(())
    }

    #[inline(always)]
    fn raised(self: Pin<&mut Self>) -> Option<Exception> {
        scope::take_raised(self.head().cold)
    }

    fn undelivered(self: Pin<&mut Self>) -> Option<Exception> {
        let exception = scope::take_untaken(self.head().cold)?;
        self.parts().finish();
        Some(exception)
    }

    fn keep(self: Pin<&mut Self>, outcome: Result<F::Output, Exception>) {
        self.parts().keep(outcome);
    }

    fn take_kept(self: Pin<&mut Self>) -> Option<Result<F::Output, Exception>> {
        self.parts().take_kept()
    }
}

/// How a resume ended.
#[derive(Debug)]
pub(crate) enum Resumed<Y, R, S> {
    Yielded(Y),
    Complete(R),
    Raised(Exception),
    /// The body awaits something foreign; the input, if the body did not take it.
    Pending(Option<S>),
    /// The state does not admit it. The input.
    Refused(Option<S>),
}

/// A step in the way that the caller drives.
///
/// # Safety
///
/// As for [`Frame::step`].
#[inline(always)]
unsafe fn drive<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
    input: MaybeUninit<E::Send>,
) -> Raw<E::Yield, E::Return> {
    // SAFETY: by the contract.
    unsafe {
        match cx {
            None => engine.step(op, input),
            Some(cx) => engine.step_async(op, input, cx),
        }
    }
}

/// Resumes with an operation that takes no input.
#[inline(always)]
fn resume<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
) -> Resumed<E::Yield, E::Return, E::Send> {
    debug_assert!(op != NEXT && op != SEND);
    // SAFETY: `START` and `CONTINUE` need no input.
    match unsafe { drive(engine.as_mut(), cx, op, MaybeUninit::uninit()) } {
        Raw::Yielded(value) => Resumed::Yielded(value),
        Raw::Complete(value) => Resumed::Complete(value),
        Raw::Refused => Resumed::Refused(None),
        Raw::Raised => raised(engine),
        _ => Resumed::Pending(None),
    }
}

/// Resumes with a value.
#[inline(always)]
fn resume_with<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
    value: E::Send,
) -> Resumed<E::Yield, E::Return, E::Send> {
    let value = MaybeUninit::new(value);
    // SAFETY: the copy is initialised. The original is used only where the step did not use the
    // copy.
    let raw = unsafe { drive(engine.as_mut(), cx, op, std::ptr::read(&raw const value)) };
    match raw {
        Raw::Yielded(value) => Resumed::Yielded(value),
        Raw::Complete(value) => Resumed::Complete(value),
        // SAFETY: the step did not use the copy, and forgot it.
        Raw::Unused => Resumed::Pending(Some(unsafe { value.assume_init() })),
        // SAFETY: as above.
        Raw::Refused => Resumed::Refused(Some(unsafe { value.assume_init() })),
        Raw::Raised => raised(engine),
        Raw::Pending => Resumed::Pending(None),
    }
}

/// A resume of any kind.
pub(crate) enum Resume<S> {
    Start,
    Send(S),
    Throw(Exception),
    Continue,
}

/// Resumes in whatever way: one place for all of them.
#[inline(always)]
pub(crate) fn resume_any<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    resume: Resume<E::Send>,
) -> Resumed<E::Yield, E::Return, E::Send> {
    let (mut sent, mut thrown) = (false, false);
    let mut value = MaybeUninit::uninit();
    let op = match resume {
        Resume::Send(reply) => {
            value = MaybeUninit::new(reply);
            sent = true;
            SEND
        }
        Resume::Start if engine.phase() != Phase::Created => return Resumed::Refused(None),
        Resume::Start => START,
        Resume::Continue => CONTINUE,
        Resume::Throw(exception) => {
            if let Err(exception) = engine.as_mut().deliver(exception) {
                return Resumed::Raised(exception);
            }
            thrown = true;
            CONTINUE
        }
    };
    // For a unit type one operation does it all.
    let op = if is_unit::<E::Send>() { NEXT } else { op };
    // SAFETY: the copy is initialised if there is something to send, and a unit type's always is;
    // `START` and `CONTINUE` need no input. The original is used only where the step did not use the
    // copy.
    let raw = unsafe { drive(engine.as_mut(), cx, op, std::ptr::read(&raw const value)) };
    if thrown && let Some(exception) = engine.as_mut().undelivered() {
        return Resumed::Raised(exception);
    }
    match raw {
        Raw::Yielded(value) => Resumed::Yielded(value),
        Raw::Complete(value) => Resumed::Complete(value),
        // SAFETY: the input is there if it was sent, and the step did not use it.
        Raw::Unused => Resumed::Pending(sent.then(|| unsafe { value.assume_init() })),
        // SAFETY: as above.
        Raw::Refused => Resumed::Refused(sent.then(|| unsafe { value.assume_init() })),
        Raw::Raised => raised(engine),
        Raw::Pending => Resumed::Pending(None),
    }
}

/// Starts, or polls again, a body that never yields.
#[cfg(feature = "aio")]
#[inline(always)]
pub(crate) fn poll<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: &mut Context<'_>,
) -> Resumed<E::Yield, E::Return, E::Send> {
    let created = engine.phase() == Phase::Created;
    resume(engine, Some(cx), if created { START } else { CONTINUE })
}

/// Runs to the first yield.
#[inline]
pub(crate) fn start<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Resumed<E::Yield, E::Return, E::Send> {
    resume(engine, cx, START)
}

/// Polls a body again that awaits something foreign.
#[inline]
pub(crate) fn go_on<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Resumed<E::Yield, E::Return, E::Send> {
    resume(engine, cx, CONTINUE)
}

/// Starts, or resumes with a reply, or polls again.
#[inline]
pub(crate) fn start_or_send<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Send,
) -> Resumed<E::Yield, E::Return, E::Send> {
    if is_unit::<E::Send>() {
        resume_with(engine, cx, NEXT, value)
    } else if engine.phase() == Phase::Created {
        start(engine, cx)
    } else {
        send(engine, cx, value)
    }
}

/// Resumes at a yield with a reply.
#[inline]
pub(crate) fn send<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Send,
) -> Resumed<E::Yield, E::Return, E::Send> {
    resume_with(engine, cx, SEND, value)
}

/// Throws at the point where the body is suspended.
pub(crate) fn throw<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    exception: Exception,
) -> Resumed<E::Yield, E::Return, E::Send> {
    if let Err(exception) = engine.as_mut().deliver(exception) {
        return Resumed::Raised(exception);
    }
    let resumed = go_on(engine.as_mut(), cx);
    // No scope took it (a foreign combinator did not poll the target): it unwinds the body.
    match engine.undelivered() {
        Some(exception) => Resumed::Raised(exception),
        None => resumed,
    }
}

#[inline(always)]
pub(super) fn raised<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
) -> Resumed<E::Yield, E::Return, E::Send> {
    match engine.raised() {
        Some(exception) => Resumed::Raised(exception),
        None => unreachable!("a step that raised leaves the exception in the frame"),
    }
}
