use std::future::Future;
use std::panic::Location;

use super::async_context::{AsyncContext, leave};
use crate::aio::async_generator::AsyncGenerator;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::scopes::scope::Scope;
use crate::debug::debug;

/// A context manager that closes an async generator: what [`aclosing`] gives.
#[derive(Debug)]
pub struct AClosing<Y, S> {
    generator: AsyncGenerator<Y, S>,
}

/// Gives the block `generator`, and closes it after the block. Python: `contextlib.aclosing`. [`closing`] is for other
/// things.
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

    async fn exit(&mut self, _error: &mut Option<Error>) -> Result<(), Error> {
        self.generator.aclose().await
    }
}

/// Something that is closed after a block: what [`closing`] gives.
#[must_use = "nothing is closed but after a block"]
pub struct ClosingAfter<T, C> {
    thing: T,
    close: C,
}

/// Lends a block `thing`, and calls `close` with it after the block, however that ends, also by a cancel. Python:
/// `contextlib.aclosing`, of anything. [`context::closing`](crate::context::closing) is the same without a loop.
///
/// The block borrows `thing`, so that this is no [`AsyncContext`]. On an exit stack a
/// [callback](super::AsyncExitStack::callback) does the same.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
///
/// aio::run(async {
///     let (near, mut far) = tokio::io::duplex(64);
///     let connection = aio::closing(near, async |mut connection| connection.shutdown().await);
///     connection.with(async |connection| connection.write_all(b"bye").await).await?;
///     let mut heard = String::new();
///     far.read_to_string(&mut heard).await?;
///     assert_eq!(heard, "bye");
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn closing<T, C, O>(thing: T, close: C) -> ClosingAfter<T, C>
where
    C: AsyncFnOnce(T) -> O,
    O: Output<Ok = ()>,
{
    ClosingAfter { thing, close }
}

impl<T, C, O> ClosingAfter<T, C>
where
    C: AsyncFnOnce(T) -> O,
    O: Output<Ok = ()>,
{
    /// Runs the block, and closes. Python: `async with aclosing(thing) as thing:`.
    ///
    /// # Errors
    ///
    /// The error of closing, or else that of the block.
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    #[track_caller]
    pub fn with<R: Output>(
        self,
        block: impl AsyncFnOnce(&mut T) -> R,
    ) -> impl Future<Output = Result<R::Ok, Error>> {
        let at = Location::caller();
        async move {
            let Self { mut thing, close } = self;
            let ended = Scope::around(at, || block(&mut thing)).await;
            let mut closer = Closer(Some((thing, close)));
            match leave(&mut closer, ended.map(Output::into_result)).await? {
                Some(value) => Ok(value),
                None => unreachable!("closing swallows nothing"),
            }
        }
    }
}

/// What is closed, as a context that has been entered.
struct Closer<T, C>(Option<(T, C)>);

impl<T, C, O> AsyncContext for Closer<T, C>
where
    C: AsyncFnOnce(T) -> O,
    O: Output<Ok = ()>,
{
    type Resource = ();

    async fn enter(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn exit(&mut self, _error: &mut Option<Error>) -> Result<(), Error> {
        match self.0.take() {
            Some((thing, close)) => close(thing).await.into_result(),
            None => Ok(()),
        }
    }
}

debug!(impl[T, C] ClosingAfter<T, C> { .. });
