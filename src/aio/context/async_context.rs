use std::future::Future;
use std::panic::Location;
use std::thread;

use crate::aio::core::awaiting::expect_task;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::scopes::scope::{Scope, caught};
use crate::context::{lost, while_unwinding};
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

    /// Leaves. The error that the block ended with, if any, is in `error`, and goes on if it stays there; taking it out
    /// swallows it. Python: `__aexit__`, which returns whether it swallows. It is the shape of
    /// [`Context::exit`](crate::context::Context::exit).
    ///
    /// # Errors
    ///
    /// If leaving fails. This error replaces the block's, which becomes its [context](Error::context) if it is still in
    /// `error`.
    fn exit(&mut self, error: &mut Option<Error>) -> impl Future<Output = Result<(), Error>>;

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
    #[track_caller]
    fn with<R: Output>(
        mut self,
        block: impl AsyncFnOnce(Self::Resource) -> R,
    ) -> impl Future<Output = Result<Option<R::Ok>, Error>>
    where
        Self: Sized,
    {
        // A boxed closure is gone once it has been called, so that only its future is held.
        let (block, at) = (Box::new(block), Location::caller());
        async move {
            expect_task(at);
            let resource = self.enter().await?;
            let ended = Scope::around(at, || (*block)(resource)).await;
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
        Err(exception) => (Err(caught(exception)), true),
    };
    let (value, mut passing) = match left {
        Ok(value) => (Some(value), Passing(None)),
        Err(error) => (None, Passing(Some(error))),
    };
    let exited = context.exit(&mut passing.0).await;
    let error = passing.0.take();
    match (exited, error) {
        (Err(new), error) => Err(raised_over(error.as_ref(), new)),
        (Ok(()), None) => Ok(value),
        (Ok(()), Some(Error::Cancelled(cancelled))) if own => cancelled.raise().await,
        (Ok(()), Some(error)) => Err(error),
    }
}

/// The error of a block. It is still here when leaving has panicked, or was dropped.
struct Passing(Option<Error>);

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(error) = self.0.take().filter(|_| thread::panicking()) {
            while_unwinding(|| lose(error));
        }
    }
}

/// A panic takes the place of `error`. (A cancel is no news.)
pub(super) fn lose(error: Error) {
    if !error.is_cancel() {
        lost(Exception::new(error));
    }
}

/// The error `new`, which was raised while another one was being handled, if there is one.
pub(super) fn raised_over(handled: Option<&Error>, new: Error) -> Error {
    match handled {
        Some(handled) => new.raised_over(handled),
        None => new,
    }
}
