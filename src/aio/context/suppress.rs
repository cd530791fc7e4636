use std::error::Error as StdError;

use super::async_context::AsyncContext;
use crate::aio::core::error::Error;
use crate::context::Suppress;

/// Swallows the error of the block if it is an `E`: the block's value is `None` then. Any other error, and a cancel, goes
/// on. Python: `contextlib.suppress`.
///
/// As in Python it may be entered again, also inside itself. A [group](Error::Group) is not looked into.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, AsyncContext, suppress};
/// use std::num::{ParseFloatError, ParseIntError};
///
/// aio::run(async {
///     let parse = async |()| "x".parse::<i32>();
///     assert_eq!(suppress::<ParseIntError>().with(parse).await?, None);
///     assert!(suppress::<ParseFloatError>().with(parse).await.is_err());
///     aio::ok(())
/// })?;
/// # Ok::<(), aio::Error>(())
/// ```
pub fn suppress<E: StdError + 'static>() -> Suppress<fn(&Error) -> bool> {
    let is_an_e: fn(&Error) -> bool = |error| error.downcast_ref::<E>().is_some();
    suppress_if(is_an_e)
}

/// Swallows the errors of the block that `is_suppressed` says `true` to. Python: `contextlib.suppress` with several
/// types, with `TimeoutError`, or with `CancelledError`.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, AsyncContext, Error, suppress_if, testing};
/// use std::time::Duration;
///
/// testing::run(async {
///     let in_time = suppress_if(Error::is_timeout).with(async |()| {
///         aio::wait_for(std::future::pending::<()>(), Duration::from_secs(1)).await
///     });
///     assert_eq!(in_time.await?, None);
///     aio::ok(())
/// })?;
/// # Ok::<(), Error>(())
/// ```
pub fn suppress_if<P: FnMut(&Error) -> bool>(is_suppressed: P) -> Suppress<P> {
    Suppress::new(is_suppressed)
}

impl<P: FnMut(&Error) -> bool> AsyncContext for Suppress<P> {
    type Resource = ();

    async fn enter(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn exit(&mut self, error: &mut Option<Error>) -> Result<(), Error> {
        self.swallow(error);
        Ok(())
    }
}
