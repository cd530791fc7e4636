//! How a task waits for something of the library's that ends: another task, a promise, a gather.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::completion::{Callback, CallbackId};
use super::error::Error;
use super::registration::{Here, Registration, ToTarget, Turn, no_task};
use super::thrown::Thrown;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::foreign_waker::ForeignWaker;
use crate::aio::core::raw::current_task::{running, with_running};
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::raw::waker::lent;
use crate::aio::core::target::Target;
use crate::debug::debug;
use crate::frame::Exception;

/// A handle to something that ends: a task, a promise, a gather. What [`wait`](crate::aio::wait) takes. Only
/// this crate implements it.
pub trait Awaitable {
    #[doc(hidden)]
    fn awaited(&self) -> Ending;
}

/// Something that ends, without its type.
#[doc(hidden)]
#[derive(Clone)]
pub struct Ending(pub(in crate::aio) Target);

debug!(Ending { .. });

impl<A: Awaitable + ?Sized> Awaitable for &A {
    fn awaited(&self) -> Ending {
        (**self).awaited()
    }
}

/// A handle to something that ends with a value. Only this crate implements it.
pub trait Source: Awaitable {
    /// The value.
    type Ok;

    #[doc(hidden)]
    fn take(&self) -> Result<Self::Ok, Error>;

    #[doc(hidden)]
    fn get(&self) -> Result<Self::Ok, Error>
    where
        Self::Ok: Clone;
}

/// A handle whose value is cloned, for other owners: what a reference to a [`Task`](crate::aio::Task) or a
/// [`Promise`](crate::aio::Promise) becomes in a gather.
#[derive(Clone, Debug)]
pub struct Borrowed<S>(pub(in crate::aio) S);

impl<S: Awaitable> Awaitable for Borrowed<S> {
    fn awaited(&self) -> Ending {
        self.0.awaited()
    }
}

impl<S: Source<Ok: Clone>> Source for Borrowed<S> {
    type Ok = S::Ok;

    fn take(&self) -> Result<S::Ok, Error> {
        self.0.get()
    }

    fn get(&self) -> Result<S::Ok, Error> {
        self.0.get()
    }
}

/// What is awaited would end in another loop, which cannot run meanwhile. CPython: "attached to a different loop".
pub(in crate::aio) const FOREIGN: Error =
    Error::Runtime("what is awaited belongs to another event loop");

/// The loop and the running task.
///
/// # Panics
///
/// Outside a task.
#[track_caller]
pub(in crate::aio) fn expect_current() -> (Rc<LoopCore>, AnyTask) {
    expect_current_for(Location::caller())
}

/// The same, for something that was made at `at`.
pub(in crate::aio) fn expect_current_for(
    at: &'static Location<'static>,
) -> (Rc<LoopCore>, AnyTask) {
    match (current::get(), running()) {
        (Some(lp), Some(task)) => (lp, task),
        _ => no_task(at),
    }
}

/// Panics outside a task, for something that was made at `at`.
pub(in crate::aio) fn expect_task(at: &'static Location<'static>) {
    if with_running(|_| ()).is_none() {
        no_task(at);
    }
}

/// A wait for the end of something.
///
/// 1. Registered: the target has our callback, and our task knows the target. Both are taken back when the
///    target ends, or when the wait is dropped.
/// 2. If our task passed a cancel on through this wait, and the target ended with that cancel, it is our
///    task's own: it is raised. A cancel of the target's own is a value, and so is one that was passed on
///    through another wait.
/// 3. A wait that is dropped, or goes to another task, gives such a cancel back to the task that passed it
///    on, unless the target has swallowed it.
pub(in crate::aio) struct Join {
    registration: Registration<ToTarget>,
    at: &'static Location<'static>,
    /// Present while it is registered.
    callback: CallbackId,
    /// The waker of the combinator that polled us last; `None` if the task itself did.
    waker: Option<Box<ForeignWaker>>,
}

impl Join {
    pub(in crate::aio) fn new(target: Target, at: &'static Location<'static>) -> Self {
        Self {
            registration: Registration::to(target),
            at,
            callback: CallbackId::NONE,
            waker: None,
        }
    }

    fn target(&self) -> &Target {
        &self.registration.link.target
    }

    pub(in crate::aio) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<(), Error>> {
        match lent(cx.waker()) {
            Some(lent) if lent.task.core().is_running() => self.poll_in(cx, Turn::own(lent)),
            _ => self.poll_rarely(cx),
        }
    }

    /// Under a combinator's waker, or while a child of the task has its turn.
    #[cold]
    #[inline(never)]
    fn poll_rarely(&mut self, cx: &Context<'_>) -> Poll<Result<(), Error>> {
        let here = Here::find(cx, self.at);
        let asleep =
            |_: &LoopCore| self.registration.is_entered() && !self.target().completion().done();
        match here.turn(cx, asleep) {
            Some(turn) => self.poll_in(cx, turn),
            None => Poll::Pending,
        }
    }

    #[inline(always)]
    fn poll_in(&mut self, cx: &Context<'_>, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        let completion = self.target().completion();
        if completion.done() {
            return self.end(turn);
        }
        let can_end = completion.is_of(turn.lp) && !turn.task.core().completion.is(completion);
        if !can_end || self.registration.is_entered() || !turn.own {
            return self.wait_rarely(cx, turn);
        }
        self.callback = completion.add_task(turn.lp, turn.task.clone());
        self.registration.enter_first(turn.task.clone(), self.at);
        Poll::Pending
    }

    /// The target has not ended yet. It may never end, it may be waited for already, or a combinator polls
    /// us.
    #[cold]
    #[inline(never)]
    fn wait_rarely(&mut self, cx: &Context<'_>, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        if self.registration.is_cut_off(turn.task) {
            return Poll::Pending;
        }
        if matches!(self.target(), Target::Task(target) if target.is(turn.task)) {
            return Poll::Ready(Err(Error::Runtime("a task cannot await itself")));
        }
        if self.target().completion().is_forlorn() {
            return Poll::Ready(Err(Error::Runtime(
                "what is awaited never ends: its event loop is gone",
            )));
        }
        if self.target().completion().is_foreign_to(turn.lp) {
            return Poll::Ready(Err(FOREIGN));
        }
        self.register_rarely(turn, turn.foreign(cx));
        Poll::Pending
    }

    /// The target has ended.
    #[inline(always)]
    fn end(&mut self, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        if self.registration.is_cut_off(turn.task) {
            return Poll::Pending;
        }
        // The target has told us: there is no callback left to take back.
        if self.registration.end(turn.task) {
            self.end_forwarded(turn.task)
        } else {
            Poll::Ready(Ok(()))
        }
    }

    /// The target has ended, and a cancel of our task was passed on to it.
    #[cold]
    #[inline(never)]
    fn end_forwarded(&mut self, task: &AnyTask) -> Poll<Result<(), Error>> {
        if self.target().is_cancelled() {
            if let Some(Err(Error::Cancelled(cancelled))) = self.target().outcome() {
                task.raise(Exception::new(Thrown(cancelled)));
                self.registration.raises();
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Another combinator, or another task, may have polled this wait the last time. `waker` is that of the
    /// combinator that polls now.
    fn register_rarely(&mut self, turn: Turn<'_>, waker: Option<ForeignWaker>) {
        if self.registration.is_with(turn.task) && self.wakes(waker.as_ref()) {
            return;
        }
        self.take_callback_back();
        let before = self.registration.enter(turn.task, self.at);
        let callback = Callback::Wake(turn.wakee_of(waker.clone()));
        self.callback = self.target().completion().add(callback);
        self.waker = waker.map(Box::new);
        drop(before);
    }

    /// Whether the callback wakes the combinator with `waker`; without one, the task itself.
    fn wakes(&self, waker: Option<&ForeignWaker>) -> bool {
        match (self.waker.as_deref(), waker) {
            (None, None) => true,
            (Some(old), Some(new)) => old.is_same(new),
            _ => false,
        }
    }

    fn take_callback_back(&self) {
        if self.registration.is_entered() {
            self.target().completion().remove(self.callback);
        }
    }
}

impl Drop for Join {
    #[inline]
    fn drop(&mut self) {
        // Then the registration leaves.
        self.take_callback_back();
    }
}

macro_rules! awaits {
    ($(#[$doc:meta])* $name:ident, $value:ident, [$($bound:tt)*]) => {
        $(#[$doc])*
        ///
        /// # Panics
        ///
        /// If it is awaited outside a task; the message names the place where it was made.
        #[must_use = "a future does nothing until it is awaited"]
        pub struct $name<S: Source> {
            source: S,
            join: Join,
        }

        impl<S: Source> $name<S> {
            pub(in crate::aio) fn new(source: S, at: &'static Location<'static>) -> Self {
                let join = Join::new(source.awaited().0, at);
                Self { source, join }
            }
        }

        // Nothing in it is pinned.
        impl<S: Source> Unpin for $name<S> {}

        impl<S: Source> Future for $name<S>
        where
            $($bound)*
        {
            type Output = Result<S::Ok, Error>;

            #[inline(always)]
            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let joined = ready!(self.join.poll(cx));
                Poll::Ready(joined.and_then(|()| self.source.$value()))
            }
        }

        debug!(impl[S: Source] self: $name<S> { at: format_args!("{}", self.join.at), .. });
    };
}

awaits! {
    /// Awaits a promise, a gather or a shield, and takes its value. This is the future of
    /// `promise.await`; `into_future` makes it where a combinator needs one.
    ///
    /// The first of several owners gets the value. The others get [`InvalidState`](Error::InvalidState), or
    /// the error, if it ended with one.
    ///
    /// # Cancellation
    ///
    /// A cancel of the task that awaits it is passed on to what is awaited; this future is ready when that
    /// has ended. Dropping this future changes nothing for what is awaited.
    Owned, take, []
}

awaits! {
    /// Awaits a task or a promise, and clones its value: the future of `(&task).await`. Every owner can do
    /// so.
    ///
    /// # Cancellation
    ///
    /// As for [`Owned`].
    Cloned, get, [S::Ok: Clone]
}
