use std::future::Future;

use super::async_context::AsyncContext;
use crate::aio::async_generator::{AsyncCo, AsyncGenerator, async_generator};
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::context::YieldError;
use crate::debug::debug;

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

    #[track_caller]
    fn enter(&mut self) -> impl Future<Output = Result<T, Error>> {
        let entering = self.generator.anext();
        async move { entering.await?.ok_or(YieldError::Never.into()) }
    }

    async fn exit(&mut self, error: &mut Option<Error>) -> Result<(), Error> {
        let Some(thrown) = error else {
            return match self.generator.anext().await? {
                None => Ok(()),
                Some(_) => self.yielded_again(YieldError::Again).await,
            };
        };
        match self.generator.athrow(thrown.clone()).await {
            Ok(None) => {
                *error = None;
                Ok(())
            }
            Ok(Some(_)) => self.yielded_again(YieldError::AgainAfterThrow).await,
            Err(passed) if passed.is_same(thrown) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

impl<T: 'static> ContextManager<T> {
    async fn yielded_again(&self, error: YieldError) -> Result<(), Error> {
        let error = error.into();
        Err(match self.generator.aclose().await {
            // It ignores the close as well.
            Ok(()) | Err(Error::Runtime(_)) => error,
            Err(other) => other.raised_over(&error),
        })
    }
}

debug!(impl[T] self: ContextManager<T> { generator: self.generator });
