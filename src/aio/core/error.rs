use std::error::Error as StdError;
use std::fmt;
use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use super::cancelled::Cancelled;
use super::deadlock::Deadlock;
use super::drop_flat::drop_flat;
use super::panicked::Panicked;
use super::raw::transparent::Transparent;
use crate::frame::{Exception, Wrapper, context_of, find, is_wrapper};

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
///
/// It derefs to a `dyn Error`, as anyhow's does: so a field `#[from] aio::Error` or `#[source] aio::Error` of a thiserror
/// type works. `{}` is the text, `{:#}` has those of its sources too, and `{:?}` is for a terminal: sources line by line,
/// and the errors of a group each below the other.
#[derive(Clone)]
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
    /// Every task waits, and nothing will wake one: [`testing::run`](crate::aio::testing::run) ends with it. Python hangs.
    Deadlock(Deadlock),
    /// What a body returned.
    User(Arc<dyn StdError + Send + Sync>),
}

impl Error {
    /// The user's own error: an error, a boxed one, or a message. (What only holds an exception becomes what that is,
    /// as where a generator raises it: see [`IntoException`](crate::IntoException).)
    pub fn new(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Exception::new(error).into()
    }

    /// Whether it is [`Cancelled`](Self::Cancelled), or an error that has one among its sources.
    ///
    /// A task counts as cancelled only if its body returns the cancel itself.
    pub fn is_cancelled(&self) -> bool {
        self.is_or_has(Self::is_cancel)
    }

    /// Whether it is [`Timeout`](Self::Timeout), or an error that has one among its sources.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio;
    /// use std::time::Duration;
    ///
    /// #[derive(Debug, thiserror::Error)]
    /// enum Fault {
    ///     #[error("no answer")]
    ///     Aio(#[from] aio::Error),
    /// }
    ///
    /// async fn ask() -> Result<u32, Fault> {
    ///     Ok(aio::timeout(Duration::ZERO, std::future::pending::<u32>()).await?)
    /// }
    ///
    /// let error = aio::run(ask()).unwrap_err();
    /// assert!(error.is_timeout());
    /// assert_eq!(format!("{error:#}"), "no answer: timed out");
    /// ```
    pub fn is_timeout(&self) -> bool {
        self.is_or_has(|error| matches!(error, Self::Timeout))
    }

    /// Whether it is a cancel itself, and so counts as one.
    pub(in crate::aio) fn is_cancel(&self) -> bool {
        matches!(self, Self::Cancelled(_))
    }

    fn is_or_has(&self, is: fn(&Self) -> bool) -> bool {
        let Self::User(error) = self else {
            return is(self);
        };
        let mut next: Option<&(dyn StdError + 'static)> = Some(&**error);
        while let Some(error) = next {
            if error
                .downcast_ref::<Boxed>()
                .is_some_and(|boxed| boxed.0.is_or_has(is))
            {
                return true;
            }
            next = error.source();
        }
        false
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
            (Self::Deadlock(one), Self::Deadlock(other)) => one.is_same(other),
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

impl Deref for Error {
    type Target = dyn StdError + Send + Sync;

    fn deref(&self) -> &Self::Target {
        Boxed::of(self)
    }
}

/// The form of an [`Error`] that is a `std::error::Error`.
type Boxed = Transparent<Error>;

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

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
                Transparent(Error::User(error)) => Ok(Box::new(error)),
                other => Err(Box::new(other)),
            })
        };
        matches!(self.0, Error::User(_)).then_some(wrapper as &dyn StdError)
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(Transparent(error))
    }
}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(Transparent(error))
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
/// Its `Debug` form lists them, 32 groups deep.
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
