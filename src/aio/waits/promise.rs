use crate::aio::core::output::output;
use std::cell::{Cell, RefCell};
use std::future::IntoFuture;
use std::mem;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use crate::aio::core::awaiting::{Awaitable, Cloned, Ending, Owned, Source};
use crate::aio::core::cancelled::Cancelled;
use crate::aio::core::completion::{Callback, CallbackId, Completion};
use crate::aio::core::drop_flat::drop_flat;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::handles::identity::identity;
use crate::aio::core::handles::task_handle::exception_of;
use crate::aio::core::outcome::Outcome;
use crate::aio::core::raw::in_place::rc_with;
use crate::aio::core::report;
use crate::aio::core::target::{Awaited, Begun, Target};
use crate::debug::debug;
use crate::frame::IntoException;

/// A value that somebody will set, once. Python: `asyncio.Future`.
///
/// A clone is the same promise, and equal to it. It is awaited like a [`Task`](crate::aio::Task): `promise.await` takes the value,
/// `(&promise).await` clones it. A cancel of a task that awaits the promise cancels the promise, for
/// everybody who awaits it; [`shield`](crate::aio::shield()) prevents that.
///
/// It belongs to one thread. To bring a value from another one, use a channel of tokio's or of `futures`.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Promise};
///
/// aio::run(async {
///     let promise = Promise::new();
///     let answer = aio::create_task({
///         let promise = promise.clone();
///         async move { promise.await }
///     });
///     promise.set_result(42)?;
///     assert_eq!(answer.await?, 42);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Promise<T> {
    cell: Rc<PromiseCell<T>>,
}

struct PromiseCell<T> {
    completion: Completion,
    outcome: RefCell<Outcome<T>>,
    created_at: &'static Location<'static>,
    /// Drops the outcome: where the promise is made, `T` is known to be `'static`.
    drop_outcome: fn(Outcome<T>),
    seen: Cell<bool>,
}

impl<T> PromiseCell<T> {
    fn look<R>(&self, look: impl FnOnce(&Outcome<T>) -> R) -> R {
        self.seen.set(true);
        look(&self.outcome.borrow())
    }

    #[inline(always)]
    fn set(&self, outcome: Result<T, Error>) -> Result<(), Error> {
        if self.completion.done() {
            return Err(Error::InvalidState("the result is already set"));
        }
        // The promise is pending: there is nothing to drop, which the optimiser does not see.
        mem::forget(self.outcome.replace(Outcome::Ended(outcome)));
        self.completion.complete();
        Ok(())
    }

    fn cancel(&self, message: Option<Arc<str>>) -> bool {
        // Whoever cancels it wants to hear no more of its error.
        self.seen.set(true);
        self.set(Err(Error::Cancelled(Cancelled::with(message))))
            .is_ok()
    }
}

impl<T: 'static> Promise<T> {
    /// A promise of the running loop. Python: `loop.create_future`.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    #[track_caller]
    #[allow(
        clippy::new_without_default,
        reason = "it belongs to a loop, and panics outside one"
    )]
    pub fn new() -> Self {
        let at = Location::caller();
        let cell = current::with(|lp| {
            rc_with(|| PromiseCell {
                completion: Completion::new(lp),
                outcome: RefCell::new(Outcome::Pending),
                created_at: at,
                drop_outcome: drop_flat,
                seen: Cell::new(false),
            })
        });
        Self { cell }
    }

    /// Sets the value. The tasks that await it resume in the next turn.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if the promise has ended; the value is dropped
    /// ([`try_set`](Self::try_set) gives it back).
    #[inline]
    pub fn set_result(&self, value: T) -> Result<(), Error> {
        self.cell.set(Ok(value))
    }

    /// Sets the value, or gives it back if the promise has ended.
    ///
    /// # Errors
    ///
    /// The value.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio::{self, Promise};
    ///
    /// aio::run(async {
    ///     let promise = Promise::new();
    ///     assert_eq!(promise.try_set("first"), Ok(()));
    ///     assert_eq!(promise.try_set("second"), Err("second"));
    ///     assert_eq!(promise.await?, "first");
    ///     aio::ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_set(&self, value: T) -> Result<(), T> {
        if self.done() {
            return Err(value);
        }
        let _set = self.cell.set(Ok(value));
        Ok(())
    }

    /// Sets an error, for everybody who awaits the promise: any error, or an [`Error`]. Python:
    /// `Future.set_exception`.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has ended.
    pub fn set_exception(&self, error: impl IntoException) -> Result<(), Error> {
        self.cell.set(Err(error.into_exception().into()))
    }

    /// Cancels the promise at once; `false` if it has ended, whose error then counts as looked at. The tasks that await it get
    /// [`Error::Cancelled`], in the next turn.
    pub fn cancel(&self) -> bool {
        self.cell.cancel(None)
    }

    /// The same, with a message.
    pub fn cancel_with(&self, message: impl Into<String>) -> bool {
        self.cell.cancel(Some(message.into().into()))
    }

    /// Whether it has ended.
    pub fn done(&self) -> bool {
        self.cell.completion.done()
    }

    /// Whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.cell.is_cancelled()
    }

    /// A clone of its value, or its error, without waiting.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has not ended, or if an owner took the value; else
    /// its error.
    pub fn result(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        self.cell.look(Outcome::get)
    }

    /// Its error; none for a value.
    ///
    /// # Errors
    ///
    /// [`InvalidState`](Error::InvalidState) if it has not ended, [`Cancelled`](Error::Cancelled) if
    /// it was cancelled.
    pub fn exception(&self) -> Result<Option<Error>, Error> {
        exception_of(&*self.cell)
    }

    /// Calls `call` with the promise when it has ended, in a later turn.
    pub fn add_done_callback(&self, call: impl FnOnce(&Self) + 'static) -> CallbackId {
        let ending = Rc::downgrade(&self.cell);
        let make = Box::new(move || -> Box<dyn FnOnce()> {
            // The caller that ends the promise, or asks after its end, holds it.
            let promise = ending.upgrade().map(|cell| Self { cell });
            Box::new(move || {
                if let Some(promise) = promise {
                    call(&promise);
                }
            })
        });
        self.cell.completion.add(Callback::Made(make))
    }

    /// Takes a callback back; returns whether it was still to be scheduled.
    pub fn remove_done_callback(&self, id: CallbackId) -> bool {
        self.cell.completion.remove(id)
    }
}

impl<T> Clone for Promise<T> {
    fn clone(&self) -> Self {
        Self {
            cell: self.cell.clone(),
        }
    }
}

identity!([T] Promise<T>, |it| Rc::as_ptr(&it.cell).addr());

debug!(impl[T] self: Promise<T> { done: self.cell.completion.done(), .. });

impl<T> Awaited for PromiseCell<T> {
    fn completion(&self) -> &Completion {
        &self.completion
    }

    fn is_cancelled(&self) -> bool {
        self.outcome.borrow().is_cancelled()
    }

    fn begin_cancel(&self, message: Option<&Arc<str>>) -> Begun {
        Begun::Ended(self.cancel(message.cloned()))
    }

    fn outcome(&self) -> Option<Result<(), Error>> {
        self.look(Outcome::end)
    }
}

impl<T: 'static> Awaitable for Promise<T> {
    fn awaited(&self) -> Ending {
        Ending(Target::Other(self.cell.clone()))
    }
}

impl<T: 'static> Source for Promise<T> {
    type Ok = T;

    #[inline]
    fn take(&self) -> Result<T, Error> {
        self.cell.seen.set(true);
        Outcome::take_from(&self.cell.outcome)
    }

    fn get(&self) -> Result<T, Error>
    where
        T: Clone,
    {
        self.result()
    }
}

impl<T: 'static> IntoFuture for Promise<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Owned<Self>;

    #[track_caller]
    fn into_future(self) -> Owned<Self> {
        Owned::new(self, Location::caller())
    }
}

impl<T: Clone + 'static> IntoFuture for &Promise<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Cloned<Promise<T>>;

    #[track_caller]
    fn into_future(self) -> Cloned<Promise<T>> {
        Cloned::new(self.clone(), Location::caller())
    }
}

impl<T> Drop for PromiseCell<T> {
    fn drop(&mut self) {
        if !self.seen.get() {
            if let Outcome::Ended(Err(error)) = self.outcome.get_mut() {
                if !error.is_cancel() {
                    report::never_retrieved("a promise", self.created_at, error);
                }
            }
        }
        if let Outcome::Ended(_) = self.outcome.get_mut() {
            (self.drop_outcome)(mem::replace(self.outcome.get_mut(), Outcome::Pending));
        }
    }
}

output!([T] Promise<T>);
