use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt;
use std::mem;
use std::sync::Arc;

use super::cancelled::Cancelled;
use super::drop_flat::drop_flat;
use super::panicked::Panicked;
use crate::frame::{Exception, Wrapper, context_of, find, is_wrapper, write_error};

type BoxedError = Box<dyn StdError + Send + Sync>;
type SharedError = Arc<dyn StdError + Send + Sync>;

/// Why a task, a promise or a wait has no value.
///
/// It is cheap to clone, so that several owners may await one task. Like `anyhow::Error` it does not
/// implement the trait `Error` itself, so that `?` can make one from every error; it turns into a `Box<dyn
/// Error>`.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, Error};
///
/// let parsed = aio::run(async { Ok::<i32, Error>("x".parse::<i32>()?) });
/// let error = parsed.unwrap_err();
/// assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
/// assert_eq!(error.to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A cancel of something else: what was awaited has been cancelled. A body that returns it counts as
    /// cancelled. Python: `asyncio.CancelledError`.
    Cancelled(Cancelled),
    /// The main task was cancelled by ctrl-c. Python: `KeyboardInterrupt`.
    Interrupted,
    /// Time was up. Python: `TimeoutError`.
    Timeout,
    /// Errors of several tasks. Python: `ExceptionGroup`.
    Group(Group),
    /// A task panicked.
    Panicked(Panicked),
    /// The call does not fit the state. Python: `asyncio.InvalidStateError`.
    InvalidState(&'static str),
    /// An argument that makes no sense. Python: `ValueError`.
    Value(&'static str),
    /// A call that is not possible here. Python: `RuntimeError`.
    Runtime(&'static str),
    /// What a body returned.
    User(Arc<dyn StdError + Send + Sync>),
}

impl Error {
    /// The user's own error: an error, a boxed one, or a message. (What only holds an exception becomes what that is,
    /// as where a generator raises it: see [`IntoException`](crate::IntoException).)
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Exception::new(error).into()
    }

    /// Whether it is [`Cancelled`](Self::Cancelled).
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    /// Whether it is [`Timeout`](Self::Timeout).
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::Timeout)
    }

    /// The user's error, if it is an `E`, or an `Arc` of one.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        match self {
            Self::User(error) => find(&**error),
            _ => None,
        }
    }

    /// What was being handled when this error was raised. Python: `__context__`.
    ///
    /// As for an [`Exception`](crate::Exception::context), those set it that know both errors: a
    /// [`finally`](crate::aio::finally()), a context manager and an exit stack. Only an error of the user's has one.
    pub fn context(&self) -> Option<&Exception> {
        match self {
            Self::User(error) => context_of(&**error),
            _ => None,
        }
    }

    /// This error, raised while `context` was being handled. An error that has a context keeps that, and one that is not the
    /// user's own has none. Python: `raise` in an `except` clause.
    #[must_use]
    pub fn with_context(self, context: Self) -> Self {
        self.in_context(Exception::new(context))
    }

    pub(super) fn in_context(self, context: Exception) -> Self {
        match self {
            Self::User(error) if context_of(&*error).is_none() => {
                let error = Exception::from(error).with_context(context);
                Self::User(Arc::from(BoxedError::from(error)))
            }
            other => other,
        }
    }

    /// This error, which came in the place of `handled`, unless it is that one.
    pub(in crate::aio) fn raised_over(self, handled: &Self) -> Self {
        if self.is_same(handled) {
            return self;
        }
        self.with_context(handled.clone())
    }

    /// Whether it is a clone of `other`.
    pub(in crate::aio) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User(one), Self::User(other)) => Arc::ptr_eq(one, other),
            (Self::Group(one), Self::Group(other)) => Arc::ptr_eq(&one.0, &other.0),
            (Self::Panicked(one), Self::Panicked(other)) => one.is_same(other),
            (Self::Cancelled(one), Self::Cancelled(other)) => one == other,
            (Self::InvalidState(one), Self::InvalidState(other))
            | (Self::Value(one), Self::Value(other))
            | (Self::Runtime(one), Self::Runtime(other)) => one == other,
            (Self::Timeout, Self::Timeout) | (Self::Interrupted, Self::Interrupted) => true,
            _ => false,
        }
    }

    /// The errors of a group, or this one alone.
    pub fn errors(&self) -> &[Self] {
        match self {
            Self::Group(group) => group.errors(),
            other => std::slice::from_ref(other),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled(cancelled) => cancelled.fmt(f),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Timeout => f.write_str("timed out"),
            Self::Group(group) => group.fmt(f),
            Self::Panicked(panicked) => panicked.fmt(f),
            Self::InvalidState(message) | Self::Value(message) | Self::Runtime(message) => {
                f.write_str(message)
            }
            Self::User(error) => write_error(&**error, f),
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        if is_wrapper(&error) {
            return Exception::from(error).into();
        }
        Self::User(Arc::new(error))
    }
}

impl From<Exception> for Error {
    fn from(exception: Exception) -> Self {
        let (error, context) = exception.into_parts();
        let error = match error.downcast::<Boxed>() {
            Ok(boxed) => boxed.0,
            Err(other) => match other.downcast::<SharedError>() {
                Ok(shared) => Self::User(*shared),
                Err(other) => Self::User(Arc::from(other)),
            },
        };
        match context {
            Some(context) => error.in_context(context),
            None => error,
        }
    }
}

impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        Self::Cancelled(cancelled)
    }
}

/// The form of an [`Error`] that is a `std::error::Error`.
#[derive(Debug)]
struct Boxed(Error);

impl fmt::Display for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Boxed {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0 {
            Error::User(error) => error.source(),
            _ => None,
        }
    }

    // As an exception it is the user's error.
    fn cause(&self) -> Option<&dyn StdError> {
        let wrapper = const {
            &Wrapper::new(|error| match *error.downcast::<Self>()? {
                Self(Error::User(error)) => Ok(Box::new(error)),
                other => Err(Box::new(other)),
            })
        };
        matches!(self.0, Error::User(_)).then_some(wrapper as &dyn StdError)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(Boxed(error))
    }
}

impl From<Cancelled> for BoxedError {
    fn from(cancelled: Cancelled) -> Self {
        Error::Cancelled(cancelled).into()
    }
}

impl From<Cancelled> for Box<dyn StdError> {
    fn from(cancelled: Cancelled) -> Self {
        Error::Cancelled(cancelled).into()
    }
}

/// The user's `io::Error` itself cannot be taken out, as others may have it: this is one that holds the error, of its
/// kind.
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Timeout => std::io::ErrorKind::TimedOut,
            Error::Interrupted => std::io::ErrorKind::Interrupted,
            other => match other.downcast_ref::<Self>() {
                Some(error) => error.kind(),
                None => std::io::ErrorKind::Other,
            },
        };
        Self::new(kind, error)
    }
}

#[cfg(feature = "anyhow")]
impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        Self::from_boxed(error.into())
    }
}

#[cfg(feature = "eyre")]
impl From<Error> for eyre::Report {
    #[track_caller]
    fn from(error: Error) -> Self {
        let error: BoxedError = error.into();
        eyre::eyre!(error)
    }
}

/// The errors of a task group, in the order in which they came. Python: `ExceptionGroup`.
///
/// Its `Debug` form goes 32 groups deep; below that it prints `Group(..)`.
#[derive(Clone)]
pub struct Group(Arc<Errors>);

/// Groups may be nested to any depth; they are dropped one by one.
struct Errors(Vec<Error>);

impl Drop for Errors {
    fn drop(&mut self) {
        drop_flat(mem::take(&mut self.0));
    }
}

impl Group {
    pub(in crate::aio) fn new(errors: Vec<Error>) -> Self {
        Self(Arc::new(Errors(errors)))
    }

    /// The errors: at least one.
    pub fn errors(&self) -> &[Error] {
        &self.0.0
    }
}

thread_local! {
    /// How many nested groups are being formatted.
    static FORMATTED: Cell<u32> = const { Cell::new(0) };
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DEPTH: u32 = 32;
        let depth = FORMATTED.get();
        if depth >= DEPTH {
            return f.write_str("Group(..)");
        }
        FORMATTED.set(depth + 1);
        let formatted = f.debug_tuple("Group").field(&self.errors()).finish();
        FORMATTED.set(depth);
        formatted
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.errors().len();
        let plural = if count == 1 { "" } else { "s" };
        write!(
            f,
            "unhandled errors in a task group ({count} sub-error{plural})"
        )
    }
}
