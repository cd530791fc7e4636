use std::fmt::Debug;

/// What [`logged`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a, A, R> {
    /// A call begins, with this argument.
    Call(&'a A),
    /// The call has ended, with this result.
    Return(&'a R),
}

/// Tells `log` of each call of `function`, and of what it returns. A call that is cancelled returns
/// nothing.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, decorators::logged};
/// use std::cell::RefCell;
///
/// aio::run(async {
///     let log = RefCell::new(Vec::new());
///     let double = logged(
///         |event| log.borrow_mut().push(format!("{event:?}")),
///         async |n: u32| 2 * n,
///     );
///     double(21).await;
///     assert_eq!(*log.borrow(), ["Call(21)", "Return(42)"]);
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn logged<A: Debug, R: Debug>(
    log: impl Fn(Event<'_, A, R>),
    function: impl AsyncFn(A) -> R,
) -> impl AsyncFn(A) -> R {
    async move |argument| {
        log(Event::Call(&argument));
        let result = function(argument).await;
        log(Event::Return(&result));
        result
    }
}
