use std::future::Future;
use std::mem::{self, ManuallyDrop};
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore};
use crate::aio::core::event_loop::timers::TimerId;
use crate::aio::core::raw::waker::lent;
use crate::aio::core::registration::{Here, Registration, Turn};

/// Waits: the future of [`sleep`] and [`sleep_until`].
///
/// It belongs to the loop that polled it first: in another loop it ends at once.
#[must_use = "a future does nothing until it is awaited"]
pub struct Sleep {
    at: &'static Location<'static>,
    /// Dropped by hand: most states hold nothing, and the compiler would look at each that is replaced.
    state: ManuallyDrop<SleepState>,
}

enum SleepState {
    For(Duration),
    Until(Instant),
    Waiting(Waiting),
    /// One turn.
    Turn,
    Ended,
}

struct Waiting {
    registration: Registration,
    timer: TimerId,
}

/// Lets the time `delay` pass while others run; at least one turn, even if `delay` is zero. Python:
/// `asyncio.sleep`.
///
/// Equivalent to: `async fn sleep(delay: Duration)`. The time runs from the first poll. A delay that
/// ends beyond the loop's range (584 years) never ends.
///
/// # Panics
///
/// If it is awaited outside a task; the message names the caller's location.
///
/// # Cancellation
///
/// The sleep ends at once. Dropping it takes its timer back.
#[track_caller]
pub fn sleep(delay: Duration) -> Sleep {
    Sleep::made_at(Location::caller(), delay)
}

/// Waits until `deadline`, as [`sleep`] does.
///
/// # Panics
///
/// If it is awaited outside a task; the message names the caller's location.
#[track_caller]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep {
        at: Location::caller(),
        state: ManuallyDrop::new(SleepState::Until(deadline)),
    }
}

/// The loop's time. Python: `loop.time`.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn now() -> Instant {
    let lp = current::expect();
    lp.instant(lp.now())
}

impl Waiting {
    /// Whether its time is still to come. The timer belongs to the loop in which it was set.
    fn is_set(&self, lp: &LoopCore) -> bool {
        let task = self.registration.task();
        task.is_some_and(|task| task.core().completion.is_of(lp)) && lp.is_set(self.timer)
    }

    /// Another task, or another combinator, may poll it now: that one must be woken.
    fn renew(&mut self, turn: Turn<'_>, cx: &Context<'_>, at: &'static Location<'static>) {
        let old = turn.lp.renew_timer(self.timer, Due::Wake(turn.wakee(cx)));
        let before = self.registration.enter(turn.task, at);
        drop((before, old));
    }
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match *self.state {
            SleepState::For(Duration::ZERO) if wakes_itself(cx) => {
                self.state = ManuallyDrop::new(SleepState::Turn);
                Poll::Pending
            }
            SleepState::Turn if runs(cx) => {
                self.state = ManuallyDrop::new(SleepState::Ended);
                Poll::Ready(())
            }
            _ => self.poll_rarely(cx),
        }
    }
}

/// Whether the task is in its turn, and is polled with its own waker.
#[inline]
fn runs(cx: &Context<'_>) -> bool {
    lent(cx.waker()).is_some_and(|lent| lent.task.core().is_running())
}

/// The same; if so, the task gets another turn.
#[inline]
fn wakes_itself(cx: &Context<'_>) -> bool {
    let lent = lent(cx.waker()).filter(|lent| lent.task.core().is_running());
    lent.map(|lent| lent.task.core().note_woken()).is_some()
}

impl Sleep {
    pub(in crate::aio) fn made_at(at: &'static Location<'static>, delay: Duration) -> Self {
        Self {
            at,
            state: ManuallyDrop::new(SleepState::For(delay)),
        }
    }

    /// Anything but a wait of just one turn; or such a wait under a combinator's waker, or while a child of
    /// the task has its turn.
    #[inline(never)]
    fn poll_rarely(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let this = self;
        let here = Here::find(cx, this.at);
        let asleep = |lp: &LoopCore| match &*this.state {
            SleepState::Waiting(waiting) => waiting.is_set(lp),
            _ => false,
        };
        let Some(turn) = here.turn(cx, asleep) else {
            return Poll::Pending;
        };
        if let SleepState::Waiting(waiting) = &mut *this.state {
            if waiting.registration.is_cut_off(turn.task) {
                return Poll::Pending;
            }
        }
        let when = match &mut *this.state {
            SleepState::For(delay) if delay.is_zero() => {
                this.state = ManuallyDrop::new(SleepState::Turn);
                turn.again(cx);
                return Poll::Pending;
            }
            SleepState::For(delay) => turn.lp.after(*delay),
            SleepState::Until(deadline) => turn.lp.nanos(*deadline),
            SleepState::Waiting(waiting) if waiting.is_set(turn.lp) => {
                waiting.renew(turn, cx, this.at);
                return Poll::Pending;
            }
            SleepState::Turn => {
                this.state = ManuallyDrop::new(SleepState::Ended);
                return Poll::Ready(());
            }
            SleepState::Waiting(_) => {
                this.leave();
                return Poll::Ready(());
            }
            SleepState::Ended => panic!("a sleep was polled after it had ended"),
        };
        let timer = turn.lp.set_timer(when, Due::Wake(turn.wakee(cx)));
        let mut registration = Registration::new();
        registration.enter_first(turn.task.clone(), this.at);
        this.state = ManuallyDrop::new(SleepState::Waiting(Waiting {
            registration,
            timer,
        }));
        Poll::Pending
    }

    fn leave(&mut self) {
        if let SleepState::Waiting(mut waiting) = mem::replace(&mut *self.state, SleepState::Ended)
        {
            let Some(task) = waiting.registration.leave() else {
                return;
            };
            let completion = &task.core().completion;
            let old = completion.with_lp(|lp| lp.cancel_timer(waiting.timer));
            drop(old);
        }
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if let SleepState::Waiting(_) = *self.state {
            self.leave();
        }
    }
}

impl std::fmt::Debug for Sleep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Sleep");
        shown.field("at", &self.at).field("state", &*self.state);
        shown.finish()
    }
}

impl std::fmt::Debug for SleepState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::For(_) | Self::Until(_) => "new",
            Self::Waiting(_) | Self::Turn => "waiting",
            Self::Ended => "ended",
        })
    }
}
