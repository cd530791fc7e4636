//! A resume of a [`Recursive`](super::Recursive): takes turns between its own body and those it has
//! called.
//!
//! 1. One slot serves all polls of a resume, so that a reply, or a value, is where it is wanted without
//!    being moved from level to level.
//! 2. While the bodies run, the status is `POISONED`: what a panic leaves.

use std::future::Future;
use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::pin::Pin;
use std::ptr;
use std::task::{Context, Poll, RawWaker, Waker};

use super::call_slot::CallSlot;
use super::calls::Calls;
use super::head::{self, AWAITING, CARE, Op, POISONED, SUSPENDED, Status};
use super::node::Progress;
use super::resume::{self, Drive};
use super::slot::{self, BLOCKED, GIVEN, REFUSED, REPLY, Slot, TURN, is_unit, next_given};
use super::{Exception, Frame, Raw, scope, thread};

/// How a resume ended.
pub(super) enum Ended<Y, R> {
    Yielded(Y),
    Complete(R),
    /// The body awaits something; whether it has used the reply.
    Awaits(bool),
    /// No scope took it: all called bodies have been dropped, the exception is in the cold box.
    Raised,
}

impl<Y, R> Ended<Y, R> {
    /// For who steps; the body is dropped where it is over.
    pub(super) fn settle<S, F>(self, frame: Pin<&mut Frame<'_, Y, S, F>>) -> Raw<Y, R>
    where
        F: Future<Output = R>,
    {
        match self {
            Self::Yielded(value) => Raw::Yielded(value),
            Self::Awaits(true) => Raw::Pending,
            Self::Awaits(false) => Raw::Unused,
            Self::Complete(value) => {
                frame.parts().finish();
                Raw::Complete(value)
            }
            Self::Raised => {
                frame.parts().finish();
                Raw::Raised
            }
        }
    }
}

/// Resumes; `None`: the state does not admit it.
///
/// # Safety
///
/// As for [`Frame::step`].
pub(super) unsafe fn run<Y, S, F: Future>(
    frame: Pin<&mut Frame<'_, Y, S, F>>,
    calls: &mut Calls,
    op: Op,
    input: MaybeUninit<S>,
    drive: impl Drive,
) -> Option<Ended<Y, F::Output>> {
    let (key, given) = resume::keys(frame.head(), op);
    if key == REFUSED {
        return None;
    }
    // Where a reply was left behind, there need not be anything queued.
    let key = if calls.queued { key } else { key & !TURN };
    let id = frame.head().id;
    let (head, body) = frame.split();
    let given = if is_unit::<S>() { GIVEN } else { given };
    let theirs = drive.context();
    // SAFETY: the caller's context is valid for this call.
    let caller = theirs.map_or(ptr::null(), |cx| ptr::from_ref(unsafe { &*cx }.waker()));
    let slot = CallSlot::<Y, S>::new(Slot::new(id, head, caller, key, given, input));
    let run = Run {
        slot: &slot,
        calls,
        body,
        again: true,
    };
    // SAFETY: the head is the frame's, which we have for ourselves.
    unsafe { (*head).status = POISONED };
    run.calls.begin();

    // SAFETY: as in `Frame::step`.
    let waker = ManuallyDrop::new(unsafe {
        Waker::from_raw(RawWaker::new((&raw const slot).cast(), &slot::VTABLE))
    });
    let mut ours = Context::from_waker(&waker);
    let cloned;
    let mut outer;
    let cx: *mut Context<'static> = match theirs {
        None => {
            slot.waker.set(&raw const *waker);
            (&raw mut ours).cast()
        }
        Some(cx) => {
            // SAFETY: the caller's waker is valid for this call.
            let cx = if ptr::eq(unsafe { (*caller).vtable() }, &raw const slot::VTABLE) {
                // As in `Frame::step`: we run inside a sync resume of another frame.
                // SAFETY: as above.
                cloned = unsafe { (*caller).clone() };
                slot.waker.set(&raw const cloned);
                outer = Context::from_waker(&cloned);
                (&raw mut outer).cast()
            } else {
                cx
            };
            slot.head().linked.set(true);
            // SAFETY: the slot is on this thread's stack, and is unlinked when `run` is dropped.
            unsafe { thread::link((&raw const slot).cast()) };
            cx
        }
    };
    // SAFETY: it points to one of three contexts that live until the end.
    Some(run.finish(unsafe { &mut *cx }))
}

struct Run<'a, Y, S, F> {
    slot: &'a CallSlot<Y, S>,
    calls: &'a mut Calls,
    /// The frame's own.
    body: Pin<&'a mut F>,
    /// The body may be polled once more for queued yields ([`super::slot`], invariant 7).
    again: bool,
}

/// What a poll led to, if not to a call, nor to an exception.
enum Polled<R> {
    Pending,
    /// A called body is over.
    Over,
    /// The frame's own is.
    Complete(R),
}

/// The end of the resume, or `None`: what is on top now is polled.
type Next<Y, R> = Option<Ended<Y, R>>;

impl<Y, S, F: Future> Run<'_, Y, S, F> {
    fn finish(mut self, cx: &mut Context<'_>) -> Ended<Y, F::Output> {
        loop {
            self.unwind_to_target();
            self.look_anew();
            let polled = self.poll(cx);
            if let Some(ended) = self.after(polled) {
                return ended;
            }
        }
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

    /// Scopes claim anew in each poll, and tell by a clone of our waker that something is awaited.
    fn look_anew(&self) {
        let head = self.slot.head();
        head.scope.set(SUSPENDED);
        head.awaiting.set(SUSPENDED);
        self.slot.beside.set(false);
        if head.caller.is_null() && head.linked.get() {
            head.unlink();
            head.linked.set(false);
        }
    }

    /// If an exception is on its way to a scope below the top: drops what is above that.
    fn unwind_to_target(&mut self) {
        // SAFETY: null, or the cold box of the frame that is being resumed.
        let Some(cold) = (unsafe { self.slot.head().cold().as_ref() }) else {
            return;
        };
        let target = cold.thrown.as_ref().map(|(target, _)| *target);
        let (scope, keep) = self.calls.scope();
        if target == Some(scope) {
            self.calls.unwind(keep);
        }
    }

    fn after(&mut self, polled: Polled<F::Output>) -> Next<Y, F::Output> {
        let head = self.slot.head();
        if head.raised.get() {
            return self.raise();
        }
        let asked = head.asked.replace(false);
        match polled {
            Polled::Complete(value) => Some(Ended::Complete(value)),
            _ if self.slot.is_called() => self.called(asked),
            Polled::Over => self.over(asked),
            Polled::Pending => self.suspended(asked),
        }
    }

    /// The top has called something.
    fn called(&mut self, asked: bool) -> Next<Y, F::Output> {
        let head = self.slot.head();
        head.key.set(head.key.get() & !BLOCKED);
        head.full.set(false);
        let handle = self.slot.requested.take()?;
        // In a sync resume, whoever has cloned the waker awaits something.
        let signs = asked || (head.caller.is_null() && head.linked.get());
        if self.slot.beside.get() {
            handle.nest();
        } else if signs {
            handle.doubt();
        } else {
            self.calls.push(handle, head.scope.get());
            self.change_top();
        }
        None
    }

    /// Another body has its turn. Nothing is queued in there: beside a call there are only futures that
    /// await.
    fn change_top(&mut self) {
        let key = &self.slot.head().key;
        key.set(key.get() & !TURN);
        self.again = true;
    }

    /// The top has ended. (What it has yielded beside that is given now.)
    fn over(&mut self, asked: bool) -> Next<Y, F::Output> {
        let head = self.slot.head();
        let next = head.full.get().then(|| {
            head.scope.set(SUSPENDED);
            self.yielded(asked)
        });
        self.calls.pop();
        self.change_top();
        next
    }

    fn suspended(&mut self, asked: bool) -> Next<Y, F::Output> {
        let head = self.slot.head();
        if let Some(exception) = scope::take_untaken(head.cold()) {
            // Its scope was not polled: the next one has it.
            self.take_back();
            return self.throw(exception);
        }
        if head.full.get() {
            return Some(self.yielded(asked));
        }
        if asked && mem::take(&mut self.again) {
            self.turn();
            return None;
        }
        self.awaits()
    }

    /// The top has raised: the scope around the call has the exception.
    fn raise(&mut self) -> Next<Y, F::Output> {
        let head = self.slot.head();
        head.raised.set(false);
        head.asked.set(false);
        self.take_back();
        match scope::take_raised(head.cold()) {
            Some(exception) => self.throw(exception),
            None => None,
        }
    }

    /// Throws to the innermost scope around the call.
    fn throw(&mut self, exception: Exception) -> Next<Y, F::Output> {
        let (target, keep) = self.calls.scope();
        // SAFETY: the frame is being resumed, so its head is valid; the reference ends here.
        let cold = unsafe { (*self.slot.head().head).cold() };
        if target == SUSPENDED {
            cold.raised = Some(exception);
            self.calls.unwind(0);
            return Some(Ended::Raised);
        }
        cold.thrown = Some((target, exception));
        self.calls.unwind(keep);
        None
    }

    /// Drops what was yielded, and forgets a call, in the poll in which an exception comes.
    fn take_back(&self) {
        let head = self.slot.head();
        if !head.full.replace(false) {
            return;
        }
        if self.slot.is_called() {
            head.key.set(head.key.get() & !BLOCKED);
            return;
        }
        head.given.set(next_given(head.given.get()));
        // SAFETY: there was a value (slot invariant 4), and is none any more. It is moved out first: its
        // destructor may yield in its turn.
        drop(unsafe { (*self.slot.slot.out.get()).assume_init_read() });
    }

    /// Only queued yields may put a value now.
    fn turn(&self) {
        let head = self.slot.head();
        let replied = head.key.replace(TURN) & REPLY != 0;
        if !is_unit::<S>() && replied {
            head.given.set(next_given(head.given.get()));
            // SAFETY: the key said that there is a reply, and does not any more.
            unsafe { self.slot.slot.drop_reply() };
        }
        // SAFETY: null, or the cold box of the frame that is being resumed.
        unsafe { head::wake_all(head.cold()) };
    }

    fn yielded(&mut self, asked: bool) -> Ended<Y, F::Output> {
        let head = self.slot.head();
        let orphans = self.remember();
        self.calls.queued = asked;
        let care = if orphans || asked { CARE } else { 0 };
        self.suspend(self.target(head.scope.get()) | care);
        head.full.set(false);
        // SAFETY: there was a value (slot invariant 4), and is none any more.
        let value = unsafe { (*self.slot.slot.out.get()).assume_init_read() };
        if head.key.replace(0) & REPLY != 0 {
            // SAFETY: the key said that there is a reply, and does not any more.
            unsafe { self.slot.slot.drop_reply() };
        }
        // SAFETY: null, or the cold box of the frame that is being resumed.
        unsafe { head::wake_all(head.cold()) };
        Ended::Yielded(value)
    }

    /// The top awaits something. What is awaited below may have become ready ([`super::calls`],
    /// invariant 3).
    fn awaits(&mut self) -> Next<Y, F::Output> {
        if self.calls.go_down() {
            self.again = true;
            return None;
        }
        let head = self.slot.head();
        let _orphans = self.remember();
        self.suspend(self.target(head.awaiting.get()) | AWAITING);
        let replied = head.key.replace(0) & REPLY != 0;
        if replied {
            // The caller has it back, and may offer it again.
            // SAFETY: the frame is being resumed, so its head is valid; the reference ends here.
            unsafe { (*head.head).cold() }.owed = true;
        }
        Some(Ended::Awaits(!replied))
    }

    /// Where what is thrown next goes, if `claimed` is the innermost scope of the top.
    fn target(&self, claimed: Status) -> Status {
        if claimed == SUSPENDED {
            self.calls.scope().0
        } else {
            claimed
        }
    }

    fn suspend(&self, status: Status) {
        // SAFETY: the frame is being resumed, so its head is valid.
        unsafe { (*self.slot.head().head).status = status };
    }

    /// Keeps the state of yields that give their value; whether a reply was ever left behind.
    fn remember(&self) -> bool {
        let head = self.slot.head();
        let given = head.given.get();
        if is_unit::<S>() || given == GIVEN {
            return false;
        }
        // SAFETY: the frame is being resumed, so its head is valid; the reference ends here.
        let cold: &mut head::Cold = unsafe { (*head.head).cold() };
        cold.given = given;
        true
    }
}

/// On unwind too.
impl<Y, S, F> Drop for Run<'_, Y, S, F> {
    fn drop(&mut self) {
        let head = self.slot.head();
        head.unlink();
        let full = head.full.replace(false) && !self.slot.is_called();
        let replied = head.key.replace(0) & REPLY != 0;
        // SAFETY: the slot says what is there (slot invariants 4 and 5), and is not used again.
        unsafe { self.slot.slot.discard(full, replied) };
    }
}
