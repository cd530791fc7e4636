//! Into the error types of others.

use std::io;

use super::exception::Exception;

/// The [`io::Error`] itself, if the exception holds one (with its kind), otherwise one of kind
/// [`Other`](io::ErrorKind::Other) that holds the exception. So a body that returns an [`io::Result`] can be a stream
/// ([`into_try_stream`](crate::GeneratorExt::into_try_stream)).
impl From<Exception> for io::Error {
    fn from(exception: Exception) -> Self {
        let kind = exception.downcast_ref().map(Self::kind);
        match (exception.context(), kind) {
            // Together with its context.
            (Some(_), kind) => Self::new(kind.unwrap_or(io::ErrorKind::Other), exception),
            (None, _) => exception.downcast().unwrap_or_else(Self::other),
        }
    }
}

/// For `?` in functions that return an [`anyhow::Result`].
///
/// anyhow then holds a boxed error. Its own `downcast_ref` does not look into the box: ask the exception before it is
/// converted, or the box.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use std::error::Error;
/// use std::num::ParseIntError;
///
/// fn number(text: &str) -> anyhow::Result<i32> {
///     let parsed: Result<i32, Exception> = text.parse().map_err(Exception::new);
///     Ok(parsed?)
/// }
///
/// let error = number("x").unwrap_err();
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// let boxed = error.downcast_ref::<Box<dyn Error + Send + Sync>>().unwrap();
/// assert!(boxed.is::<ParseIntError>());
/// ```
#[cfg(feature = "anyhow")]
impl From<Exception> for anyhow::Error {
    fn from(exception: Exception) -> Self {
        Self::from_boxed(exception.into())
    }
}

/// For `?` in functions that return an [`eyre::Result`]: as for anyhow.
#[cfg(feature = "eyre")]
impl From<Exception> for eyre::Report {
    #[track_caller]
    fn from(exception: Exception) -> Self {
        let error: Box<dyn std::error::Error + Send + Sync> = exception.into();
        eyre::eyre!(error)
    }
}
