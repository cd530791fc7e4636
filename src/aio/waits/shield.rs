use std::cell::OnceCell;
use std::future::IntoFuture;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use super::child::{Child, handles};
use crate::aio::core::awaiting::{Awaitable, Ending, Owned, Source};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::completion::{Callback, CallbackId, Completion};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::handles::identity::identity;
use crate::aio::core::handles::task_handle::exception_of;
use crate::aio::core::target::{Awaited, Begun, Target};
use crate::debug::debug;

/// A child that cancels do not reach: what [`shield`] gives. A clone is the same shield.
#[must_use = "the child runs, but nobody hears how it ends: await it"]
pub struct Shield<S> {
    source: S,
    handle: Rc<Handle>,
}

/// What the clones of a shield share.
struct Handle {
    core: Rc<ShieldCore>,
    /// The shield's callback on the child inside.
    callback: Option<CallbackId>,
}

impl Drop for Handle {
    /// The child inside does not keep the shield alive, because the shield keeps the child alive.
    fn drop(&mut self) {
        if let Some(callback) = self.callback {
            self.core.inner.0.completion().remove(callback);
        }
    }
}

struct ShieldCore {
    completion: Completion,
    inner: Ending,
    /// Set if the shield was cancelled; the child inside was not.
    cancelled: OnceCell<Cancelled>,
}

impl Observer for ShieldCore {
    fn notified(self: Rc<Self>, _index: u32) {
        if !self.completion.done() {
            self.completion.complete();
        }
    }
}

impl ShieldCore {
    /// Cancels the shield. Returns whether it had not ended before.
    fn cancel(&self, message: Option<Arc<str>>) -> bool {
        if self.completion.done() {
            return false;
        }
        let _first = self.cancelled.set(Cancelled::with(message));
        self.completion.complete();
        true
    }
}

impl Awaited for ShieldCore {
    fn completion(&self) -> &Completion {
        &self.completion
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.get().is_some() || self.inner.0.is_cancelled()
    }

    fn begin_cancel(&self, message: Option<&Arc<str>>) -> Begun {
        Begun::Ended(self.cancel(message.cloned()))
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        if !self.completion.done() {
            return None;
        }
        match self.cancelled.get() {
            Some(cancelled) => Some(Err(Error::Cancelled(cancelled.clone()))),
            None => self.inner.0.outcome(),
        }
    }
}

/// Waits for a child that runs on if the wait is cancelled. Python: `asyncio.shield`.
///
/// A future becomes a task, which protects it from cancels; a scope would not. A cancel of the task that
/// awaits the shield is raised there at once. The child runs on, and if it ends with an error that nobody
/// looks at, that is reported. Keep a handle to the child to wait for its end. When the loop ends, the child
/// is cancelled like any other task.
///
/// # Errors
///
/// What the child ended with.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let second = Duration::from_secs(1);
///     let write = aio::create_task(aio::sleep(2 * second));
///     let late = aio::timeout(second, aio::shield(&write)).await;
///     assert!(late.unwrap_err().is_timeout());
///     write.await // it was not cancelled
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn shield<C: Child>(child: C) -> Shield<C::Source> {
    current::with(|_| ());
    let source = child.into_source_at(Location::caller());
    let inner = source.awaited();
    let core = Rc::new(ShieldCore {
        completion: inner.0.completion().following(),
        inner,
        cancelled: OnceCell::new(),
    });
    let inside = core.inner.0.completion();
    let callback = if inside.done() {
        core.completion.complete();
        None
    } else {
        Some(inside.add(Callback::Notify(core.clone(), 0)))
    };
    Shield {
        source,
        handle: Rc::new(Handle { core, callback }),
    }
}

impl<S: Source> Shield<S> {
    /// Cancels the wait, not the child; `false` if it has ended.
    pub fn cancel(&self) -> bool {
        self.handle.core.cancel(None)
    }

    /// The same, with a message.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.handle.core.cancel(Some(message.into().into()))
    }

    /// Whether the wait has ended.
    pub fn done(&self) -> bool {
        self.handle.core.completion.done()
    }

    /// Whether the wait was cancelled, or has ended because the child was. Python: `Future.cancelled`.
    pub fn cancelled(&self) -> bool {
        self.done() && self.handle.core.is_cancelled()
    }

    /// A clone of the child's value, or its error, without waiting. Python: `Future.result`.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if the wait has not ended, or if an owner took the value; else what it
    /// ended with.
    pub fn result(&self) -> Result<S::Ok, Error>
    where
        S::Ok: Clone,
    {
        if self.done() {
            self.get()
        } else {
            Err(Error::InvalidState("the result is not set"))
        }
    }

    /// The error that the wait ended with; `None` if it ended with a value. Python: `Future.exception`.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has not ended, [`Cancelled`](Error::Cancelled) if it was cancelled.
    pub fn exception(&self) -> Result<Option<Error>, Error> {
        exception_of(&*self.handle.core)
    }

    /// Calls `call` with the shield when the wait has ended, in a later turn. The shield lives until then. Python:
    /// `Future.add_done_callback`.
    pub fn add_done_callback(&self, call: impl FnOnce(&Self) + 'static) -> CallbackId
    where
        S: Clone + 'static,
    {
        let shield = self.clone();
        let call = Box::new(move || call(&shield));
        self.handle.core.completion.add_kept(call)
    }

    /// Takes a callback back; returns whether it was still to be scheduled.
    pub fn remove_done_callback(&self, id: CallbackId) -> bool {
        self.handle.core.completion.remove(id)
    }
}

identity!([S] Shield<S>, |it| Rc::as_ptr(&it.handle).addr());

impl<S: Clone> Clone for Shield<S> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            handle: self.handle.clone(),
        }
    }
}

debug!(impl[S] self: Shield<S> { done: self.handle.core.completion.done(), .. });

impl<S> Awaitable for Shield<S> {
    fn awaited(&self) -> Ending {
        Ending(Target::Other(self.handle.core.clone()))
    }
}

impl<S: Source> Source for Shield<S> {
    type Ok = S::Ok;

    fn take(&self) -> Result<S::Ok, Error> {
        match self.handle.core.cancelled.get() {
            Some(cancelled) => Err(Error::Cancelled(cancelled.clone())),
            None => self.source.take(),
        }
    }

    fn get(&self) -> Result<S::Ok, Error>
    where
        S::Ok: Clone,
    {
        match self.handle.core.cancelled.get() {
            Some(cancelled) => Err(Error::Cancelled(cancelled.clone())),
            None => self.source.get(),
        }
    }
}

handles!([S: Source] Shield<S>);

impl<S: Source> IntoFuture for Shield<S> {
    type Output = Result<S::Ok, Error>;
    type IntoFuture = Owned<Self>;

    #[track_caller]
    fn into_future(self) -> Owned<Self> {
        Owned::new(self, Location::caller())
    }
}
