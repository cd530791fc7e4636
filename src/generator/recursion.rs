use core::error::Error;
use core::fmt;

use crate::frame::Exception;

/// The exception that is raised where generators resume each other so deep that the thread's stack is nearly used up.
/// Python: `RecursionError`.
///
/// A delegation ([`Co::yield_from`](crate::Co::yield_from)) raises it in the body that delegates, in
/// place of resuming what it delegates to; if nothing there catches it, that body is over. Elsewhere it takes the
/// form of `TooDeep` in [`NextError`] and its kin, whose `into_exception` gives the exception.
///
/// The bound is the stack: a resume is refused where less than an eighth of it is left, or less than
/// 256 KiB of a large one. A thread with a larger stack ([`std::thread::Builder::stack_size`]) goes deeper.
/// (Linux, Android, macOS, iOS and Windows tell how large the stack is. Where the system does not, there is no
/// bound.)
///
/// A `for` loop, [`iter`](crate::Generator::iter) and a stream have no place for an error: there it is a panic with
/// the same message, for which the thread's stack has room; so it is also where a body deep in a chain of delegations
/// raised it and none caught it. ([`take_return`](crate::Generator::take_return) gives it afterwards.)
///
/// [`NextError`]: crate::NextError
///
/// # Examples
///
/// ```
/// use cogen::{BoxGen, Generator, NextError, RecursionError, Step, generator};
///
/// fn endless() -> BoxGen<'static, u32> {
///     generator(|co| async move { co.yield_from(endless()).await }).boxed()
/// }
///
/// let Err(NextError::Raised(exception)) = endless().next() else { panic!() };
/// assert!(exception.is::<RecursionError>());
/// assert_eq!(exception.to_string(), "maximum recursion depth exceeded");
/// ```
#[derive(Debug, Default)]
pub struct RecursionError {
    thrown: Option<Exception>,
}

impl RecursionError {
    pub(super) fn new(thrown: Option<Exception>) -> Self {
        Self { thrown }
    }

    /// The exception that was to be thrown, if the operation was a throw.
    pub fn into_thrown(self) -> Option<Exception> {
        self.thrown
    }
}

/// A loop over a generator that is too deep to be resumed panics: if the loop just ended, it would look as if the
/// generator had.
#[cold]
#[inline(never)]
#[track_caller]
pub(super) fn too_deep() -> ! {
    panic!("{} in a loop over a generator", RecursionError::default())
}

impl fmt::Display for RecursionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("maximum recursion depth exceeded")
    }
}

impl Error for RecursionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let thrown = self.thrown.as_ref()?;
        Some(&**thrown)
    }
}
