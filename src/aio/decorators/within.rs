use std::panic::Location;

use crate::aio::context::{AsyncContext, leave};
use crate::aio::core::awaiting::expect_task;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::scopes::scope::Scope;

/// Calls `function` inside a context manager, which `make` makes for each call. Python: an asynchronous
/// context manager as a decorator (`contextlib.AsyncContextDecorator`).
///
/// For a context manager that may swallow the error of the call there is [`within_or_none`].
///
/// # Errors
///
/// The call's, or that of entering or leaving; [`Error::Runtime`] if the context manager swallowed the error that the
/// call ended with: there is no value then.
///
/// # Panics
///
/// If a call is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::within, testing};
/// use std::time::Duration;
///
/// let log = testing::Recorder::new();
/// testing::run(async {
///     let traced = || {
///         let log = log.clone();
///         aio::context_manager(|co| async move {
///             log.emit("enter");
///             aio::finally(co.yield_(()), async { log.emit("leave") }).await;
///         })
///     };
///     let double = within(traced, async |n: u32| {
///         aio::sleep(Duration::from_secs(1)).await;
///         2 * n
///     });
///     assert_eq!(double(21).await?, 42);
///     aio::ok(())
/// })?;
/// assert_eq!(log.events(), [(Duration::ZERO, "enter"), (Duration::from_secs(1), "leave")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn within<C: AsyncContext, A, R: Output>(
    make: impl Fn() -> C,
    function: impl AsyncFn(A) -> R,
) -> impl AsyncFn(A) -> Result<R::Ok, Error> {
    // One thing, so that the future of a call holds one reference.
    let within = (make, function, Location::caller());
    // Like `AsyncContext::with`, but without a closure, which would hold the argument as well.
    async move |argument| {
        let it = &within;
        expect_task(it.2);
        let mut context = (it.0)();
        let ended = {
            let _resource = context.enter().await?;
            Scope::around(it.2, || (it.1)(argument)).await
        };
        let left = leave(&mut context, ended.map(Output::into_result)).await?;
        left.ok_or(Error::Runtime(
            "the context manager swallowed the error of the call, which leaves no value: \
             `within_or_none` gives `None` for it",
        ))
    }
}

/// The same as [`within`], for a context manager that swallows errors: gives `None` for a call whose error was
/// swallowed.
///
/// # Errors
///
/// The call's, or that of entering or leaving.
///
/// # Panics
///
/// If a call is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::within_or_none};
/// use std::num::ParseIntError;
///
/// aio::run(async {
///     let parse = async |text: &str| text.parse::<i32>();
///     let parse = within_or_none(aio::suppress::<ParseIntError>, parse);
///     assert_eq!((parse("7").await?, parse("x").await?), (Some(7), None));
///     aio::ok(())
/// })?;
/// # Ok::<(), aio::Error>(())
/// ```
#[track_caller]
pub fn within_or_none<C: AsyncContext, A, R: Output>(
    make: impl Fn() -> C,
    function: impl AsyncFn(A) -> R,
) -> impl AsyncFn(A) -> Result<Option<R::Ok>, Error> {
    // One thing, so that the future of a call holds one reference.
    let within = (make, function, Location::caller());
    async move |argument| {
        let it = &within;
        expect_task(it.2);
        let mut context = (it.0)();
        let ended = {
            let _resource = context.enter().await?;
            Scope::around(it.2, || (it.1)(argument)).await
        };
        leave(&mut context, ended.map(Output::into_result)).await
    }
}
