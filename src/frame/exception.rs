use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use core::ops::Deref;

/// What is thrown into a generator, or raised by its body: any error.
///
/// It dereferences to the error. Like `anyhow::Error`, it does not implement `Error` itself, so that `?` and `into`
/// make one from any error; it converts into a `Box<dyn Error>`.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use std::num::ParseIntError;
///
/// let exception = Exception::from("x".parse::<i32>().unwrap_err());
/// assert!(exception.is::<ParseIntError>());
/// assert_eq!(exception.to_string(), "invalid digit found in string");
/// assert!(exception.downcast::<std::fmt::Error>().is_err());
/// ```
pub struct Exception(Box<dyn Error + Send + Sync>);

impl Exception {
    /// An exception that holds `error`: an error, a boxed one, or a message.
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(error.into())
    }

    /// Whether the error is an `E`.
    pub fn is<E: Error + 'static>(&self) -> bool {
        self.0.is::<E>()
    }

    /// The error, if it is an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// Takes the error out, if it is an `E`.
    ///
    /// # Errors
    ///
    /// The exception itself, if it holds something else.
    pub fn downcast<E: Error + 'static>(self) -> Result<E, Self> {
        self.0.downcast().map(|error| *error).map_err(Self)
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Exception {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl From<Exception> for Box<dyn Error + Send + Sync> {
    fn from(exception: Exception) -> Self {
        exception.0
    }
}

impl From<Exception> for Box<dyn Error> {
    fn from(exception: Exception) -> Self {
        exception.0
    }
}

impl Deref for Exception {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
