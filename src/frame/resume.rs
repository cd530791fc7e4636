//! The operations on an engine, as the protocol sees them: safe functions, each of which resumes it.

use core::mem::{self, MaybeUninit};
use core::pin::Pin;
use core::ptr;
use core::task::Context;

use super::engine::{Engine, Phase, tries};
use super::exception::Exception;
use super::resumed::{NoStep, RawStep, Resumed};
use super::slot::is_put;
use super::status::Op;
use super::step::Step;

/// A step in the way that the caller drives. The value is in `place` if there is one.
///
/// # Safety
///
/// As for [`Frame::step`].
#[inline(always)]
unsafe fn drive<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
    input: MaybeUninit<E::Resume>,
    place: &mut MaybeUninit<E::Yield>,
) -> RawStep<(), E::Return> {
    let caller = cx.map_or(ptr::null(), |cx| ptr::from_ref(cx.waker()));
    // SAFETY: by the contract.
    unsafe {
        if const { is_put::<E::Yield>() } {
            engine.step_into(op, input, caller, place)
        } else {
            engine.step(op, input, caller).put(place)
        }
    }
}

/// [`drive`] for streams, where a part of the item tells whether there is one. If the body is inlined as well, the
/// optimiser moves an item of several words in parts, three times, and each time the code that reads it as a whole
/// has to wait. So such a step is a function of its own, as a step through a vtable is anyway.
///
/// # Safety
///
/// The input is initialised.
#[inline(always)]
unsafe fn drive_stream<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    input: MaybeUninit<E::Resume>,
    place: &mut MaybeUninit<E::Yield>,
) -> RawStep<(), E::Return> {
    /// # Safety
    ///
    /// The input is initialised.
    #[inline(never)]
    unsafe fn apart<E: Engine + ?Sized>(
        engine: Pin<&mut E>,
        cx: Option<&mut Context<'_>>,
        input: MaybeUninit<E::Resume>,
        place: &mut MaybeUninit<E::Yield>,
    ) -> RawStep<(), E::Return> {
        // SAFETY: by the contract.
        unsafe { drive(engine, cx, Op::NEXT, input, place) }
    }
    let has_vtable = const { size_of::<&E>() > size_of::<usize>() };
    // SAFETY: by the contract.
    unsafe {
        if const { is_put::<E::Yield>() } && !has_vtable {
            apart(engine, cx, input, place)
        } else {
            drive(engine, cx, Op::NEXT, input, place)
        }
    }
}

/// Resumes with an operation that takes no input.
#[inline(always)]
fn resume_without<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    debug_assert!(!op.takes_input());
    let (none, mut place) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: `START` and `CONTINUE` take no input.
    match unsafe { drive(engine.as_mut(), cx, op, none, &mut place) } {
        // SAFETY: it has been put there.
        RawStep::Yielded(()) => Ok(Step::Yielded(unsafe { place.assume_init() })),
        RawStep::Complete(value) => Ok(Step::Complete(value)),
        RawStep::Refused => Err(NoStep::Refused(None)),
        RawStep::Raised => raised(engine),
        _ => Err(NoStep::Pending(None)),
    }
}

/// Resumes with a value.
#[inline(always)]
fn resume_with<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
    value: E::Resume,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    debug_assert!(op.takes_input());
    // SAFETY: the input is there.
    unsafe { resume_by(engine, cx, op, MaybeUninit::new(value)) }
}

/// Resumes, possibly with a value: the one place for all operations.
///
/// # Safety
///
/// As for [`Frame::step`].
#[inline(always)]
unsafe fn resume_by<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
    value: MaybeUninit<E::Resume>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    let mut place = MaybeUninit::uninit();
    // SAFETY: by the contract. The original is used only where the step did not use the copy.
    let raw = unsafe {
        drive(
            engine.as_mut(),
            cx,
            op,
            ptr::read(&raw const value),
            &mut place,
        )
    };
    // SAFETY: the input is there if `op` takes one; called where the step did not use the copy, which it
    // has forgotten.
    let unused = || op.takes_input().then(|| unsafe { value.assume_init() });
    match raw {
        // SAFETY: it has been put there.
        RawStep::Yielded(()) => Ok(Step::Yielded(unsafe { place.assume_init() })),
        RawStep::Complete(value) => Ok(Step::Complete(value)),
        RawStep::Unused => Err(NoStep::Pending(unused())),
        RawStep::Refused => Err(NoStep::Refused(unused())),
        RawStep::Raised => raised(engine),
        RawStep::Pending => Err(NoStep::Pending(None)),
    }
}

/// What a generator is resumed for.
#[derive(Debug)]
pub enum Operation<S> {
    /// To run to the first yield.
    Start,
    /// To go on from a yield, with this reply.
    Send(S),
    /// To take this exception where it is suspended.
    Throw(Exception),
    /// To go on from what it awaits.
    Continue,
}

/// Does any of the operations: one place for all of them.
#[inline(always)]
pub(crate) fn resume<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    mut cx: Option<&mut Context<'_>>,
    operation: Operation<E::Resume>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    let mut thrown = None;
    let mut tries_left = 0;
    let mut value = MaybeUninit::uninit();
    let op = match operation {
        Operation::Send(reply) => {
            value = MaybeUninit::new(reply);
            Op::SEND
        }
        Operation::Start => Op::START,
        Operation::Continue => Op::CONTINUE,
        Operation::Throw(exception) => {
            thrown = Some(exception);
            tries_left = tries(engine.phase());
            Op::CONTINUE
        }
    };
    loop {
        if let Some(exception) = thrown.take() {
            if let Err(exception) = engine.as_mut().deliver(exception) {
                return Err(NoStep::Raised(exception));
            }
        }
        let value = mem::replace(&mut value, MaybeUninit::uninit());
        // SAFETY: the input is there if it is sent, and that is not tried again.
        let resumed = unsafe { resume_by(engine.as_mut(), cx.as_deref_mut(), op, value) };
        if tries_left == 0 {
            return resumed;
        }
        let Some(exception) = engine.as_mut().undelivered() else {
            return resumed;
        };
        tries_left -= 1;
        if tries_left == 0 {
            engine.end();
            return Err(NoStep::Raised(exception));
        }
        thrown = Some(exception);
    }
}

/// Runs to the first yield.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn start<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    resume_without(engine, cx, Op::START)
}

/// Polls a body again that awaits something foreign.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn go_on<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    resume_without(engine, cx, Op::CONTINUE)
}

/// Starts, or resumes with a reply, or polls again.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn start_or_send<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    if size_of::<E::Resume>() == 0 && !core::mem::needs_drop::<E::Resume>() {
        // A value that may be forgotten: one operation for all.
        resume_with(engine, cx, Op::NEXT, value)
    } else if engine.phase() == Phase::Created {
        // Dropped here, as its destructor may panic, which must not happen when there is something
        // to return.
        drop(value);
        start(engine, cx)
    } else {
        send(engine, cx, value)
    }
}

/// Starts, or goes on from a yield, or polls again; the value is put into `item`.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn next_into<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
    item: &mut Option<E::Yield>,
) -> Resumed<(), E::Return, E::Resume> {
    if size_of::<E::Resume>() != 0 || mem::needs_drop::<E::Resume>() {
        // A loop over a generator that must be sent something is not the case to make fast.
        return start_or_send(engine, cx, value).map(|step| match step {
            Step::Yielded(value) => {
                *item = Some(value);
                Step::Yielded(())
            }
            Step::Complete(value) => Step::Complete(value),
        });
    }
    let (value, mut place) = (MaybeUninit::new(value), MaybeUninit::uninit());
    // SAFETY: the input is initialised.
    match unsafe { drive_stream(engine.as_mut(), cx, value, &mut place) } {
        RawStep::Yielded(()) => {
            // SAFETY: it has been put there.
            *item = Some(unsafe { place.assume_init() });
            Ok(Step::Yielded(()))
        }
        RawStep::Complete(value) => Ok(Step::Complete(value)),
        RawStep::Raised => raised(engine),
        RawStep::Refused => Err(NoStep::Refused(None)),
        RawStep::Pending | RawStep::Unused => Err(NoStep::Pending(None)),
    }
}

/// Resumes at a yield with a reply.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn send<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    value: E::Resume,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    resume_with(engine, cx, Op::SEND, value)
}

/// Throws at the point where the body is suspended.
pub(crate) fn throw<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    mut cx: Option<&mut Context<'_>>,
    exception: Exception,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    let mut exception = exception;
    for _ in 0..tries(engine.phase()) {
        if let Err(exception) = engine.as_mut().deliver(exception) {
            return Err(NoStep::Raised(exception));
        }
        let resumed = go_on(engine.as_mut(), cx.as_deref_mut());
        match engine.as_mut().undelivered() {
            Some(untaken) => exception = untaken,
            None => return resumed,
        }
    }
    engine.end();
    Err(NoStep::Raised(exception))
}

#[inline(always)]
pub(super) fn raised<Y, E: Engine + ?Sized>(
    engine: Pin<&mut E>,
) -> Resumed<Y, E::Return, E::Resume> {
    match engine.raised() {
        Some(exception) => Err(NoStep::Raised(exception)),
        None => unreachable!("a step that raised leaves the exception in the frame"),
    }
}
