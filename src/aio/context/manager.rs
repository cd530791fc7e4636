use std::future::Future;
use std::marker::PhantomData;

use crate::aio::async_generator::{AsyncCo, AsyncGenerator, async_generator};
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::thrown::error_of;
use crate::aio::scopes::scope::Scope;
use crate::context::YieldError;
use crate::debug::debug;
use crate::frame::Exception;

/// Something that is entered before a block, and left after it, however the block ends. Python: an
/// asynchronous context manager.
pub trait AsyncContext {
    /// What the block gets.
    type Resource;

    /// Enters, and gives what the block gets. Python: `__aenter__`.
    ///
    /// # Errors
    ///
    /// If it fails, the block does not run, and [`exit`](Self::exit) is not called.
    fn enter(&mut self) -> impl Future<Output = Result<Self::Resource, Error>>;

    /// Leaves, and is told the error that the block ended with. `true` swallows it. Python: `__aexit__`.
    ///
    /// # Errors
    ///
    /// An error here replaces the block's, which becomes its [context](Error::context).
    fn exit(&mut self, error: Option<&Error>) -> impl Future<Output = Result<bool, Error>>;

    /// Runs a block inside. Gives its value, or `None` if it ended with an error that was swallowed. Python:
    /// `async with self as resource:`.
    ///
    /// If an error leaves the block, even a cancel, [`exit`](Self::exit) is told of it, and is awaited. A
    /// cancel then goes on, and is raised.
    ///
    /// # Errors
    ///
    /// The block's, or that of entering or leaving.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    fn with<R: Output>(
        mut self,
        block: impl AsyncFnOnce(Self::Resource) -> R,
    ) -> impl Future<Output = Result<Option<R::Ok>, Error>>
    where
        Self: Sized,
    {
        // A boxed closure is gone once it has been called, so that only its future is held.
        let block = Box::new(block);
        async move {
            let resource = self.enter().await?;
            let ended = Scope::around(|| (*block)(resource)).await;
            leave(&mut self, ended.map(Output::into_result)).await
        }
    }
}

/// The block has ended, by itself or by what left it: leaves the context.
// A future of its own: what it keeps meanwhile is stored where the block's future was.
pub(in crate::aio) async fn leave<C: AsyncContext, T>(
    context: &mut C,
    ended: Result<Result<T, Error>, Exception>,
) -> Result<Option<T>, Error> {
    let (left, own) = match ended {
        Ok(left) => (left, false),
        Err(exception) => (Err(error_of(exception)), true),
    };
    let error = match left {
        Ok(value) => {
            context.exit(None).await?;
            return Ok(Some(value));
        }
        Err(error) => error,
    };
    let exited = context.exit(Some(&error)).await;
    if exited.map_err(|new| new.raised_over(&error))? {
        return Ok(None);
    }
    match error {
        Error::Cancelled(cancelled) if own => cancelled.raise().await,
        error => Err(error),
    }
}

/// A context manager made of a generator with one yield: what [`context_manager`] gives.
pub struct ContextManager<T> {
    generator: AsyncGenerator<T>,
}

/// Makes a context manager of a body that yields once: what is before the yield enters, what is after it
/// leaves. Python: `contextlib.asynccontextmanager`.
///
/// An error of the block is thrown at the yield: the body may clean up and let it go on
/// ([`finally`](crate::aio::finally), `?`), or swallow it ([`catch`](crate::aio::catch),
/// [`AsyncCo::try_yield`]). Clean-up is awaited when the block is cancelled, too.
///
/// It is an error ([`YieldError`]) if the body does not yield, or yields twice. If it ends with another error than the
/// block's, that is its [context](Error::context).
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, AsyncContext, testing};
/// use std::time::Duration;
///
/// let log = testing::Recorder::new();
/// testing::run(async {
///     let log = log.clone();
///     let manager = aio::context_manager(|co| async move {
///         log.emit("open");
///         aio::finally(co.yield_("resource"), async {
///             aio::sleep(Duration::from_secs(1)).await;
///             log.emit("close");
///         })
///         .await;
///     });
///     let length = manager.with(async |resource| resource.len()).await?;
///     assert_eq!(length, Some(8));
///     aio::ok(())
/// })?;
/// assert_eq!(log.events(), [(Duration::ZERO, "open"), (Duration::from_secs(1), "close")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn context_manager<T, F>(body: impl FnOnce(AsyncCo<T>) -> F) -> ContextManager<T>
where
    T: 'static,
    F: Future<Output: Output> + 'static,
{
    ContextManager {
        generator: async_generator(body),
    }
}

impl<T: 'static> AsyncContext for ContextManager<T> {
    type Resource = T;

    async fn enter(&mut self) -> Result<T, Error> {
        let entered = self.generator.anext().await?;
        entered.ok_or(YieldError::Never.into())
    }

    async fn exit(&mut self, error: Option<&Error>) -> Result<bool, Error> {
        let Some(error) = error else {
            return match self.generator.anext().await? {
                None => Ok(false),
                Some(_) => self.yielded_again(YieldError::Again).await,
            };
        };
        match self.generator.athrow(error.clone()).await {
            Ok(None) => Ok(true),
            Ok(Some(_)) => self.yielded_again(YieldError::AgainAfterThrow).await,
            Err(other) if other.is_same(error) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

impl<T: 'static> ContextManager<T> {
    async fn yielded_again(&self, error: YieldError) -> Result<bool, Error> {
        let error = error.into();
        Err(match self.generator.aclose().await {
            // It ignores the close as well.
            Ok(_) | Err(Error::Runtime(_)) => error,
            Err(other) => other.raised_over(&error),
        })
    }
}

debug!(impl[T] self: ContextManager<T> { generator: self.generator });

/// A context manager that closes an async generator: what [`aclosing`] gives.
#[derive(Debug)]
pub struct AClosing<Y, S> {
    generator: AsyncGenerator<Y, S>,
}

/// Gives the block `generator`, and closes it after the block. Python: `contextlib.aclosing`.
///
/// # Examples
///
/// ```
/// use cogen::State;
/// use cogen::aio::{self, AsyncContext};
///
/// aio::run(async {
///     let numbers = aio::async_generator(|co| async move {
///         for n in 0_u32.. {
///             co.yield_(n).await;
///         }
///     });
///     aio::aclosing(numbers.clone()).with(async |numbers| numbers.anext().await).await?;
///     assert_eq!(numbers.state(), State::Closed);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn aclosing<Y: 'static, S: 'static>(generator: AsyncGenerator<Y, S>) -> AClosing<Y, S> {
    AClosing { generator }
}

impl<Y: 'static, S: 'static> AsyncContext for AClosing<Y, S> {
    type Resource = AsyncGenerator<Y, S>;

    async fn enter(&mut self) -> Result<AsyncGenerator<Y, S>, Error> {
        Ok(self.generator.clone())
    }

    async fn exit(&mut self, _error: Option<&Error>) -> Result<bool, Error> {
        self.generator.aclose().await?;
        Ok(false)
    }
}

/// A context manager that does nothing: what [`nullcontext`] gives.
#[derive(Debug)]
pub struct NullContext<T> {
    resource: Option<T>,
    types: PhantomData<fn() -> T>,
}

/// Gives the block `resource`, and does nothing after it. Python: `contextlib.nullcontext`.
pub fn nullcontext<T>(resource: T) -> NullContext<T> {
    NullContext {
        resource: Some(resource),
        types: PhantomData,
    }
}

impl<T> AsyncContext for NullContext<T> {
    type Resource = T;

    async fn enter(&mut self) -> Result<T, Error> {
        let entered = Error::Runtime("the context was entered before");
        self.resource.take().ok_or(entered)
    }

    async fn exit(&mut self, _error: Option<&Error>) -> Result<bool, Error> {
        Ok(false)
    }
}
