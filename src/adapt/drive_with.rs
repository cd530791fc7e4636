//! Drives whose handler is lent its state, and which any executor can spawn.

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;

use super::drive::DriveError;
use crate::frame::IntoException;
use crate::generator::{Generator, Step};

/// What a handler that is lent its state answers with:
/// [`drive_async_with`](crate::GeneratorExt::drive_async_with).
pub type HandlerFuture<'s, T> = Pin<Box<dyn Future<Output = T> + Send + 's>>;

pub(super) fn drive_async_with<G: Generator, S>(
    generator: G,
    mut state: S,
    mut handler: impl for<'s> FnMut(&'s mut S, G::Yield) -> HandlerFuture<'s, G::Resume>,
) -> impl Future<Output = Result<G::Return, DriveError<G::Resume>>> {
    // Boxed: as in `drive_async`.
    let mut generator = Box::pin(generator);
    async move {
        let mut step = generator.astart().await?;
        loop {
            step = match step {
                Step::Complete(value) => return Ok(value),
                Step::Yielded(request) => {
                    let reply = handler(&mut state, request).await;
                    generator.asend(reply).await?
                }
            }
        }
    }
}

pub(super) fn try_drive_async_with<G: Generator, S, E: IntoException>(
    generator: G,
    mut state: S,
    mut handler: impl for<'s> FnMut(&'s mut S, G::Yield) -> HandlerFuture<'s, Result<G::Resume, E>>,
) -> impl Future<Output = Result<G::Return, DriveError<G::Resume>>> {
    // As above.
    let mut generator = Box::pin(generator);
    async move {
        let mut step = generator.astart().await?;
        loop {
            step = match step {
                Step::Complete(value) => return Ok(value),
                Step::Yielded(request) => match handler(&mut state, request).await {
                    Ok(reply) => generator.asend(reply).await?,
                    Err(error) => generator.athrow(error).await?,
                },
            }
        }
    }
}
