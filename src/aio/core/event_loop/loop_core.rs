//! The heart of the loop: what is ready, what is to come, and which tasks there are.
//!
//! A turn is asyncio's: what other threads brought and the timers that are due join the ready queue;
//! then as many entries are run as there are at that moment, first in, first out. What these make
//! ready waits for the next turn.
//!
//! 1. What is left of the turn is in `batch`, what is made ready goes to `ready`. A turn begins only when `batch` is
//!    empty, by swapping the two. That is what keeps the order, and lets every entry have its turn.
//! 2. Nothing is borrowed while an entry runs, or while something is dropped: that is somebody else's code, which may
//!    use the whole loop. What is taken out of a cell is dropped after the borrow.
//! 3. A loop that is not being polled does not look at `ready` or at its timers by itself: whatever adds to them
//!    then must wake the task that polls the loop.
//! 4. A loop that is closed takes nothing more. Tasks, entries and timers hold the loop, or things that do, and the
//!    loop holds them: without anything to run them they would keep each other for ever.
//!
//! | flag | set by | cleared by | cannot be set |
//! |---|---|---|---|
//! | `polled` | `Entered`, made for each poll | its drop | while another loop is polled on the thread |
//! | `stopping` | `stop`, at the end of the main task, and of what is awaited after it | `take_stop` | — |
//! | `is_ending` | the cancel of what is left | never | — |
//! | `closed` | `clear` | never | — |
//! | `foreign` | the lent waker, where it is cloned or called | never | — |

use std::cell::{Cell, RefCell};
#[cfg(unix)]
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::{Clock, nanos};
use super::descent::Descent;
use super::handle_cell::HandleCell;
use super::inbox::{Inbox, Remote};
use super::jobs::Jobs;
use super::kept_calls::{Call, KeptCall, KeptCalls};
use super::leftovers::Leftovers;
use super::observer::Observer;
use super::registry::Registry;
#[cfg(unix)]
use super::signals::Watching;
use super::spans::Spans;
use super::thread_token::ThreadToken;
use super::timers::{TimerId, Timers};
use super::wakee::Wakee;
use crate::aio::core::raw::batch::Batch;
use crate::aio::core::raw::in_place::push_with;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report::{discard, discard_each};

/// An entry of the ready queue.
pub(in crate::aio) enum Ready {
    Step(AnyTask),
    Notify(Rc<dyn Observer>, u32),
    Call(Box<dyn FnOnce()>),
    Handle(Rc<HandleCell<LoopCore>>),
    /// A timer whose deadline has come.
    Timer(TimerId),
}

/// What happens at a deadline.
pub(in crate::aio) enum Due {
    Wake(Wakee),
    /// The number says what the notice is about.
    Notify(Rc<dyn Observer>, u32),
    Handle(Rc<HandleCell<LoopCore>>),
}

pub(in crate::aio) struct LoopCore {
    clock: Clock,
    /// What is left of this turn.
    batch: RefCell<Batch<Ready>>,
    /// The entries of the next turn.
    ready: RefCell<Vec<Ready>>,
    timers: RefCell<Timers<Due>>,
    pub(in crate::aio) tasks: Registry<AnyTask>,
    /// The thread on which the loop was made, and where it stays.
    pub(in crate::aio) thread: ThreadToken,
    pub(in crate::aio) inbox: Arc<Inbox>,
    /// Async generators that were iterated.
    pub(in crate::aio) generators: Leftovers,
    kept_calls: KeptCalls,
    /// At the end of a run, the tasks in groups that nobody polled.
    stranded: RefCell<Vec<AnyTask>>,
    next: Cell<u64>,
    next_task: Cell<u64>,
    /// For `tracing`.
    pub(in crate::aio) spans: Spans,
    /// What other threads are at work on.
    pub(in crate::aio) jobs: Jobs,
    /// A request to stop the loop after this turn.
    stopping: Cell<bool>,
    is_ending: Cell<bool>,
    /// The loop is being polled, so nothing needs to wake the task that polls it.
    polled: Cell<bool>,
    /// Nothing will run from now on. Whatever is made ready would keep the loop alive, and be kept alive by
    /// it.
    closed: Cell<bool>,
    pub(in crate::aio::core) descent: Descent,
    /// What is told before the virtual clock jumps: nothing else happens at this time.
    at_rest: RefCell<Vec<Rc<dyn Observer>>>,
    /// Whether a task has ever had something foreign keep, or call, its waker.
    foreign: Cell<bool>,
    /// What is called when a signal comes, by its number.
    #[cfg(unix)]
    pub(in crate::aio::core) signals: RefCell<HashMap<i32, SignalHandler>>,
}

/// What is called when a signal comes.
#[cfg(unix)]
pub(in crate::aio::core) struct SignalHandler {
    pub(in crate::aio::core) call: Rc<dyn Fn()>,
    #[allow(dead_code, reason = "its drop gives the signal back")]
    pub(in crate::aio::core) watching: Watching,
}

impl LoopCore {
    pub(in crate::aio) fn new(clock: Clock) -> Rc<Self> {
        Rc::new(Self {
            clock,
            batch: RefCell::default(),
            ready: RefCell::default(),
            timers: RefCell::default(),
            tasks: Registry::default(),
            thread: ThreadToken::of_this_thread(),
            inbox: Arc::default(),
            generators: Leftovers::default(),
            kept_calls: KeptCalls::default(),
            stranded: RefCell::default(),
            // 0 is the name of no callback.
            next: Cell::new(1),
            // As in asyncio, the main task is `Task-1`.
            next_task: Cell::new(1),
            spans: Spans::default(),
            jobs: Jobs::default(),
            stopping: Cell::new(false),
            is_ending: Cell::new(false),
            polled: Cell::new(false),
            closed: Cell::new(false),
            descent: Descent::default(),
            at_rest: RefCell::default(),
            foreign: Cell::new(false),
            #[cfg(unix)]
            signals: RefCell::default(),
        })
    }

    /// A number that was never given before.
    pub(in crate::aio) fn fresh(&self) -> u64 {
        let next = self.next.get();
        self.next.set(next + 1);
        next
    }

    /// The number of a new task.
    pub(in crate::aio) fn fresh_task(&self) -> u64 {
        let next = self.next_task.get();
        self.next_task.set(next + 1);
        next
    }

    #[inline]
    pub(in crate::aio) fn push(&self, ready: Ready) {
        // While the loop is polled, it looks at the queue before it sleeps: nothing needs to be woken.
        if !self.polled.get() {
            return self.push_from_outside(ready);
        }
        self.ready.borrow_mut().push(ready);
    }

    /// Pushes a step: most entries are.
    #[inline]
    pub(in crate::aio) fn push_step(&self, task: AnyTask) {
        if !self.polled.get() {
            return self.push_from_outside(Ready::Step(task));
        }
        push_with(&mut self.ready.borrow_mut(), || Ready::Step(task));
    }

    /// Wakes what is usually a task of this loop.
    #[inline]
    pub(in crate::aio) fn wake(&self, wakee: Wakee) {
        match wakee {
            Wakee::Task(task) => task.wake_by_value_in(self),
            Wakee::Waker(theirs) => theirs.wake(),
        }
    }

    /// The loop is not being polled: a foreign waker, or a destructor, has used one of its tasks (invariant 3).
    #[cold]
    #[inline(never)]
    fn push_from_outside(&self, ready: Ready) {
        // The usual way, in which the loop is polled, need not ask: a loop is closed at the end of its last poll.
        if self.closed.get() {
            return discard(ready);
        }
        self.ready.borrow_mut().push(ready);
        self.inbox.rouse();
    }

    /// Notes a call that must go with the loop. Once that is closed, it goes at once.
    pub(in crate::aio::core) fn know(&self, call: &Rc<KeptCall>) {
        self.kept_calls.add(Rc::downgrade(call));
        if self.closed.get() {
            discard_each(self.kept_calls.take());
        }
    }

    /// Notes whether the loop is being polled. While it is not, new entries wake the task that polls it.
    pub(in crate::aio::core) fn set_polled(&self, polled: bool) {
        self.polled.set(polled);
    }

    // Time.

    pub(in crate::aio) fn now(&self) -> u64 {
        self.clock.now()
    }

    pub(in crate::aio) fn after(&self, delay: Duration) -> u64 {
        self.now().saturating_add(nanos(delay))
    }

    pub(in crate::aio) fn nanos(&self, when: Instant) -> u64 {
        nanos(when.saturating_duration_since(self.clock.start()))
    }

    pub(in crate::aio) fn instant(&self, when: u64) -> Instant {
        let (mut from_start, start) = (Duration::from_nanos(when), self.clock.start());
        // How far an `Instant` reaches depends on the system, and nothing says it.
        loop {
            if let Some(instant) = start.checked_add(from_start) {
                return instant;
            }
            from_start /= 2;
        }
    }

    pub(in crate::aio) fn set_timer(&self, when: u64, due: Due) -> TimerId {
        let id = self.timers.borrow_mut().set(when, due);
        if !self.polled.get() {
            self.was_set_from_outside(id);
        }
        id
    }

    #[cold]
    fn was_set_from_outside(&self, id: TimerId) {
        if self.closed.get() {
            return discard(self.cancel_timer(id));
        }
        // The alarm may be set to a later time (invariant 3).
        self.inbox.rouse();
    }

    /// Cancels a timer. The caller drops what comes back when it holds no borrow.
    #[must_use]
    pub(in crate::aio) fn cancel_timer(&self, id: TimerId) -> Option<Due> {
        self.timers.borrow_mut().cancel(id)
    }

    /// Changes what a timer does. The caller drops what comes back when it holds no borrow.
    #[must_use]
    pub(in crate::aio) fn renew_timer(&self, id: TimerId, due: Due) -> Due {
        self.timers.borrow_mut().renew(id, due)
    }

    pub(in crate::aio) fn is_set(&self, id: TimerId) -> bool {
        self.timers.borrow().is_set(id)
    }

    pub(in crate::aio) fn timers(&self) -> usize {
        self.timers.borrow().len()
    }

    /// The next deadline.
    pub(in crate::aio::core) fn deadline(&self) -> Option<u64> {
        self.timers.borrow_mut().next()
    }

    pub(in crate::aio) fn is_virtual(&self) -> bool {
        matches!(self.clock, Clock::Virtual { .. })
    }

    /// Whether another thread is at work for a task.
    pub(in crate::aio::core) fn is_busy(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Whether another thread is at work for a task, and does not wait for this loop.
    pub(in crate::aio::core) fn is_at_work(&self) -> bool {
        self.inbox.is_worked_for() || self.jobs.len() > self.inbox.jobs_waiting()
    }

    /// Tells `observer` when all that happens at this virtual time has happened.
    pub(in crate::aio) fn tell_at_rest(&self, observer: Rc<dyn Observer>) {
        self.at_rest.borrow_mut().push(observer);
    }

    /// Nothing is left to happen at this virtual time. Returns whether anybody had to be told of that.
    pub(in crate::aio::core) fn rest(&self) -> bool {
        let told = self.at_rest.take();
        let any = !told.is_empty();
        for observer in told {
            observer.notified(0);
        }
        any
    }

    /// On a virtual clock, jumps to the next deadline. Returns whether there is one.
    pub(in crate::aio::core) fn jump(&self) -> bool {
        let Clock::Virtual { now, .. } = &self.clock else {
            return false;
        };
        let Some(when) = self.deadline() else {
            return false;
        };
        // A deadline may have been set in the past.
        now.set(when.max(now.get()));
        true
    }

    // Turns.

    pub(in crate::aio::core) fn stop(&self) {
        self.stopping.set(true);
    }

    /// Whether somebody asked to stop after this turn.
    pub(in crate::aio::core) fn is_stopping(&self) -> bool {
        self.stopping.get()
    }

    /// Whether somebody asked to stop since the last call.
    pub(in crate::aio::core) fn take_stop(&self) -> bool {
        self.stopping.replace(false)
    }

    /// Whether there is nothing to run.
    pub(in crate::aio::core) fn is_idle(&self) -> bool {
        self.is_turn_over() && !self.is_anything_ready()
    }

    /// Whether the next turn has entries already.
    #[inline]
    pub(in crate::aio::core) fn is_anything_ready(&self) -> bool {
        !self.ready.borrow().is_empty()
    }

    /// The timers that are due join the entries of the next turn.
    fn collect_due(&self) {
        // Without timers the clock is not read: that takes about as long as a short turn.
        let mut timers = self.timers.borrow_mut();
        if timers.is_empty() {
            return;
        }
        let now = self.clock.now();
        if !timers.may_be_due(now) {
            return;
        }
        // Two borrows at once: to take a deadline away runs nothing of the user's.
        let mut ready = self.ready.borrow_mut();
        // They come behind what is ready already, and can still be cancelled there.
        while let Some(id) = timers.pop(now) {
            ready.push(Ready::Timer(id));
        }
    }

    /// What is ready now becomes this turn, with the timers that are due. The one before is over.
    pub(in crate::aio::core) fn refill(&self) {
        self.collect_due();
        self.batch.borrow_mut().refill(&mut self.ready.borrow_mut());
    }

    #[inline]
    pub(in crate::aio::core) fn is_turn_over(&self) -> bool {
        self.batch.borrow().is_over()
    }

    /// Takes the next entry of this turn.
    #[inline]
    pub(in crate::aio::core) fn next_entry(&self) -> Option<Ready> {
        self.batch.borrow_mut().next()
    }

    /// Looks at the next entry; `look` runs nothing of the user's.
    pub(in crate::aio::core) fn peek<R>(&self, look: impl FnOnce(&Ready) -> R) -> Option<R> {
        self.batch.borrow().peek().map(look)
    }

    /// A step has ended, and the task has been woken in it. No pointer is counted: it is queued with the pointer that
    /// the entry had.
    #[inline]
    pub(in crate::aio::core) fn push_again(&self, task: AnyTask) {
        push_with(&mut self.ready.borrow_mut(), || Ready::Step(task));
    }

    /// Runs out a timer that was due. Returns what happens now, if nobody cancelled it.
    #[inline]
    pub(in crate::aio::core) fn fire(&self, id: TimerId) -> Option<Due> {
        self.timers.borrow_mut().fire(id)
    }

    /// Something foreign has a task's waker, so tokio's budget may be used up from now on.
    #[inline]
    pub(in crate::aio::core) fn note_foreign(&self) {
        self.foreign.set(true);
    }

    /// Whether what this poll may take from tokio is used up: tokio's channels and sockets are pending then, and the
    /// next poll has a budget again. So the turn stops, and goes on there: the entry that is next would find nothing
    /// ready, and one that takes all it gets would starve the others.
    ///
    /// A loop whose tasks wait for the library alone does not ask, which would cost each step.
    #[inline]
    pub(in crate::aio::core) fn is_spent(&self) -> bool {
        self.foreign.get() && is_budget_spent()
    }

    // The end.

    /// A task could not have its turn, because nobody polled its group.
    #[cold]
    pub(in crate::aio::core) fn strand(&self, task: &AnyTask) {
        if self.is_ending.get() {
            self.stranded.borrow_mut().push(task.clone());
        }
    }

    /// The tasks that could not have their turns since the last call.
    pub(in crate::aio::core) fn take_stranded(&self) -> Vec<AnyTask> {
        self.stranded.take()
    }

    /// Whether what is left at the end of a run has been cancelled.
    pub(in crate::aio) fn is_ending(&self) -> bool {
        self.is_ending.get()
    }

    /// The end of a run begins: what is left is cancelled.
    pub(in crate::aio::core) fn begin_end(&self) {
        self.is_ending.set(true);
    }

    /// Takes everything out, for the caller to drop. The inbox closes, so other threads learn that the loop is gone.
    #[must_use]
    pub(in crate::aio::core) fn take_all(&self) -> Contents {
        Contents {
            tasks: self.tasks.take_all(),
            batch: self.batch.take(),
            ready: self.ready.take(),
            timers: self.timers.borrow_mut().clear(),
            remotes: self.inbox.close(),
            kept_calls: self.kept_calls.take(),
        }
    }

    /// Nothing is taken from now on.
    pub(in crate::aio::core) fn close(&self) {
        self.closed.set(true);
    }
}

#[cold]
#[inline(never)]
fn is_budget_spent() -> bool {
    !tokio::task::coop::has_budget_remaining()
}

/// All that was in a loop.
pub(in crate::aio::core) struct Contents {
    pub(in crate::aio::core) tasks: Vec<AnyTask>,
    pub(in crate::aio::core) batch: Batch<Ready>,
    pub(in crate::aio::core) ready: Vec<Ready>,
    pub(in crate::aio::core) timers: Vec<Due>,
    pub(in crate::aio::core) remotes: Vec<Remote>,
    pub(in crate::aio::core) kept_calls: Vec<Call>,
}

impl Contents {
    pub(in crate::aio::core) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
            && self.batch.is_over()
            && self.ready.is_empty()
            && self.timers.is_empty()
            && self.remotes.is_empty()
            && self.kept_calls.is_empty()
    }
}
