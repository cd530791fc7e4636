//! The loop as a future.
//!
//! | `phase` | begins when | the loop is stopped by |
//! |---|---|---|
//! | `Main` | the future is made | the end of the main task |
//! | `Leftovers` | that has ended, and tasks are left: they are cancelled | the end of the last of them (6) |
//! | `Generators` | those have ended, and async generators are suspended: a task closes them | the end of that task |
//! | `Closing` | nothing is left | — |
//!
//! 1. The phase only goes on, and only where the loop was stopped. A phase in which there is nothing to await is left
//!    at once. In the last one, the loop ends when no job is left on another thread.
//! 2. `keep` is set before the first poll, if at all. The loop then ends with the main task, and what is left has its
//!    turns in the next run. A drop before the end clears it, so that everything is dropped with the body.
//! 3. `body` is there until the main task has ended, or the future is dropped. Then it is dropped at once, while the
//!    loop is the thread's, because its destructors may use the loop.
//! 4. Before the loop sleeps it leaves wakers, for the inbox and for the alarm. They are cloned and dropped by somebody
//!    else's code, which may make something ready, or set a timer. So the loop looks once more after each.
//! 5. There is one alarm, for the next deadline, however many timers there are. It is set, or dropped, each time that
//!    the loop has nothing to do.
//! 6. A child of a group in an async generator that nobody calls cannot end in that phase. It is not waited for, and
//!    has its turns when the generator is closed.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::mem;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

use super::stuck::deadlock;
use crate::aio::core::awaiting::Join;
use crate::aio::core::body::{Body, IntoResult, Stepped};
use crate::aio::core::cancelling::cancel_all;
use crate::aio::core::completion::{Callback, Completion};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::clock::Clock;
use crate::aio::core::event_loop::current::Entered;
#[cfg(unix)]
use crate::aio::core::event_loop::inbox::Inbox;
use crate::aio::core::event_loop::leftovers::Leftover;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::output::Output;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::task_of::TaskOf;
use crate::aio::core::report;
use crate::aio::core::target::{Awaited, Begun, Target};
use crate::frame::Frame;

/// Turns in one poll, before the loop lets other tasks on the thread run.
const TURNS: usize = 64;

/// Stops the loop when it is notified.
struct Stop(Rc<LoopCore>);

impl Observer for Stop {
    fn notified(self: Rc<Self>, _index: u32) {
        self.0.stop();
    }
}

/// Ends when all the tasks that it counts have ended.
struct Countdown {
    tasks: Vec<AnyTask>,
    left: Cell<usize>,
    /// Whether nobody waits for the rest any longer.
    given_up: Cell<bool>,
    end: Completion,
}

impl Countdown {
    /// Counts `tasks`, of which there is at least one.
    fn of(lp: &Rc<LoopCore>, tasks: Vec<AnyTask>) -> Rc<Self> {
        let countdown = Rc::new(Self {
            left: Cell::new(tasks.len()),
            given_up: Cell::new(false),
            tasks,
            end: Completion::new(lp),
        });
        for task in &countdown.tasks {
            let callback = Callback::Notify(countdown.clone(), 0);
            task.completion().add(callback);
        }
        countdown
    }
}

impl Observer for Countdown {
    fn notified(self: Rc<Self>, _index: u32) {
        self.left.set(self.left.get() - 1);
        if self.left.get() == 0 && !self.given_up.get() {
            self.end.complete();
        }
    }
}

impl Awaited for Countdown {
    fn completion(&self) -> &Completion {
        &self.end
    }

    fn is_cancelled(&self) -> bool {
        false
    }

    fn begin_cancel(&self, _message: Option<&Arc<str>>) -> Begun {
        if self.end.done() {
            Begun::Ended(false)
        } else {
            Begun::PassesOn
        }
    }

    fn cancel_next(&self, index: usize) -> Option<Target> {
        self.tasks.get(index).cloned().map(Target::Task)
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        self.end.done().then_some(Ok(()))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunPhase {
    /// The main task runs.
    Main,
    /// The main task has ended; the remaining tasks were cancelled, and are awaited.
    Leftovers,
    /// Those have ended, too; async generators that are suspended are closed.
    Generators,
    /// Callbacks have their last turns.
    Closing,
}

/// The last turns: those in which CPython shuts down its generators and its executor.
const LAST_TURNS: usize = 4;

/// A loop that runs `main`: its output is that of the main task.
pub(in crate::aio) struct Running<'a, T: 'static> {
    lp: Rc<LoopCore>,
    main: TaskOf<T>,
    body: Option<Pin<Box<dyn Body<T> + 'a>>>,
    phase: RunPhase,
    /// Whether what is left when the main task has ended stays for the next one.
    keep: bool,
    /// How many of the last turns are still to come.
    last_turns: usize,
    /// The tasks that were cancelled at the end of the main task.
    leftovers: Option<Rc<Countdown>>,
    alarm: Option<Pin<Box<tokio::time::Sleep>>>,
}

// Nothing in it is pinned.
impl<T> Unpin for Running<'_, T> {}

impl<'a, T: 'static> Running<'a, T> {
    /// On a loop of its own, or on one that ran before.
    ///
    /// `main` comes in a box: by value it would be on the stack of every function on the way here.
    pub(in crate::aio) fn new<F>(
        lp: Rc<LoopCore>,
        main: Pin<Box<F>>,
        at: &'static Location<'static>,
    ) -> Self
    where
        F: Future<Output: Output<Ok = T>> + 'a,
    {
        let frame = Frame::new(move |_| IntoResult::new(main));
        let task = TaskOf::external(&lp, at);
        // As in asyncio's `run_until_complete`, a callback stops the loop. So whatever was made ready before that
        // callback has its turn.
        let stop = Rc::new(Stop(lp.clone()));
        task.any().completion().add(Callback::Notify(stop, 0));
        Self {
            lp,
            main: task,
            body: Some(Box::pin(frame)),
            phase: RunPhase::Main,
            keep: false,
            last_turns: LAST_TURNS,
            leftovers: None,
            alarm: None,
        }
    }

    pub(in crate::aio) fn fresh<F>(
        clock: Clock,
        main: Pin<Box<F>>,
        at: &'static Location<'static>,
    ) -> Self
    where
        F: Future<Output: Output<Ok = T>> + 'a,
    {
        Self::new(LoopCore::new(clock), main, at)
    }

    /// What is left when the main task has ended is kept for the next one on this loop.
    pub(in crate::aio) fn keep(mut self) -> Self {
        self.keep = true;
        self
    }

    /// The main task, for a caller that cancels it, and the loop's inbox.
    #[cfg(unix)]
    pub(in crate::aio::core) fn main(&self) -> (AnyTask, Arc<Inbox>) {
        (self.main.any().clone(), self.lp.inbox.clone())
    }

    /// One turn, or the rest of one. Returns whether it is over.
    fn turn(&mut self) -> bool {
        let Self { lp, main, body, .. } = self;
        lp.turn(&mut |mode| {
            let Some(own) = body else {
                return false;
            };
            let stepped = main.poll_body(lp, own.as_mut(), mode);
            // Invariant 3. The task has its outcome by now, so the destructors find it ended.
            if stepped == Stepped::Ended {
                report::discard(body.take());
            }
            stepped == Stepped::Again
        })
    }

    /// Runs turns until nothing is ready, or until the end. Returns whether there is more to do at once.
    fn advance(&mut self) -> Progress {
        let mut turns = 0;
        while turns < TURNS {
            // The last turns are counted, so none begins inside another.
            self.lp.descent.refresh(self.phase != RunPhase::Closing);
            let is_over = self.turn();
            turns += 1 + self.lp.descent.turns();
            if !is_over {
                // The rest of the turn comes with the next poll, and with tokio's next budget.
                return Progress::Busy;
            }
            let ended = match self.phase {
                // Nothing stops the loop in this phase. Calls on other threads are joined, as asyncio's executor is.
                RunPhase::Closing => {
                    self.last_turns = self.last_turns.saturating_sub(1);
                    self.last_turns == 0 && !self.lp.is_busy()
                }
                // Only between turns: as in asyncio, a turn goes on to its end.
                _ => self.lp.is_stopping() && self.lp.take_stop() && self.stopped(),
            };
            if ended {
                return Progress::Ended;
            }
            if self.lp.is_anything_ready() {
                if self.lp.is_spent() {
                    // A turn that began without a budget would be for nothing, always for the same task.
                    return Progress::Busy;
                }
                continue;
            }
            match self.phase {
                RunPhase::Leftovers if self.lp.forsake_stranded() => {}
                // Not the end: another phase follows.
                RunPhase::Leftovers if self.is_all_put_off() => _ = self.stopped(),
                RunPhase::Closing if self.last_turns > 0 => {}
                _ => return Progress::Idle,
            }
        }
        Progress::Busy
    }

    /// The loop was stopped: the main task has ended, or the remaining tasks have. Returns whether that is
    /// the end.
    fn stopped(&mut self) -> bool {
        if self.keep {
            return true;
        }
        if self.phase == RunPhase::Main {
            self.phase = RunPhase::Leftovers;
            let leftovers = self.lp.tasks.all();
            if !leftovers.is_empty() {
                self.cancel(leftovers);
                return false;
            }
        }
        if let Some(leftovers) = self.leftovers.take() {
            let mut tasks = leftovers.tasks.clone();
            drop(leftovers);
            tasks.iter().for_each(report_leftover);
            // Theirs may be the last pointers, and the values somebody else's.
            tasks.extend(self.lp.take_stranded());
            report::discard_each(tasks);
        }
        // Tasks that were created while the others were cancelled are dropped, as in asyncio.
        if self.phase == RunPhase::Leftovers {
            self.phase = RunPhase::Generators;
            let generators = self.lp.generators.suspended();
            if !generators.is_empty() {
                self.close(generators);
                return false;
            }
        }
        self.phase = RunPhase::Closing;
        false
    }

    /// Closes the generators, all at the same time, and stops the loop when they are closed.
    fn close(&self, generators: Vec<Rc<dyn Leftover>>) {
        let closes = generators
            .into_iter()
            .map(Leftover::close)
            .collect::<Vec<_>>();
        // In a task, because what a generator does when it is closed may await.
        let lp = self.lp.clone();
        let at = Location::caller();
        let closing = async move {
            let spawn = |close| TaskOf::spawn(&lp, close, at);
            let tasks: Vec<_> = closes.into_iter().map(spawn).collect();
            let countdown = Countdown::of(&lp, tasks.iter().map(TaskOf::any).cloned().collect());
            let mut wait = Join::new(Target::Other(countdown), at);
            let waited = poll_fn(|cx| wait.poll(cx)).await;
            // As in asyncio, which tells the loop's exception handler.
            for task in tasks {
                if let Err(error) = task.take() {
                    if !error.is_cancel() {
                        report::unhandled(&"an async generator that was closed", &error);
                    }
                }
            }
            waited
        };
        let all = TaskOf::spawn(&self.lp, closing, at);
        let stop = Rc::new(Stop(self.lp.clone()));
        all.any().completion().add(Callback::Notify(stop, 0));
    }

    /// Cancels what is left, and stops the loop when all of it has ended.
    fn cancel(&mut self, leftovers: Vec<AnyTask>) {
        // All of them first, in the order in which they were created. One that ends meanwhile is still counted, as a
        // callback that is added after the end is told as well.
        self.lp.begin_end();
        cancel_all(&leftovers);
        // One in a group that nobody polled may have been cancelled before, to no avail: the loop must hear of it now.
        for task in &leftovers {
            if task.core().is_in_group() {
                task.wake_in(&self.lp);
            }
        }
        let countdown = Countdown::of(&self.lp, leftovers);
        let stop = Rc::new(Stop(self.lp.clone()));
        countdown.end.add(Callback::Notify(stop, 0));
        self.leftovers = Some(countdown);
    }

    /// Whether what is left cannot end now (invariant 6).
    fn is_all_put_off(&self) -> bool {
        let Some(leftovers) = &self.leftovers else {
            return false;
        };
        let left = leftovers.left.get();
        let all = left > 0 && self.lp.stranded_in_generators() == left;
        if all {
            leftovers.given_up.set(true);
        }
        all
    }

    /// Nothing is ready: waits for the next deadline. Returns whether there is something to do already.
    fn wait(&mut self, cx: &mut Context<'_>) -> Result<bool, Error> {
        // Invariant 4: the waker is left, and everything looked at again.
        if !self.lp.inbox.wait(cx.waker()) || !self.lp.is_idle() {
            return Ok(true);
        }
        if self.lp.is_virtual() {
            return match self.lp.is_at_work() {
                // Another thread's value would come at some time that the virtual clock does not know. So that
                // stands still until it has come.
                true => Ok(false),
                // A thread brings what it waits for before it waits.
                false if self.lp.inbox.is_filled() => Ok(true),
                false if self.lp.rest() || self.lp.jump() => Ok(true),
                false => Err(deadlock(&self.lp)),
            };
        }
        let when = self.lp.deadline();
        // Tokio clones the waker (invariant 4): a timer may have been set that is to come before `when`.
        let come = self.set_alarm(when, cx);
        Ok(come || !self.lp.is_idle() || self.lp.deadline() != when)
    }

    /// Sets the alarm to `when`. Returns whether that time has come.
    fn set_alarm(&mut self, when: Option<u64>, cx: &mut Context<'_>) -> bool {
        let Some(when) = when else {
            // An alarm that is left would wake the loop's task for nothing.
            self.alarm = None;
            return false;
        };
        let deadline = tokio::time::Instant::from_std(self.lp.instant(when));
        let at = self.main.any().core().created_at;
        let alarm = self.alarm.get_or_insert_with(|| {
            // Tokio's own panic would not say who needs it.
            assert!(
                Handle::try_current().is_ok(),
                "the loop that runs at {at} needs tokio's timers: use `aio::run`, or await `EventLoop::run` under tokio"
            );
            Box::pin(tokio::time::sleep_until(deadline))
        });
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        pin!(alarm).poll(cx).is_ready()
    }

    fn end(&mut self) -> Result<T, Error> {
        let outcome = self.main.take();
        if !self.keep {
            self.lp.clear();
        }
        outcome
    }
}

/// A task that was left has ended: nobody may look at its error from now on, whoever has a handle. As in CPython's
/// `run`.
fn report_leftover(task: &AnyTask) {
    let core = task.core();
    if core.is_done() && !task.is_cancelled() && !core.is_seen() {
        if let Some(Err(error)) = task.outcome() {
            report::unhandled(
                &format_args!("{}, created at {},", core.name(), core.created_at),
                &error,
            );
        }
        core.see();
    }
}

enum Progress {
    Ended,
    Idle,
    Busy,
}

impl<T: 'static> Future for Running<'_, T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let _entered = match Entered::new(&self.lp) {
            Ok(entered) => entered,
            Err(error) => return Poll::Ready(Err(error)),
        };
        loop {
            match self.advance() {
                Progress::Ended => return Poll::Ready(self.end()),
                Progress::Busy => {
                    // The others on the thread first.
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Progress::Idle => match self.wait(cx) {
                    Ok(true) => {}
                    Ok(false) => return Poll::Pending,
                    Err(error) => return Poll::Ready(Err(error)),
                },
            }
        }
    }
}

impl<T: 'static> Drop for Running<'_, T> {
    fn drop(&mut self) {
        // Destructors may use the loop, unless another one runs on this thread.
        let _entered = Entered::new(&self.lp).ok();
        if self.body.is_some() {
            // The future is dropped before its end: so is everything else (invariant 2).
            self.keep = false;
        }
        report::discard(self.body.take());
        if !self.keep {
            self.lp.clear();
        }
        // Here, while the loop is the thread's: tokio drops a waker with it.
        mem::take(&mut self.alarm);
    }
}
