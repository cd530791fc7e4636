use alloc::boxed::Box;
use core::error::Error;

use super::exception::Exception;

/// What can be thrown and raised: whatever turns into a `Box<dyn Error + Send + Sync>`.
///
/// That is any error that is `Send`, `Sync` and `'static`, such an error in a box, a message (`&str`, `String`), an
/// [`Exception`], and the error types of crates such as anyhow and eyre. The [guide](crate::guide::errors) has a table
/// of them.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, generator};
/// use std::error::Error;
/// use std::pin::pin;
///
/// let mut g = pin!(generator(|co| async move {
///     let error = co.try_yield(1).await.unwrap_err();
///     co.raise(format!("no: {error}")).await
/// }));
/// g.next()?;
/// let boxed: Box<dyn Error + Send + Sync> = "disk full".into();
/// assert_eq!(g.throw(boxed).unwrap_err().to_string(), "no: disk full");
/// # Ok::<(), cogen::Exception>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be thrown or raised",
    label = "this does not turn into a `Box<dyn Error + Send + Sync>`",
    note = "what is thrown may go to another thread with its generator, so an error must be `Send + Sync + 'static`",
    note = "in place of a `Box<dyn Error>` use a `Box<dyn Error + Send + Sync>`",
    note = "of any other error, throw its text: `error.to_string()`"
)]
pub trait IntoException {
    /// The exception. What only wraps one ([`NextError::Raised`](crate::NextError::Raised) and its kin) gives that.
    fn into_exception(self) -> Exception;
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> IntoException for E {
    #[inline]
    fn into_exception(self) -> Exception {
        Exception::new(self)
    }
}
