//! The operations on an engine, as the protocol sees them: safe functions.

use core::mem::{self, MaybeUninit};
use core::pin::Pin;
use core::ptr;
use core::task::Context;

use super::engine::{Engine, Phase, tries};
use super::exception::Exception;
use super::resumed::{Raw, Resumed};
use super::slot::is_put;
use super::status::Op;

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
) -> Raw<(), E::Return> {
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
) -> Raw<(), E::Return> {
    /// # Safety
    ///
    /// The input is initialised.
    #[inline(never)]
    unsafe fn apart<E: Engine + ?Sized>(
        engine: Pin<&mut E>,
        cx: Option<&mut Context<'_>>,
        input: MaybeUninit<E::Resume>,
        place: &mut MaybeUninit<E::Yield>,
    ) -> Raw<(), E::Return> {
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
fn resume<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
    op: Op,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    debug_assert!(!op.takes_input());
    let (none, mut place) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: `START` and `CONTINUE` take no input.
    match unsafe { drive(engine.as_mut(), cx, op, none, &mut place) } {
        // SAFETY: it has been put there.
        Raw::Yielded(()) => Resumed::Yielded(unsafe { place.assume_init() }),
        Raw::Complete(value) => Resumed::Complete(value),
        Raw::Refused => Resumed::Refused(None),
        Raw::Raised => raised(engine),
        _ => Resumed::Pending(None),
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
    // SAFETY: the input is there if `op` takes one; called where the step did not use the copy.
    let unused = |engine: Pin<&mut E>| op.takes_input().then(|| unsafe { engine.unused(value) });
    match raw {
        // SAFETY: it has been put there.
        Raw::Yielded(()) => Resumed::Yielded(unsafe { place.assume_init() }),
        Raw::Complete(value) => Resumed::Complete(value),
        Raw::Unused => Resumed::Pending(unused(engine)),
        Raw::Refused => Resumed::Refused(unused(engine)),
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

/// Resumes in any way: one place for all of them.
#[inline(always)]
pub(crate) fn resume_any<E: Engine + ?Sized>(
    mut engine: Pin<&mut E>,
    mut cx: Option<&mut Context<'_>>,
    resume: Resume<E::Resume>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    let mut thrown = None;
    let mut tries_left = 0;
    let mut value = MaybeUninit::uninit();
    let op = match resume {
        Resume::Send(reply) => {
            value = MaybeUninit::new(reply);
            Op::SEND
        }
        Resume::Start => Op::START,
        Resume::Continue => Op::CONTINUE,
        Resume::Throw(exception) => {
            thrown = Some(exception);
            tries_left = tries(engine.phase());
            Op::CONTINUE
        }
    };
    loop {
        if let Some(exception) = thrown.take() {
            if let Err(exception) = engine.as_mut().deliver(exception) {
                return Resumed::Raised(exception);
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
            return Resumed::Raised(exception);
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
    resume(engine, cx, Op::START)
}

/// Polls a body again that awaits something foreign.
#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn go_on<E: Engine + ?Sized>(
    engine: Pin<&mut E>,
    cx: Option<&mut Context<'_>>,
) -> Resumed<E::Yield, E::Return, E::Resume> {
    resume(engine, cx, Op::CONTINUE)
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
        return match start_or_send(engine, cx, value) {
            Resumed::Yielded(value) => {
                *item = Some(value);
                Resumed::Yielded(())
            }
            Resumed::Complete(value) => Resumed::Complete(value),
            Resumed::Raised(exception) => Resumed::Raised(exception),
            Resumed::Pending(value) => Resumed::Pending(value),
            Resumed::Refused(value) => Resumed::Refused(value),
        };
    }
    let (value, mut place) = (MaybeUninit::new(value), MaybeUninit::uninit());
    // SAFETY: the input is initialised; the original is used only where the step did not use the copy.
    let copy = unsafe { ptr::read(&raw const value) };
    // SAFETY: the input is initialised.
    match unsafe { drive_stream(engine.as_mut(), cx, copy, &mut place) } {
        Raw::Yielded(()) => {
            // SAFETY: it has been put there.
            *item = Some(unsafe { place.assume_init() });
            Resumed::Yielded(())
        }
        Raw::Complete(value) => Resumed::Complete(value),
        Raw::Raised => raised(engine),
        // SAFETY: the step did not use the copy.
        Raw::Refused => Resumed::Refused(Some(unsafe { engine.unused(value) })),
        // SAFETY: the same.
        Raw::Unused => Resumed::Pending(Some(unsafe { engine.unused(value) })),
        Raw::Pending => Resumed::Pending(None),
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
            return Resumed::Raised(exception);
        }
        let resumed = go_on(engine.as_mut(), cx.as_deref_mut());
        match engine.as_mut().undelivered() {
            Some(untaken) => exception = untaken,
            None => return resumed,
        }
    }
    engine.end();
    Resumed::Raised(exception)
}

#[inline(always)]
pub(super) fn raised<Y, E: Engine + ?Sized>(
    engine: Pin<&mut E>,
) -> Resumed<Y, E::Return, E::Resume> {
    match engine.raised() {
        Some(exception) => Resumed::Raised(exception),
        None => unreachable!("a step that raised leaves the exception in the frame"),
    }
}
