mod gather_core;

use std::future::{Future, IntoFuture};
use std::panic::Location;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use self::gather_core::GatherCore;
use super::child::{Child, handles};
use super::children::{Children, ClonedSources, Sources};
use crate::aio::core::awaiting::{Awaitable, Ending, Join, Owned, Source, expect_current};
use crate::aio::core::completion::CallbackId;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::handles::identity::identity;
use crate::aio::core::handles::task_handle::exception_of;
use crate::aio::core::target::{Awaited as _, Target};
use crate::aio::core::thrown::{Raised, Thrown};
use crate::debug::debug;
use crate::frame::Exception;

/// What the owners of a gather share.
struct Handle(Rc<GatherCore>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.forget();
    }
}

struct Inner<S> {
    handle: Handle,
    sources: S,
}

impl<S: Sources> Inner<S> {
    #[track_caller]
    fn new<C: Children<Sources = S>>(children: C, all: bool) -> Rc<Self> {
        let lp = current::expect();
        let at = Location::caller();
        let sources = children.into_sources_at(at);
        let core = GatherCore::new(&lp, sources.endings(), C::MAKE_TASKS, all, at);
        let handle = Handle(core);
        Rc::new(Self { handle, sources })
    }

    fn outcome(&self) -> Result<(), Error> {
        let pending = Error::InvalidState("the result is not set");
        self.handle.0.outcome().unwrap_or(Err(pending))
    }
}

macro_rules! gathers {
    ($(#[$doc:meta])* $name:ident, $function:ident, $all:literal, $ok:ty, |$inner:ident| $take:expr, $get:expr) => {
        $(#[$doc])*
        #[must_use = "the children run, but nobody hears how they end: await it"]
        pub struct $name<S> {
            inner: Rc<Inner<S>>,
        }

        impl<S: Sources> $name<S> {
            /// Lets at most `limit` of the futures among the children run at a time; the next one starts in
            /// the turn after one has ended. Call it before they run, that is, where the gather is made. Of
            /// several limits the last one counts.
            ///
            /// Children that are tasks already run as they are, and do not count towards the limit.
            ///
            /// # Panics
            ///
            /// If `limit` is zero.
            #[track_caller]
            pub fn limit(self, limit: usize) -> Self {
                self.inner.handle.0.limit(limit);
                self
            }

            /// Cancels every child that has not ended; returns whether there was one. The gather ends when
            /// they have ended.
            pub fn cancel(&self) -> bool {
                self.awaited().0.cancel()
            }

            /// Whether it has ended. If it ended with an error, children may still run.
            pub fn done(&self) -> bool {
                self.inner.handle.0.completion().done()
            }

            /// Whether it ended as cancelled. Python: `Future.cancelled`.
            pub fn cancelled(&self) -> bool {
                self.inner.handle.0.is_cancelled()
            }

            /// A clone of its values, or its error, without waiting. Python: `Future.result`.
            ///
            /// # Errors
            ///
            /// [`InvalidState`](Error::InvalidState) if it has not ended, or if an owner took a value; else what it
            /// ended with.
            pub fn result(&self) -> Result<$ok, Error>
            where
                S: ClonedSources,
            {
                self.inner.outcome()?;
                let $inner = &self.inner.sources;
                $get
            }

            /// The error that it ended with; `None` if it ended with values. Python: `Future.exception`.
            ///
            /// # Errors
            ///
            /// [`InvalidState`](Error::InvalidState) if it has not ended, [`Cancelled`](Error::Cancelled) if it was
            /// cancelled.
            pub fn exception(&self) -> Result<Option<Error>, Error> {
                exception_of(&*self.inner.handle.0)
            }

            /// Calls `call` with the gather when it has ended, in a later turn. The gather lives until then. Python:
            /// `Future.add_done_callback`.
            pub fn add_done_callback(&self, call: impl FnOnce(&Self) + 'static) -> CallbackId
            where
                S: 'static,
            {
                let gather = self.clone();
                let call = Box::new(move || call(&gather));
                self.inner.handle.0.completion().add_kept(call)
            }

            /// Takes a callback back; returns whether it was still to be scheduled.
            pub fn remove_done_callback(&self, id: CallbackId) -> bool {
                self.inner.handle.0.completion().remove(id)
            }
        }

        identity!([S] $name<S>, |it| Rc::as_ptr(&it.inner).addr());

        impl<S> Clone for $name<S> {
            fn clone(&self) -> Self {
                Self { inner: self.inner.clone() }
            }
        }

        debug!(impl[S] self: $name<S> { done: self.inner.handle.0.completion().done(), .. });

        impl<S> Awaitable for $name<S> {
            fn awaited(&self) -> Ending {
                Ending(Target::Other(self.inner.handle.0.clone()))
            }
        }

        impl<S: Sources> Source for $name<S> {
            type Ok = $ok;

            fn take(&self) -> Result<Self::Ok, Error> {
                self.inner.outcome()?;
                let $inner = &self.inner.sources;
                $take
            }

            fn get(&self) -> Result<Self::Ok, Error> {
                self.take()
            }
        }

        handles!([S: Sources] $name<S>);
    };
}

gathers! {
    /// Several children that run at the same time: what [`gather`] gives. A clone is the same gather.
    Gather, gather, false, S::Ok, |sources| sources.take(), sources.get()
}

gathers! {
    /// Several children that run at the same time: what [`gather_all`] gives. A clone is the same gather.
    GatherAll, gather_all, true, S::Each, |sources| Ok(sources.take_each()), Ok(sources.get_each())
}

/// Runs the children at the same time, and gives their values in their order. Python:
/// `asyncio.gather`.
///
/// It takes a tuple, a vector or an array of tasks, promises, gathers and futures; futures become
/// tasks at once, before it is awaited. The cost of a child does not depend on how many there are.
///
/// The futures own what they use, as they may outlive the caller. Children that borrow are tasks of a
/// [`task_group`](crate::aio::task_group), whose handles it takes:
///
/// ```
/// use cogen::aio;
///
/// async fn fetch(base: &str, page: u32) -> Result<String, aio::Error> {
///     Ok(format!("{base}/{page}"))
/// }
///
/// aio::run(async {
///     let base = "http://example.org".to_owned();
///     let pages = aio::task_group(async |group| {
///         let tasks = [1, 2].map(|page| group.create_task(fetch(&base, page)));
///         aio::gather(tasks).await
///     });
///     assert_eq!(pages.await?, ["http://example.org/1", "http://example.org/2"]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The first error comes out at once; the other children run on. A child that was cancelled counts as
/// an error, and so does one that is still to end in another loop ([`Error::Runtime`]).
///
/// # Panics
///
/// Outside a loop.
///
/// # Cancellation
///
/// A cancel of the task that awaits it cancels all children, and is raised when the first of them has ended.
/// Dropping the gather leaves them running. If it has failed by then, and nobody has asked how it ended, its error is
/// reported.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// async fn fetch(page: u32) -> Result<String, std::num::ParseIntError> {
///     Ok(format!("page {page}"))
/// }
///
/// aio::run(async {
///     let (one, sum) = aio::gather((fetch(1), async { 1 + 1 })).await?;
///     assert_eq!((one.as_str(), sum), ("page 1", 2));
///
///     let pages = aio::gather((1..4).map(fetch).collect::<Vec<_>>()).limit(2).await?;
///     assert_eq!(pages, ["page 1", "page 2", "page 3"]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn gather<C: Children>(children: C) -> Gather<C::Sources> {
    Gather {
        inner: Inner::new(children, false),
    }
}

/// Runs the children at the same time, and gives how each of them ended. Python: `asyncio.gather(…,
/// return_exceptions=True)`.
///
/// It is like [`gather`], but waits for all, and errors are results like others: awaiting it gives a tuple, a
/// vector or an array of `Result`s, without a `?` of its own.
///
/// A child that is still to end in another loop makes it raise [`Error::Runtime`].
///
/// Children that borrow are tasks of a group ([`gather()`]); `group.create_task(async { aio::ok(work.await) })` gives a `Result`
/// as a value, so that an error does not cancel the others.
///
/// # Panics
///
/// Outside a loop.
///
/// # Cancellation
///
/// A cancel of the task that awaits it cancels all children, and is raised when all have ended. A
/// [`cancel`](GatherAll::cancel) of the gather itself is raised, too, in the task that awaits it.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Error};
///
/// aio::run(async {
///     let halve = |n: u32| async move {
///         if n % 2 == 0 { Ok(n / 2) } else { Err(Error::new("odd")) }
///     };
///     let [four, five] = aio::gather_all([halve(4), halve(5)]).await;
///     assert_eq!(four?, 2);
///     assert_eq!(five.unwrap_err().to_string(), "odd");
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn gather_all<C: Children>(children: C) -> GatherAll<C::Sources> {
    GatherAll {
        inner: Inner::new(children, true),
    }
}

impl<S: Sources> IntoFuture for Gather<S> {
    type Output = Result<S::Ok, Error>;
    type IntoFuture = Owned<Self>;

    #[track_caller]
    fn into_future(self) -> Owned<Self> {
        Owned::new(self, Location::caller())
    }
}

impl<S: Sources> IntoFuture for GatherAll<S> {
    type Output = S::Each;
    type IntoFuture = Each<S>;

    #[track_caller]
    fn into_future(self) -> Each<S> {
        let join = Join::new(self.awaited().0, Location::caller());
        Each { gather: self, join }
    }
}

/// Awaits a [`GatherAll`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Each<S> {
    gather: GatherAll<S>,
    join: Join,
}

// Nothing in it is pinned.
impl<S> Unpin for Each<S> {}

impl<S: Sources> Future for Each<S> {
    type Output = S::Each;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<S::Each> {
        // A gather is not a task: it does not await itself.
        let _joined = ready!(self.join.poll(cx));
        if let Some(Err(error)) = self.gather.inner.handle.0.outcome() {
            // There is no other way to report this.
            let exception = match error {
                Error::Cancelled(cancelled) => Exception::new(Thrown(cancelled)),
                other => Exception::new(Raised(other)),
            };
            expect_current().1.raise(exception);
            return Poll::Pending;
        }
        Poll::Ready(self.gather.inner.sources.take_each())
    }
}

debug!(impl[S] self: Each<S> { gather: self.gather, .. });
