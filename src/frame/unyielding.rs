//! Polls of bodies that never yield, such as those of tasks. Their slot is made on demand.

use core::future::Future;
use core::mem::{self, MaybeUninit};
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll};

use super::engine::Engine as _;
use super::exception::Exception;
use super::frame::Frame;
use super::never::Never;
use super::slot::SlotOnDemand;
use super::status::Op;

/// How a poll ended.
#[derive(Debug)]
pub(crate) enum Polled {
    /// The body awaits something.
    Pending,
    /// The body has ended: its value is where the caller said.
    Complete,
    /// The body has raised.
    Raised(Exception),
}

/// Starts, or polls again, a body that never yields, with the context of its caller. Its value goes to `out`, which
/// is empty, so that it is moved only once.
///
/// # Panics
///
/// If the body is over.
#[inline(always)]
pub(crate) fn poll<F: Future>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    cx: &mut Context<'_>,
    out: &mut Option<F::Output>,
) -> Polled {
    let (head, mut body) = frame.as_mut().split();
    // SAFETY: the head is valid during this call, and nothing else uses it; the caller's waker outlives the call.
    let slot = unsafe { SlotOnDemand::new(head, ptr::from_ref(cx.waker())) };
    // SAFETY: the head is valid, and nothing else uses it.
    let (status, cold) = unsafe { ((*head).status, (*head).cold) };
    let op = if status.is_created() {
        Op::START
    } else {
        Op::CONTINUE
    };
    let usual = cold.is_null() && (status.is_created() || status.is_awaiting());
    if !usual && !slot.begin_rarely(op) {
        over();
    }
    let guard = slot.begin();
    let mut polls = MaybeUninit::uninit();
    loop {
        if let Poll::Ready(value) = body.as_mut().poll(cx) {
            debug_assert!(out.is_none());
            // There is nothing to drop, but the optimiser does not see that.
            mem::forget(out.replace(value));
            break;
        }
        if !slot.is_made() || !slot.goes_on(&mut polls) {
            break;
        }
    }
    mem::forget(guard);
    let has_raised = slot.end();
    if has_raised {
        return raise(frame, out);
    }
    if out.is_none() {
        return Polled::Pending;
    }
    frame.finish();
    Polled::Complete
}

/// The body has raised, whether it has ended or not.
#[cold]
#[inline(never)]
fn raise<F: Future>(
    mut frame: Pin<&mut Frame<'_, Never, (), F>>,
    out: &mut Option<F::Output>,
) -> Polled {
    let lost = out.take();
    frame.as_mut().finish();
    let Some(exception) = frame.raised() else {
        unreachable!("a poll that raised leaves the exception in the frame")
    };
    drop(lost);
    Polled::Raised(exception)
}

#[cold]
#[inline(never)]
fn over() -> ! {
    unreachable!("a body is not polled after its end")
}
