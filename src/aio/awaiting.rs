//! How a task waits for something of the library that ends: another task, a promise, a gather.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::Error;
use super::cancelled::Thrown;
use super::completion::{Awaited, Callback, CallbackId, Wakee};
use super::event_loop::core::LoopCore;
use super::event_loop::current;
use super::task::AnyTask;
use super::task::waker::is_lent_to;
use crate::frame::Exception;

/// A handle to something that ends: a task, a promise, a gather. What [`wait`](super::wait) takes. Only
/// this crate implements it.
pub trait Awaitable {
    #[doc(hidden)]
    fn awaited(&self) -> Ending;
}

/// Something that ends, without its type.
#[doc(hidden)]
#[derive(Clone)]
pub struct Ending(pub(super) Rc<dyn Awaited>);

impl fmt::Debug for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ending").finish_non_exhaustive()
    }
}

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

/// A handle whose value is cloned, for other owners: what a reference to a [`Task`](super::Task) or a
/// [`Promise`](super::Promise) becomes in a gather.
#[derive(Clone, Debug)]
pub struct Borrowed<S>(pub(super) S);

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

/// The task whose turn it is. `None`: it is polled on behalf of a child of its, and has to wait for a
/// turn of its own, which it gets, unless the wait is `registered`, to be woken in time.
pub(super) fn whose_turn(
    cx: &Context<'_>,
    at: &'static Location<'static>,
    registered: bool,
) -> Option<Rc<dyn AnyTask>> {
    let Some(task) = current::get().and_then(|lp| lp.current()) else {
        no_task(at)
    };
    if task.core().is_running() {
        return Some(task);
    }
    if !registered {
        task.wake();
        cx.waker().wake_by_ref();
    }
    None
}

/// The loop and the task that runs.
///
/// # Panics
///
/// Outside a task.
#[track_caller]
pub(super) fn expect_current() -> (Rc<LoopCore>, Rc<dyn AnyTask>) {
    let lp = current::get();
    let task = lp.as_ref().and_then(|lp| lp.current());
    match (lp, task) {
        (Some(lp), Some(task)) => (lp, task),
        _ => no_task(Location::caller()),
    }
}

/// Panics outside a task.
pub(super) fn expect_task(at: &'static Location<'static>) {
    if current::get().and_then(|lp| lp.current()).is_none() {
        no_task(at);
    }
}

#[cold]
#[inline(never)]
fn no_task(at: &'static Location<'static>) -> ! {
    panic!("what was made at {at} was awaited outside a task: use `aio::run` or `EventLoop::run`")
}

/// Whom to wake.
pub(super) fn wakee(cx: &Context<'_>, task: &Rc<dyn AnyTask>) -> Wakee {
    if is_lent_to(cx.waker(), task) {
        Wakee::Task(task.clone())
    } else {
        Wakee::Waker(cx.waker().clone())
    }
}

/// Raises an exception in `task`, whose body is being polled: the innermost scope gets it.
pub(super) fn raise(task: &Rc<dyn AnyTask>, cx: &mut Context<'_>, exception: Exception) {
    let raise = pin!(task.core().key.co().raise(exception));
    // It never ends: it leaves the exception for the scope.
    let _: Poll<crate::Never> = raise.poll(cx);
}

/// A wait for the end of something.
///
/// 1. Registered: the target has our callback, and our task knows the target. Both are taken back when
///    it ends, or is dropped.
/// 2. A cancel that our task passed on, and that the target ended with, is our task's own: it is
///    raised. A cancel of the target's own is a value.
pub(super) struct Join {
    target: Rc<dyn Awaited>,
    at: &'static Location<'static>,
    registered: Option<Registered>,
}

struct Registered {
    task: Rc<dyn AnyTask>,
    callback: CallbackId,
    /// Of the combinator that polls us, if it is not the task itself.
    waker: Option<std::task::Waker>,
}

impl Join {
    pub(super) fn new(target: Rc<dyn Awaited>, at: &'static Location<'static>) -> Self {
        Self {
            target,
            at,
            registered: None,
        }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let Some(task) = whose_turn(cx, self.at, self.registered.is_some()) else {
            return Poll::Pending;
        };
        if !self.target.completion().done() {
            if Rc::as_ptr(&self.target).addr() == Rc::as_ptr(&task).addr() {
                return Poll::Ready(Err(Error::Runtime("a task cannot await itself")));
            }
            self.register(cx, task);
            return Poll::Pending;
        }
        let forwarded = self.registered.is_some() && task.core().take_forwarded();
        self.leave();
        if forwarded
            && self.target.is_cancelled()
            && let Some(Err(Error::Cancelled(cancelled))) = self.target.outcome()
        {
            raise(&task, cx, Exception::new(Thrown(cancelled)));
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn register(&mut self, cx: &Context<'_>, task: Rc<dyn AnyTask>) {
        let wakee = wakee(cx, &task);
        if let Some(registered) = &self.registered {
            let same = match (&registered.waker, &wakee) {
                (None, Wakee::Task(_)) => true,
                (Some(old), Wakee::Waker(new)) => old.will_wake(new),
                _ => false,
            };
            if same {
                return;
            }
            self.leave();
        }
        let foreign = match &wakee {
            Wakee::Task(_) => None,
            Wakee::Waker(theirs) => Some(theirs.clone()),
        };
        let callback = self.target.completion().add(Callback::Wake(wakee));
        task.core().enter_target(self.target.clone(), self.at);
        self.registered = Some(Registered {
            task,
            callback,
            waker: foreign,
        });
    }

    fn leave(&mut self) {
        if let Some(registered) = self.registered.take() {
            self.target.completion().remove(registered.callback);
            registered.task.core().leave_target(&self.target);
        }
    }
}

impl Drop for Join {
    fn drop(&mut self) {
        self.leave();
    }
}

macro_rules! awaits {
    ($(#[$doc:meta])* $name:ident, $value:ident, [$($bound:tt)*]) => {
        $(#[$doc])*
        ///
        /// # Panics
        ///
        /// If it is awaited outside a task, with the place where it was made.
        #[must_use = "a future does nothing until it is awaited"]
        pub struct $name<S: Source> {
            source: S,
            join: Join,
        }

        impl<S: Source> $name<S> {
            pub(super) fn new(source: S, at: &'static Location<'static>) -> Self {
                let join = Join::new(source.awaited().0, at);
                Self { source, join }
            }
        }

        // Nothing is pinned in it.
        impl<S: Source> Unpin for $name<S> {}

        impl<S: Source> Future for $name<S>
        where
            $($bound)*
        {
            type Output = Result<S::Ok, Error>;

            fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let joined = ready!(self.join.poll(cx));
                Poll::Ready(joined.and_then(|()| self.source.$value()))
            }
        }

        impl<S: Source> fmt::Debug for $name<S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("at", &format_args!("{}", self.join.at))
                    .finish_non_exhaustive()
            }
        }
    };
}

awaits! {
    /// Awaits a task, a promise, a gather or a shield, and takes its value: the future of `task.await`,
    /// which `into_future` makes where a combinator wants one.
    ///
    /// Of several owners the first has the value; the others have an
    /// [`InvalidState`](Error::InvalidState), or the error, if it ended with one.
    ///
    /// # Cancellation
    ///
    /// A cancel of the task that awaits it is passed on to what is awaited, and this is ready when that
    /// has ended. Dropping it changes nothing for what is awaited.
    Owned, take, []
}

awaits! {
    /// Awaits a task or a promise, and clones its value: the future of `(&task).await`. Every owner may.
    ///
    /// # Cancellation
    ///
    /// As [`Owned`].
    Cloned, get, [S::Ok: Clone]
}
