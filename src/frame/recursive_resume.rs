//! A resume of a [`Recursive`](super::Recursive): takes turns between its own body and those that
//! it has called.
//!
//! 1. One slot serves all polls of a resume, so that a reply, or a value, is where it is wanted, without being moved
//!    from level to level.
//! 2. While the bodies run, the status is `POISONED`, which is what a panic leaves.

use core::future::Future;
use core::mem::{self, ManuallyDrop, MaybeUninit};
use core::pin::Pin;
use core::task::{Context, Poll, RawWaker, Waker};

use super::admit::{Input, admit};
use super::call_slot::CallSlot;
use super::call_stack::CallStack;
use super::called_body::Progress;
use super::cold_data;
use super::exception::Exception;
use super::flags::Flags;
use super::frame::Frame;
use super::resumed::Raw;
use super::slot::{self, Slot};
use super::status::{Op, Status, Target};
use super::yield_queue::Polls;

/// How a resume ended.
pub(super) enum Ended<R> {
    /// The value is where the caller wanted it.
    Yielded,
    Complete(R),
    /// The body awaits something. Tells whether it has used the reply.
    Awaits(bool),
    /// No scope took the exception: all called bodies have been dropped, and the exception is in
    /// the cold box.
    Raised,
}

impl<R> Ended<R> {
    /// Converts this for the code that steps the frame; the body is dropped if it is over.
    #[inline]
    pub(super) fn settle<Y, S, F>(self, frame: Pin<&mut Frame<'_, Y, S, F>>) -> Raw<(), R>
    where
        F: Future<Output = R>,
    {
        match self {
            Self::Yielded => Raw::Yielded(()),
            Self::Awaits(true) => Raw::Pending,
            Self::Awaits(false) => Raw::Unused,
            Self::Complete(value) => {
                frame.finish();
                Raw::Complete(value)
            }
            Self::Raised => {
                frame.finish();
                Raw::Raised
            }
        }
    }
}

/// Resumes; `None` if the state does not admit it. A value is put into `place`.
///
/// # Safety
///
/// As for [`Frame::step`]. `caller` is null, or valid.
pub(super) unsafe fn run<Y, S, F: Future>(
    frame: Pin<&mut Frame<'_, Y, S, F>>,
    calls: &mut CallStack,
    op: Op,
    input: MaybeUninit<S>,
    caller: *const Waker,
    place: &mut MaybeUninit<Y>,
) -> Option<Ended<F::Output>> {
    debug_assert!(op != Op::NEXT || !mem::needs_drop::<S>());
    // SAFETY: by the contract.
    let input = unsafe { Input::new(input, op) };
    let Some(flags) = admit(frame.head(), op) else {
        mem::forget(input);
        return None;
    };
    let input = input.into_inner();
    let place: *mut MaybeUninit<Y> = place;
    let before = frame.head().status;
    let (head, body) = frame.split();
    // SAFETY: as above. There is a reply only where `op` takes an input.
    let slot = CallSlot::new(unsafe { Slot::<Y, S>::new(head, caller, flags, input, place) });
    let run = Run {
        slot: &slot,
        calls,
        body,
        place,
        before,
        polls: MaybeUninit::uninit(),
    };
    slot.head().set_status(Status::POISONED);
    run.calls.begin();

    // SAFETY: as in `Frame::step`.
    let waker = ManuallyDrop::new(unsafe {
        Waker::from_raw(RawWaker::new((&raw const slot).cast(), &slot::VTABLE))
    });
    Some(run.finish(&mut Context::from_waker(&waker)))
}

struct Run<'a, Y, S, F> {
    slot: &'a CallSlot<Y, S>,
    calls: &'a mut CallStack,
    /// The frame's own.
    body: Pin<&'a mut F>,
    /// The caller's place for a value.
    place: *mut MaybeUninit<Y>,
    /// The status before this resume.
    before: Status,
    /// Why, and how often, what is on top was polled once more.
    polls: MaybeUninit<Polls>,
}

/// What a poll led to, if not to a call, nor to an exception.
enum Polled<R> {
    Pending,
    /// A called body is over.
    Over,
    /// The frame's own body is over.
    Complete(R),
}

/// The end of the resume, or `None` if what is on top now is to be polled.
type Next<R> = Option<Ended<R>>;

impl<Y, S, F: Future> Run<'_, Y, S, F> {
    fn finish(mut self, cx: &mut Context<'_>) -> Ended<F::Output> {
        self.unwind_to_target();
        loop {
            let polled = self.poll(cx);
            self.slot.head().hear();
            if self.slot.head().cold().is_null() {
                // The usual case first: `after` does the same for all cases.
                if matches!(polled, Polled::Pending) && self.slot.head().is_just_full() {
                    return self.yielded();
                }
                if self.goes_on_plainly(&polled) {
                    continue;
                }
            }
            if let Some(ended) = self.after(polled) {
                return ended;
            }
            self.unwind_to_target();
            self.look_anew();
        }
    }

    /// What [`after`](Self::after) and [`look_anew`](Self::look_anew) do where nothing is rare: a body has called
    /// another, or is over.
    #[inline]
    fn goes_on_plainly(&mut self, polled: &Polled<F::Output>) -> bool {
        let head = self.slot.head();
        match polled {
            Polled::Pending if head.has_just_called() && !self.slot.beside.get() => {
                let Some(handle) = self.slot.requested.take() else {
                    return false;
                };
                self.calls.push(handle, head.scope.get());
            }
            Polled::Over if head.is_plain() => {
                if let Some(handle) = self.calls.pop() {
                    self.slot.leave_over(handle);
                }
            }
            _ => return false,
        }
        head.scope.set(Target::NONE);
        head.awaiting.set(Target::NONE);
        head.take();
        true
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Polled<F::Output> {
        let Some(top) = self.calls.top() else {
            return match self.body.as_mut().poll(cx) {
                Poll::Ready(value) => Polled::Complete(value),
                Poll::Pending => Polled::Pending,
            };
        };
        // SAFETY: `begin` has seen to the thread; the frame is there, so `'g` has not ended.
        match unsafe { top.poll(cx) } {
            Progress::Over => Polled::Over,
            Progress::Pending | Progress::Busy => Polled::Pending,
        }
    }

    /// Scopes claim anew in each poll, and a clone of our waker tells anew that something is
    /// awaited.
    fn look_anew(&self) {
        let head = self.slot.head();
        head.scope.set(Target::NONE);
        head.awaiting.set(Target::NONE);
        self.slot.beside.set(false);
        if head.is_sync() {
            head.unlink();
        }
        head.admit_anew();
    }

    /// If an exception is on its way to a scope below the top: drops what is above that.
    #[inline]
    fn unwind_to_target(&mut self) {
        let cold = self.slot.head().cold();
        if cold.is_null() {
            return;
        }
        let (scope, keep) = self.calls.scope();
        // SAFETY: the cold box of the frame that is being resumed.
        if unsafe { cold_data::is_thrown_to(cold, scope) } {
            self.calls.unwind(keep);
        }
    }

    fn after(&mut self, polled: Polled<F::Output>) -> Next<F::Output> {
        let head = self.slot.head();
        if head.has(Flags::RAISED) {
            return self.raise();
        }
        if let Polled::Complete(value) = polled {
            return Some(Ended::Complete(value));
        }
        let gave = head.has(Flags::FULL);
        if matches!(polled, Polled::Pending) && !gave && head.is_to_go_on(&mut self.polls) {
            return None;
        }
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if let Some(exception) = unsafe { cold_data::take_untaken(head.cold()) } {
            // The scope that it was thrown to was not polled: the next one gets it, before anything else is called
            // that may have a scope of its own.
            head.forget(Flags::ASKED.with(Flags::THROWN));
            drop(self.slot.slot.take_back());
            return self.throw(exception);
        }
        if self.slot.is_called() {
            self.called()
        } else if matches!(polled, Polled::Over) {
            self.over()
        } else {
            self.suspended()
        }
    }

    /// The top has called something.
    fn called(&mut self) -> Next<F::Output> {
        let head = self.slot.head();
        let asked = head.has(Flags::ASKED.with(Flags::QUEUED));
        head.forget(Flags::FULL.with(Flags::CALLED).with(Flags::ASKED));
        // SAFETY: null, or the cold box of the frame that is being resumed.
        if unsafe { cold_data::is_queue_empty(head.cold()) } {
            // Fresh yields that found the slot taken by the call are still fresh.
            head.forget(Flags::QUEUED);
        }
        let handle = self.slot.requested.take()?;
        // In a sync resume, what has cloned the waker awaits something.
        let signs = asked || (head.is_sync() && head.has(Flags::CLONED));
        if self.slot.beside.get() {
            // SAFETY: it was made in this resume.
            unsafe { handle.nest() };
        } else if signs {
            // SAFETY: the same.
            unsafe { handle.doubt() };
        } else {
            self.calls.push(handle, head.scope.get());
            self.change_top();
        }
        None
    }

    /// Another body has its turn. Nothing is queued in the old one: beside a call there are only futures that await.
    fn change_top(&mut self) {
        let head = self.slot.head();
        head.forget(Flags::ASKED.with(Flags::QUEUED));
        head.forget_round(&mut self.polls);
    }

    /// The top has ended. (What it has yielded at the same time is given now.)
    fn over(&mut self) -> Next<F::Output> {
        let head = self.slot.head();
        let next = head.has(Flags::FULL).then(|| {
            head.scope.set(Target::NONE);
            self.yielded()
        });
        if let Some(handle) = self.calls.pop() {
            self.slot.leave_over(handle);
        }
        self.change_top();
        next
    }

    fn suspended(&mut self) -> Next<F::Output> {
        let head = self.slot.head();
        if head.has(Flags::FULL) {
            return Some(self.yielded());
        }
        let asked = head.has(Flags::ASKED.with(Flags::QUEUED));
        if asked && self.slot.slot.go_round(&mut self.polls) {
            return None;
        }
        self.awaits()
    }

    /// The top has raised: the scope around the call gets the exception.
    fn raise(&mut self) -> Next<F::Output> {
        let head = self.slot.head();
        head.forget(Flags::RAISED.with(Flags::ASKED));
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let exception = unsafe { cold_data::take_raised(head.cold()) };
        // The destructor of that may yield in its turn.
        drop(self.slot.slot.take_back());
        exception.and_then(|exception| self.throw(exception))
    }

    /// Throws to the innermost scope around the call.
    fn throw(&mut self, exception: Exception) -> Next<F::Output> {
        let (target, keep) = self.calls.scope();
        let head = self.slot.head();
        if target.is_none() {
            // SAFETY: null, or the cold box of the frame that is being resumed.
            let (cold, stale) = unsafe { cold_data::raise(head.cold(), exception) };
            head.set_cold(cold);
            self.calls.unwind(0);
            drop(stale);
            return Some(Ended::Raised);
        }
        // SAFETY: as above.
        let (cold, stale) = unsafe { cold_data::throw(head.cold(), target, exception) };
        head.set_cold(cold);
        head.set(Flags::THROWN);
        self.calls.unwind(keep);
        // SAFETY: as above, and it is there.
        unsafe { cold_data::wake_target(head.cold(), target) };
        drop(stale);
        None
    }

    fn yielded(&mut self) -> Ended<F::Output> {
        let head = self.slot.head();
        let target = head.scope.get().or(self.calls.scope().0);
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let care = !head.cold().is_null() && unsafe { cold_data::needs_care(head.cold()) };
        head.set_status(if care {
            Status::suspended_with_care(target)
        } else {
            Status::suspended(target)
        });
        // This is before a destructor runs, so that a yield which the destructor polls finds no
        // slot.
        head.unlink();
        // SAFETY: the slot is full, and not with a call; the place is the caller's.
        unsafe { self.slot.slot.take_into(self.place) };
        // SAFETY: the value has been put there.
        let value = Given(unsafe { &mut *self.place });
        drop(self.slot.slot.take_reply());
        mem::forget(value);
        Ended::Yielded
    }

    /// The top awaits something. What is awaited below may have become ready ([`super::call_stack`],
    /// invariant 3).
    fn awaits(&mut self) -> Next<F::Output> {
        if self.calls.go_down() {
            self.change_top();
            return None;
        }
        let head = self.slot.head();
        let target = head
            .aim(head.cold(), self.before.target())
            .or(self.calls.scope().0);
        head.set_status(Status::still_awaiting(target, self.before));
        // The caller gets the reply back, and may offer it again.
        let replied = head.has(Flags::REPLIED);
        if replied {
            head.forget(Flags::REPLIED);
            // SAFETY: null, or the cold box of the frame that is being resumed.
            head.set_cold(unsafe { cold_data::owe(head.cold()) });
        }
        Some(Ended::Awaits(!replied))
    }
}

/// A value that is dropped on unwind.
struct Given<'a, Y>(&'a mut MaybeUninit<Y>);

impl<Y> Drop for Given<'_, Y> {
    fn drop(&mut self) {
        // SAFETY: it is there, and not used again.
        unsafe { self.0.assume_init_drop() };
    }
}

/// On unwind too.
impl<Y, S, F> Drop for Run<'_, Y, S, F> {
    fn drop(&mut self) {
        self.slot.head().unlink();
        self.slot.slot.discard();
    }
}
