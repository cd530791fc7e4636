//! A scope of a task: what catches what is thrown and raised in it.
//!
//! The scope belongs to the task that polls it. That may be a different task each time: an async generator's body may
//! be driven by several.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project::pin_project;

use crate::aio::core::error::Error;
use crate::aio::core::raw::current_task::running;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::waker::is_lent_to;
use crate::aio::core::registration::no_task;
use crate::aio::core::task::task_core::place::Node;
use crate::aio::core::thrown::{Thrown, error_of};
use crate::frame::{Exception, has_yielded};

/// How the task knows a scope.
pub(in crate::aio) enum Edge {
    /// The scope has not been polled. Where it was made.
    New(&'static Location<'static>),
    /// The node is the scope's.
    Own(Rc<Node>),
    /// The node is that of a limit, a group or a generator, which looks after it.
    Lent(Rc<Node>),
}

impl Edge {
    /// Around a clean-up.
    pub(in crate::aio) fn around_clean_up() -> Self {
        let node = Node::new();
        node.clean();
        Self::Own(node)
    }

    /// Where the scope was made, until it is polled.
    fn at(&self) -> Option<&'static Location<'static>> {
        match self {
            Self::New(at) => Some(at),
            Self::Own(_) | Self::Lent(_) => None,
        }
    }

    fn node(&mut self) -> &Rc<Node> {
        if let Self::New(_) = self {
            *self = Self::Own(Node::new());
        }
        match self {
            Self::Own(node) | Self::Lent(node) => node,
            Self::New(_) => unreachable!("it has a node by now"),
        }
    }

    /// Polls `inside` as a scope, and drops it when the scope ends.
    #[track_caller]
    pub(in crate::aio) fn poll_around<F: Future>(
        &mut self,
        mut inside: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<F::Output, Exception>> {
        let Some(task) = running() else {
            no_task(self.at().unwrap_or_else(|| Location::caller()))
        };
        let node = self.node();
        let outcome = match poll_in(node, &task, inside.as_mut(), cx) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => {
                wait(node, &task, cx);
                return Poll::Pending;
            }
        };
        if outcome.as_ref().is_err_and(Exception::is::<Thrown>) {
            // What is dropped below does not give its cancels back.
            node.unwind();
        }
        inside.set(None);
        self.leave();
        Poll::Ready(outcome)
    }

    /// The scope has ended, or is dropped.
    fn leave(&self) {
        match self {
            Self::New(_) => {}
            Self::Own(node) => {
                node.give_up();
                node.leave();
            }
            Self::Lent(node) => node.leave(),
        }
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        self.leave();
    }
}

#[track_caller]
fn poll_in<F: Future>(
    node: &Rc<Node>,
    task: &AnyTask,
    inside: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, Exception>> {
    let Some(running) = inside.as_pin_mut() else {
        finished()
    };
    let polled = {
        let _inside = task.enter_scope(node);
        if let Some(exception) = node.take_thrown(task) {
            return Poll::Ready(Err(exception));
        }
        running.poll(cx)
    };
    // What raised in there may stand beside what ended it.
    match task.take_held(Some(node), polled.is_ready()) {
        Some(exception) => Poll::Ready(Err(exception)),
        None => polled.map(Ok),
    }
}

/// The inside is pending.
#[inline]
fn wait(node: &Rc<Node>, task: &AnyTask, cx: &Context<'_>) {
    let foreign = !is_lent_to(cx.waker(), task);
    node.polled_with(foreign.then(|| cx.waker()), has_yielded(cx));
}

/// A scope around `F`.
#[pin_project]
pub(in crate::aio) struct Scope<F> {
    // First, so that it is dropped before the task forgets the scope.
    #[pin]
    inside: Option<F>,
    edge: Edge,
}

impl<F: Future> Scope<F> {
    /// A scope that was made by the caller.
    #[track_caller]
    pub(in crate::aio) fn new(inside: F) -> Self {
        Self::made_at(Location::caller(), inside)
    }

    pub(in crate::aio) fn made_at(at: &'static Location<'static>, inside: F) -> Self {
        Self {
            inside: Some(inside),
            edge: Edge::New(at),
        }
    }

    /// A scope around what `make` makes.
    // Not inlined, so that what is moved on the way is not on the stack of an async block that awaits it.
    #[inline(never)]
    pub(in crate::aio) fn around(at: &'static Location<'static>, make: impl FnOnce() -> F) -> Self {
        Self::made_at(at, make())
    }

    /// A scope with a node that somebody else looks after.
    pub(in crate::aio) fn with(node: Rc<Node>, inside: F) -> Self {
        Self {
            inside: Some(inside),
            edge: Edge::Lent(node),
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = Result<F::Output, Exception>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.edge.poll_around(this.inside, cx)
    }
}

#[cold]
#[inline(never)]
#[track_caller]
fn finished() -> ! {
    panic!("a scope was polled after it had ended")
}

/// What was caught, as an error. A cancel is on its way as long as the user has it.
pub(in crate::aio) fn caught(exception: Exception) -> Error {
    let mut error = error_of(exception);
    if let (Error::Cancelled(cancelled), Some(task)) = (&mut error, running()) {
        task.catch(cancelled);
    }
    error
}
