use super::context::Context;
use crate::frame::{Exception, IntoException};

/// A decorator: calls `function` inside a context manager, which `make` makes for each call. Python: a context
/// manager as a decorator (`contextlib.ContextDecorator`).
///
/// # Examples
///
/// ```
/// use cogen::context::{context_manager, within};
/// use std::cell::RefCell;
/// use std::num::ParseIntError;
///
/// let log = RefCell::new(Vec::new());
/// let traced = || {
///     let log = &log;
///     context_manager(move |co| async move {
///         log.borrow_mut().push("enter");
///         co.finally(co.yield_(()), async { log.borrow_mut().push("leave") }).await;
///     })
/// };
/// let parse = within(traced, |text: &str| text.parse::<i32>()); // @traced()
/// assert_eq!(parse("7")?, Some(7));
/// assert!(parse("x").unwrap_err().is::<ParseIntError>());
/// assert_eq!(*log.borrow(), ["enter", "leave", "enter", "leave"]);
/// # Ok::<(), cogen::Exception>(())
/// ```
pub fn within<C: Context, A, R, E: IntoException>(
    make: impl Fn() -> C,
    function: impl Fn(A) -> Result<R, E>,
) -> impl Fn(A) -> Result<Option<R>, Exception> {
    move |argument| make().with(|_resource| function(argument))
}
