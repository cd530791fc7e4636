//! Into the error types of others.

use std::io;

use super::exception::Exception;

/// The [`io::Error`] itself, if the exception holds one. If that has other owners, or a context, it is one of the same kind
/// that holds the exception; for any other error, one of kind [`Other`](io::ErrorKind::Other). So a body that returns an [`io::Result`] can be a stream
/// ([`into_try_stream`](crate::GeneratorExt::into_try_stream)).
impl From<Exception> for io::Error {
    fn from(exception: Exception) -> Self {
        let kind = exception
            .downcast_ref()
            .map_or(io::ErrorKind::Other, Self::kind);
        if exception.context().is_some() {
            return Self::new(kind, exception);
        }
        // One that others have as well, in an `Arc`, cannot be taken out.
        exception
            .downcast()
            .unwrap_or_else(|shared| Self::new(kind, shared))
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
