//! One error type for each operation, which hands back what could not be delivered. The messages are Python's where
//! Python has one.

use core::fmt;

use super::recursion::RecursionError;
use crate::frame::{Exception, operation_error};

/// Why [`start`](crate::Generator::start) did not end with a [`Step`](crate::Step).
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The generator was started before.
    AlreadyStarted,
    /// Its body is running (a shared handle was used inside it).
    Running,
    /// The generator has finished.
    Finished,
    /// The body awaits a future. Go on with [`acontinue`](crate::Generator::acontinue), or, without a runtime, with
    /// [`try_continue`](crate::Generator::try_continue) when the future may be ready.
    Pending,
    /// Generators resume each other so deep that little of the thread's stack is left
    /// ([`RecursionError`]): this one was not resumed, but can be from a place that is less deep.
    TooDeep,
    /// The body raised an exception.
    Raised(Exception),
}

/// Why [`next`](crate::Generator::next) did not end with a [`Step`](crate::Step).
#[derive(Debug)]
#[non_exhaustive]
pub enum NextError {
    /// Its body is running (a shared handle was used inside it).
    Running,
    /// The generator has finished.
    Finished,
    /// The body awaits a future. Go on with [`anext`](crate::Generator::anext) or
    /// [`acontinue`](crate::Generator::acontinue), or, without a runtime, with
    /// [`try_continue`](crate::Generator::try_continue) or `next` when the future may be ready.
    Pending,
    /// The body awaits no future, so that there is nothing to go on with: the generator is new, or at a yield. Only
    /// [`acontinue`](crate::Generator::acontinue) and [`try_continue`](crate::Generator::try_continue) say so.
    NotAwaiting,
    /// Generators resume each other so deep that little of the thread's stack is left
    /// ([`RecursionError`]): this one was not resumed, but can be from a place that is less deep.
    TooDeep,
    /// The body raised an exception.
    Raised(Exception),
}

/// Why [`send`](crate::Generator::send) did not end with a [`Step`](crate::Step).
///
/// This is an error type if `S` is `'static`; [`without_value`](Self::without_value) makes one of any other.
#[non_exhaustive]
pub enum SendError<S> {
    /// Not started yet: there is no yield to receive the value, which comes back.
    JustStarted(S),
    /// Its body is running (a shared handle was used inside it). The value comes back.
    Running(S),
    /// The generator has finished. The value comes back.
    Finished(S),
    /// The body has been awaiting a future since an earlier operation: no yield could receive the
    /// value, which comes back. Go on with [`acontinue`](crate::Generator::acontinue) or
    /// [`try_continue`](crate::Generator::try_continue).
    Awaiting(S),
    /// The body now awaits a future. `None`: a yield received the value. `Some`: the yield that the
    /// value is for was not polled, and the value comes back; it can be sent again.
    Pending(Option<S>),
    /// Generators resume each other so deep that little of the thread's stack is left
    /// ([`RecursionError`]): this one was not resumed, but can be from a place that is less deep. The value comes
    /// back.
    TooDeep(S),
    /// The body raised an exception.
    Raised(Exception),
}

/// Why [`throw`](crate::Generator::throw) did not end with a [`Step`](crate::Step).
#[derive(Debug)]
#[non_exhaustive]
pub enum ThrowError {
    /// Its body is running (a shared handle was used inside it). The exception comes back.
    Running(Exception),
    /// A scope caught the exception, and the body now awaits a future. Go on with
    /// [`acontinue`](crate::Generator::acontinue) or [`try_continue`](crate::Generator::try_continue).
    Pending,
    /// Generators resume each other so deep that little of the thread's stack is left
    /// ([`RecursionError`]): this one was not resumed, but can be from a place that is less deep. The exception comes
    /// back.
    TooDeep(Exception),
    /// The exception came out of the body, or another one did.
    Raised(Exception),
}

/// Why [`close`](crate::Generator::close) failed.
#[non_exhaustive]
pub enum CloseError<Y> {
    /// Its body is running (a shared handle was used inside it).
    Running,
    /// The body answered by yielding this. It is suspended there, and can be closed again.
    Ignored(Y),
    /// While it was being closed, the body began to await a future: its clean-up goes on with
    /// [`acontinue`](crate::Generator::acontinue) or [`try_continue`](crate::Generator::try_continue), which end with
    /// the [`GeneratorExit`](crate::GeneratorExit). Closing it again throws at the clean-up.
    Pending,
    /// Generators resume each other so deep that little of the thread's stack is left
    /// ([`RecursionError`]): this one was not resumed, but can be from a place that is less deep.
    TooDeep,
    /// The body answered by raising another exception. It is closed.
    Raised(Exception),
}

// By hand: `S` and `Y` need not be `Debug`, so that the errors always are.

impl<S> fmt::Debug for SendError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JustStarted(_) => f.write_str("JustStarted(..)"),
            Self::Running(_) => f.write_str("Running(..)"),
            Self::Finished(_) => f.write_str("Finished(..)"),
            Self::Awaiting(_) => f.write_str("Awaiting(..)"),
            Self::TooDeep(_) => f.write_str("TooDeep(..)"),
            Self::Pending(Some(_)) => f.write_str("Pending(Some(..))"),
            Self::Pending(None) => f.write_str("Pending(None)"),
            Self::Raised(exception) => f.debug_tuple("Raised").field(exception).finish(),
        }
    }
}

impl<S> SendError<S> {
    /// The same error without the value, so that it outlives what was to be sent: for `?` where
    /// that is borrowed.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Generator, SendError, generator};
    /// use std::pin::pin;
    ///
    /// fn longest(text: &str) -> Result<usize, Box<dyn std::error::Error>> {
    ///     let mut longest = 0;
    ///     {
    ///         let longest = &mut longest;
    ///         let mut measure = pin!(generator(|co: Co<'_, (), &str>| async move {
    ///             loop {
    ///                 *longest = co.yield_(()).await.len().max(*longest);
    ///             }
    ///         }));
    ///         measure.start()?;
    ///         for line in text.lines() {
    ///             measure.send(line).map_err(SendError::without_value)?;
    ///         }
    ///     }
    ///     Ok(longest)
    /// }
    ///
    /// assert_eq!(longest("one\nthree\ntwo").unwrap(), 5);
    /// ```
    pub fn without_value(self) -> SendError<()> {
        match self {
            Self::JustStarted(_) => SendError::JustStarted(()),
            Self::Running(_) => SendError::Running(()),
            Self::Finished(_) => SendError::Finished(()),
            Self::Awaiting(_) => SendError::Awaiting(()),
            Self::TooDeep(_) => SendError::TooDeep(()),
            Self::Pending(value) => SendError::Pending(value.map(drop)),
            Self::Raised(exception) => SendError::Raised(exception),
        }
    }

    /// The value that could not be delivered.
    pub fn into_value(self) -> Option<S> {
        match self {
            Self::JustStarted(value)
            | Self::Running(value)
            | Self::Finished(value)
            | Self::Awaiting(value)
            | Self::TooDeep(value) => Some(value),
            Self::Pending(value) => value,
            Self::Raised(_) => None,
        }
    }
}

impl<Y> CloseError<Y> {
    /// The same error without the value, so that it outlives what was yielded.
    pub fn without_value(self) -> CloseError<()> {
        match self {
            Self::Running => CloseError::Running,
            Self::Ignored(_) => CloseError::Ignored(()),
            Self::Pending => CloseError::Pending,
            Self::TooDeep => CloseError::TooDeep,
            Self::Raised(exception) => CloseError::Raised(exception),
        }
    }
}

impl<Y> fmt::Debug for CloseError<Y> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("Running"),
            Self::Ignored(_) => f.write_str("Ignored(..)"),
            Self::Pending => f.write_str("Pending"),
            Self::TooDeep => f.write_str("TooDeep"),
            Self::Raised(exception) => f.debug_tuple("Raised").field(exception).finish(),
        }
    }
}

const EXECUTING: &str = "generator already executing";
const FINISHED: &str = "generator has finished";
const TOO_DEEP: &str = "maximum recursion depth exceeded";

/// [`operation_error`], for the errors of this file.
macro_rules! operation {
    ([$($generic:ident)?] $name:ident { $($refused:pat => $message:expr,)* } $deep:pat => $thrown:expr, $rest:expr) => {
        operation_error! {
            impl[$($generic)?] $name { $($refused => $message,)* }
            /// The exception that the body raised, a [`RecursionError`], or this error as an exception
            /// (without what could not be delivered).
            into_exception { deep $deep => RecursionError::new($thrown), rest => $rest }
        }
    };
}

operation! {
    [] StartError {
        Self::AlreadyStarted => "generator already started",
        Self::Running => EXECUTING,
        Self::Finished => FINISHED,
        Self::Pending => "generator awaits a future: go on with `acontinue` (or `try_continue`), and start it with `astart`",
        Self::TooDeep => TOO_DEEP,
    }
    Self::TooDeep => None, core::convert::identity
}

operation! {
    [] NextError {
        Self::Running => EXECUTING,
        Self::Finished => FINISHED,
        Self::Pending => "generator awaits a future: go on with `anext` or `acontinue` (or `try_continue`)",
        Self::NotAwaiting => "generator awaits no future: resume it with `start`, `next` or `send`",
        Self::TooDeep => TOO_DEEP,
    }
    Self::TooDeep => None, core::convert::identity
}

operation! {
    [S] SendError {
        Self::JustStarted(_) => "can't send non-None value to a just-started generator: begin with `start`",
        Self::Running(_) => EXECUTING,
        Self::Finished(_) => FINISHED,
        Self::Awaiting(_) => {
            "generator awaits a future, so no yield can receive the value: go on with `acontinue` (or `try_continue`)"
        },
        Self::Pending(_) => {
            "generator awaits a future: go on with `acontinue` (or `try_continue`), and send with `asend`"
        },
        Self::TooDeep(_) => TOO_DEEP,
    }
    Self::TooDeep(_) => None, SendError::<S>::without_value
}

operation! {
    [] ThrowError {
        Self::Running(_) => EXECUTING,
        Self::Pending => "generator awaits a future: go on with `acontinue` (or `try_continue`), and throw with `athrow`",
        Self::TooDeep(_) => TOO_DEEP,
    }
    Self::TooDeep(thrown) => Some(thrown), core::convert::identity
}

operation! {
    [Y] CloseError {
        Self::Running => EXECUTING,
        Self::Ignored(_) => "generator ignored GeneratorExit",
        Self::Pending => "generator awaits a future in its clean-up: close it with `aclose`, or go on with `acontinue`",
        Self::TooDeep => TOO_DEEP,
    }
    Self::TooDeep => None, CloseError::<Y>::without_value
}
