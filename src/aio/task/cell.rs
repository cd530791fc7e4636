//! A task with its type: the core, how it ended, and the body.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::super::cancelled::{Cancelled, Thrown, error_of};
use super::super::completion::{Awaited, Completion};
use super::super::error::Panicked;
use super::super::event_loop::core::LoopCore;
use super::super::group::{GroupCore, Mode};
use super::super::report::{self, Report};
use super::super::{Error, Output};
use super::core::{AnyTask, TaskCore};
use super::waker::Lent;
use crate::frame::{Exception, Frame, Key, Never, Resume, Resumed, resume_any};

/// A body that can be stepped.
pub(in super::super) trait Body<T> {
    /// Polls it, with a cancel to deliver or without. Its end, if it has come.
    fn step(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cancelled: Option<Cancelled>,
    ) -> Option<Result<T, Error>>;
}

impl<T, F: Future<Output = Result<T, Error>>> Body<T> for Frame<'_, Never, (), F> {
    fn step(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        cancelled: Option<Cancelled>,
    ) -> Option<Result<T, Error>> {
        let resume = match cancelled {
            None => Resume::Continue,
            Some(cancelled) => Resume::Throw(Exception::new(Thrown(cancelled))),
        };
        match resume_any(self, Some(cx), resume) {
            Resumed::Complete(outcome) => Some(outcome),
            Resumed::Raised(exception) => Some(Err(error_of(exception))),
            Resumed::Pending(_) => None,
            Resumed::Yielded(never) => match never {},
            Resumed::Refused(_) => unreachable!("a task is not stepped after its end"),
        }
    }
}

/// A user's future, as the body of a task: its output is a result.
#[pin_project]
pub(in super::super) struct IntoResult<F>(#[pin] F);

impl<F> IntoResult<F> {
    pub(in super::super) fn new(future: F) -> Self {
        Self(future)
    }
}

impl<F: Future<Output: Output>> Future for IntoResult<F> {
    type Output = Result<<F::Output as Output>::Ok, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(self.project().0.poll(cx)).into_result())
    }
}

/// How a task ended, or that it has not.
pub(in super::super) enum Outcome<T> {
    Pending,
    Ended(Result<T, Error>),
    /// Its value went to an owner.
    Taken,
}

impl<T> Outcome<T> {
    /// Takes the value; an error stays, for other owners.
    pub(in super::super) fn take(&mut self) -> Result<T, Error> {
        match self {
            Self::Ended(Err(error)) => Err(error.clone()),
            Self::Ended(Ok(_)) => match std::mem::replace(self, Self::Taken) {
                Self::Ended(result) => result,
                _ => unreachable!("it has ended with a value"),
            },
            unavailable => unavailable.unavailable(),
        }
    }

    /// A clone of the value.
    pub(in super::super) fn get(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        match self {
            Self::Ended(result) => result.clone(),
            unavailable => unavailable.unavailable(),
        }
    }

    fn unavailable(&self) -> Result<T, Error> {
        Err(Error::InvalidState(match self {
            Self::Taken => "the result has been taken by another owner",
            _ => "the result is not set",
        }))
    }

    /// How it ended, without the value.
    pub(in super::super) fn end(&self) -> Option<Result<(), Error>> {
        match self {
            Self::Pending => None,
            Self::Ended(Err(error)) => Some(Err(error.clone())),
            Self::Ended(Ok(_)) | Self::Taken => Some(Ok(())),
        }
    }

    pub(in super::super) fn is_cancelled(&self) -> bool {
        matches!(self, Self::Ended(Err(Error::Cancelled(_))))
    }
}

/// A body that a task owns.
type OwnBody<T> = Pin<Box<dyn Body<T>>>;

pub(in super::super) struct TaskCell<T> {
    core: TaskCore,
    outcome: RefCell<Outcome<T>>,
    /// Somebody has looked at how it ended.
    seen: Cell<bool>,
    body: RefCell<Option<OwnBody<T>>>,
}

impl<T: 'static> TaskCell<T> {
    /// A task that owns its body, ready to run in the next turn.
    pub(in super::super) fn spawn<F>(lp: &Rc<LoopCore>, future: F) -> Rc<Self>
    where
        F: Future<Output: Output<Ok = T>> + 'static,
    {
        let frame = Frame::new(move |_| IntoResult::new(future));
        let key = frame.key();
        let body: OwnBody<T> = Box::pin(frame);
        let task = lp
            .tasks
            .insert(|id| Rc::new(Self::new(TaskCore::new(lp, id, key, false), Some(body))));
        (task.clone() as Rc<dyn AnyTask>).wake();
        task
    }

    /// A task whose body is elsewhere.
    pub(in super::super) fn external(lp: &Rc<LoopCore>, key: Key) -> Rc<Self> {
        let task = lp
            .tasks
            .insert(|id| Rc::new(Self::new(TaskCore::new(lp, id, key, true), None)));
        (task.clone() as Rc<dyn AnyTask>).wake();
        task
    }

    /// A task whose body belongs to a group's future.
    pub(in super::super) fn child(
        lp: &Rc<LoopCore>,
        key: Key,
        group: Rc<GroupCore>,
        index: u32,
    ) -> Rc<Self> {
        let task = Self::external(lp, key);
        task.core
            .with_rare(|rare| rare.group = Some((group, index)));
        task
    }

    /// A task that has ended with `error`, and never ran.
    pub(in super::super) fn ended(lp: &Rc<LoopCore>, error: Error) -> Rc<Self> {
        let key = Frame::<Never, (), _>::new(|_| std::future::ready(())).key();
        let task = lp
            .tasks
            .insert(|id| Rc::new(Self::new(TaskCore::new(lp, id, key, true), None)));
        task.finish(lp, Err(error));
        // It was made to be looked at.
        task.seen.set(true);
        task
    }

    fn new(core: TaskCore, body: Option<OwnBody<T>>) -> Self {
        Self {
            core,
            outcome: RefCell::new(Outcome::Pending),
            seen: Cell::new(false),
            body: RefCell::new(body),
        }
    }

    /// Polls a body as this task. Whether it has ended.
    pub(in super::super) fn poll_body(
        self: &Rc<Self>,
        lp: &LoopCore,
        body: Pin<&mut dyn Body<T>>,
        mode: Mode,
    ) -> bool {
        let task: Rc<dyn AnyTask> = self.clone();
        let cancelled = match mode {
            Mode::Step => self.core.begin(),
            Mode::Relay => None,
        };
        let before = lp.set_current(Some(task.clone()));
        let lent = Lent::new(&task, lp);
        let stepped = panic::catch_unwind(AssertUnwindSafe(|| {
            lent.with(|cx| body.step(cx, cancelled))
        }));
        drop(lp.set_current(before));
        match stepped {
            Ok(None) => {
                if mode == Mode::Step {
                    task.suspend();
                }
                false
            }
            Ok(Some(outcome)) => {
                self.finish(lp, outcome);
                true
            }
            Err(payload) => {
                self.finish(lp, Err(Error::Panicked(Panicked::new(payload))));
                true
            }
        }
    }

    /// The body has ended. A cancel that is still noted replaces a value, never an error.
    fn finish(&self, lp: &LoopCore, outcome: Result<T, Error>) {
        let outcome = match (outcome, self.core.take_noted()) {
            (Ok(_lost), Some(cancelled)) => Err(Error::Cancelled(cancelled)),
            (outcome, _) => outcome,
        };
        self.core.end();
        *self.outcome.borrow_mut() = Outcome::Ended(outcome);
        let held = lp.tasks.remove(self.core.id);
        self.core.completion.complete();
        drop(held);
    }

    pub(in super::super) fn is_pending(&self) -> bool {
        matches!(*self.outcome.borrow(), Outcome::Pending)
    }

    /// Takes the value.
    pub(in super::super) fn take(&self) -> Result<T, Error> {
        self.seen.set(true);
        self.outcome.borrow_mut().take()
    }

    /// Looks at how it ended.
    pub(in super::super) fn look<R>(&self, look: impl FnOnce(&Outcome<T>) -> R) -> R {
        self.seen.set(true);
        look(&self.outcome.borrow())
    }
}

impl<T: 'static> Awaited for TaskCell<T> {
    fn completion(&self) -> &Completion {
        &self.core.completion
    }

    fn is_cancelled(&self) -> bool {
        self.outcome.borrow().is_cancelled()
    }

    fn cancel(&self, message: Option<Arc<str>>) -> bool {
        let Some(task) = self
            .core
            .completion
            .lp()
            .and_then(|lp| lp.tasks.get(self.core.id))
        else {
            return false;
        };
        task.cancel(message)
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        self.look(Outcome::end)
    }
}

impl<T: 'static> AnyTask for TaskCell<T> {
    fn core(&self) -> &TaskCore {
        &self.core
    }

    fn step(self: Rc<Self>, lp: &LoopCore, mode: Mode) {
        // Out of the cell while it runs: nothing is borrowed then.
        let body = self.body.borrow_mut().take();
        if let Some(mut body) = body {
            if self.poll_body(lp, body.as_mut(), mode) {
                // A body that panicked is still there.
                dropped(body);
            } else {
                *self.body.borrow_mut() = Some(body);
            }
        }
    }

    fn forsake(self: Rc<Self>, lp: &LoopCore) {
        if self.is_pending() {
            self.finish(lp, Err(Error::Cancelled(Cancelled::new())));
        }
    }

    fn abandon(&self) {
        let body = self.body.borrow_mut().take();
        dropped(body);
    }

    fn as_awaited(self: Rc<Self>) -> Rc<dyn Awaited> {
        self
    }
}

impl<T> Drop for TaskCell<T> {
    fn drop(&mut self) {
        if self.seen.get() {
            return;
        }
        if let Outcome::Ended(Err(error)) = self.outcome.get_mut()
            && !error.is_cancelled()
        {
            report::report(&Report::NeverRetrieved {
                name: self.core.name(),
                error: error.clone(),
            });
        }
    }
}

/// Drops what a user wrote: a panic is reported, and stops nothing.
fn dropped<D>(body: D) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(body))) {
        report::report(&Report::CallbackPanicked(Panicked::new(payload)));
    }
}
#[cfg(test)]
mod sizes {
    #[test]
    fn print() {
        println!(
            "cell {} core {} completion {} sleep {} ",
            size_of::<super::TaskCell<()>>(),
            size_of::<super::TaskCore>(),
            size_of::<super::Completion>(),
            size_of::<crate::aio::Sleep>()
        );
    }
}
