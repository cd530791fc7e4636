use crate::aio::core::output::output;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use super::call::{CallKind, GeneratorCall};
use super::co::AsyncCo;
use super::generator_core::Core;
use crate::aio::core::body::IntoEnd;
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::leftovers::Leftover;
use crate::aio::core::output::Output;
use crate::aio::core::task::task_core::place::Node;
use crate::debug::debug;
use crate::frame::IntoException;
use crate::generator::{Generator, State, generator};

/// An async generator: what [`async_generator`] makes. Yields `Y`, is sent `S`. A clone is the same
/// generator. Python: an asynchronous generator (PEP 525).
///
/// Its calls are async, and made one at a time. Dropping a call leaves the generator where it is; the next
/// call continues from there, as each method describes. Dropping the last handle drops the body. A generator
/// that is suspended when its loop ends is closed before that.
pub struct AsyncGenerator<Y, S = ()> {
    core: Rc<Core<Y, S>>,
}

/// Makes an async generator of `body`, which gets the handle to yield with.
///
/// What the tasks that drive it throw into it ([`athrow`](AsyncGenerator::athrow),
/// [`aclose`](AsyncGenerator::aclose), a cancel while it awaits) unwinds its body to the innermost scope:
/// [`catch`](crate::aio::catch), [`catch_cancelled`](crate::aio::catch_cancelled),
/// [`finally`](crate::aio::finally). The body returns nothing, or a `Result` whose error the caller gets.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let ticks = aio::async_generator(|co| async move {
///         for n in 0..3_u32 {
///             aio::sleep(Duration::from_secs(1)).await;
///             co.yield_(n).await;
///         }
///     });
///     let mut seen = Vec::new();
///     while let Some(n) = ticks.anext().await? {
///         seen.push(n);
///     }
///     assert_eq!(seen, [0, 1, 2]);
///     assert_eq!(aio::testing::elapsed(), Duration::from_secs(3));
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn async_generator<Y, S, F>(body: impl FnOnce(AsyncCo<Y, S>) -> F) -> AsyncGenerator<Y, S>
where
    Y: 'static,
    S: 'static,
    F: Future<Output: Output> + 'static,
{
    let inner = generator(|co| IntoEnd::new(body(AsyncCo::new(co)))).unclosed();
    AsyncGenerator {
        core: Rc::new(Core {
            inner: RefCell::new(Some(inner)),
            node: Node::of_generator(),
            running: Cell::new(false),
            yielded: Cell::new(false),
            known: Cell::new(false),
        }),
    }
}

impl<Y: 'static, S: 'static> AsyncGenerator<Y, S> {
    /// Runs to the first yield; `None` if there is none.
    ///
    /// # Errors
    ///
    /// What the body ended with; [`Error::Runtime`] if the generator was started before, or if another call
    /// is under way.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// A cancel of the calling task is raised in the body, at what it awaits. If the call is dropped before
    /// its end, the body is left awaiting: another `astart` continues to the first yield.
    #[track_caller]
    pub fn astart(&self) -> impl Future<Output = Result<Option<Y>, Error>> {
        self.call(CallKind::Start, Location::caller())
    }

    /// Resumes at a yield with a value, and runs to the next one; `None` at the end. Python: `asend`.
    ///
    /// # Errors
    ///
    /// What the body ended with; [`Error::Runtime`] if the generator was not started, or if another call is
    /// under way. The value is dropped then.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// As for [`astart`](Self::astart), but the next `asend` continues. What the body yields then was the
    /// answer to the dropped call, and is dropped; that yield gets the value of the new call. If the body
    /// ends before that, the new call gives its end.
    #[track_caller]
    pub fn asend(&self, value: S) -> impl Future<Output = Result<Option<Y>, Error>> {
        self.call(CallKind::Send(value), Location::caller())
    }

    /// Throws an error at the yield where it is suspended, and runs to the next one; `None` if the body
    /// ends. Python: `athrow`.
    ///
    /// # Errors
    ///
    /// What the body ended with: the error itself, if it is not caught, or if the generator was not
    /// started or has ended; [`Error::Runtime`] if another call is under way.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// As for [`astart`](Self::astart); any other call continues with what the scope that took the error
    /// does. After a dropped call, the error arrives where the body awaits.
    #[track_caller]
    pub fn athrow(
        &self,
        error: impl IntoException,
    ) -> impl Future<Output = Result<Option<Y>, Error>> {
        let error = error.into_exception().into();
        self.call(CallKind::Throw(error), Location::caller())
    }

    /// Closes the generator: throws [`GeneratorExit`](crate::GeneratorExit) at the yield, and awaits the
    /// clean-up. A generator that was not started never runs. Python: `aclose`.
    ///
    /// # Errors
    ///
    /// What the body ended with instead; [`Error::Runtime`] if it yields, or if another call is under
    /// way.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// As for [`athrow`](Self::athrow): another `aclose` throws at what the clean-up awaits, which cuts that
    /// short.
    #[track_caller]
    pub fn aclose(&self) -> impl Future<Output = Result<(), Error>> {
        let closing = self.call(CallKind::Close, Location::caller());
        async move { closing.await.map(drop) }
    }

    /// Which state it is in.
    pub fn state(&self) -> State {
        if self.core.running.get() {
            return State::Running;
        }
        self.core
            .inner
            .borrow()
            .as_ref()
            .map_or(State::Closed, Generator::state)
    }

    pub(super) async fn call(
        &self,
        op: CallKind<S>,
        at: &'static Location<'static>,
    ) -> Result<Option<Y>, Error> {
        self.register();
        GeneratorCall::begin(&self.core)?.run(op, at).await
    }

    /// Tells the loop of the generator: if it is left suspended, it is closed at the loop's end.
    fn register(&self) {
        if !self.core.known.replace(true) {
            if let Some(lp) = current::get() {
                let weak: Weak<dyn Leftover> =
                    Rc::downgrade(&(self.core.clone() as Rc<dyn Leftover>));
                lp.generators.add(weak);
            }
        }
    }
}

impl<Y: 'static> AsyncGenerator<Y, ()> {
    /// Runs to the next yield; gives `None` at the end, and from then on. Python: `anext`, and the steps of
    /// `async for`.
    ///
    /// # Errors
    ///
    /// What the body ended with; [`Error::Runtime`] if another call is under way.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// A cancel of the calling task is raised in the body, at what it awaits. If the body swallows it and
    /// yields, the call gives that value. Dropping the call before its end loses nothing: the next `anext`
    /// continues, and gives the item.
    #[track_caller]
    pub fn anext(&self) -> impl Future<Output = Result<Option<Y>, Error>> {
        self.call(CallKind::Next(()), Location::caller())
    }
}

impl<Y, S> Clone for AsyncGenerator<Y, S> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
        }
    }
}

debug!(impl[Y, S] self: AsyncGenerator<Y, S> { running: self.core.running.get(), .. });

impl<Y: 'static, S: 'static> Leftover for Core<Y, S> {
    fn is_suspended(&self) -> bool {
        let inner = self.inner.borrow();
        inner
            .as_ref()
            .is_some_and(|inner| matches!(inner.state(), State::Suspended | State::Awaiting))
    }

    fn close(self: Rc<Self>) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> {
        let generator = AsyncGenerator { core: self };
        Box::pin(async move { generator.aclose().await })
    }
}

output!([Y, S] AsyncGenerator<Y, S>);
