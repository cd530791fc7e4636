//! The loop between a generator that asks and a handler that answers.

use alloc::boxed::Box;
use core::fmt;
use core::pin::pin;

use crate::frame::{Exception, IntoException, operation_error};
use crate::generator::{Generator, SendError, StartError, Step, ThrowError};

/// Why [`drive`](crate::GeneratorExt::drive) and its kin did not end with what the generator returns.
///
/// This is an error type if `S` is `'static`; [`without_value`](Self::without_value) makes one of any other.
#[non_exhaustive]
pub enum DriveError<S> {
    /// The generator was started before: its first request went elsewhere.
    AlreadyStarted,
    /// Its body is running (a shared handle was used inside it). The reply comes back, if there was one.
    Running(Option<S>),
    /// The generator had finished before, or another owner of a shared one has ended it: the reply
    /// comes back.
    Finished(Option<S>),
    /// The body awaits a future in a drive that is not async. The reply comes back if no yield received it. A
    /// generator that was lent (`&mut`) goes on with [`acontinue`](Generator::acontinue) or
    /// [`try_continue`](Generator::try_continue).
    Pending(Option<S>),
    /// An exception came out of the body: its own, or the handler's error that it did not catch.
    Raised(Exception),
}

impl<S> DriveError<S> {
    /// The reply that could not be delivered.
    pub fn into_value(self) -> Option<S> {
        match self {
            Self::Running(value) | Self::Finished(value) | Self::Pending(value) => value,
            Self::AlreadyStarted | Self::Raised(_) => None,
        }
    }

    /// The same error without the reply, for `?` where the reply is borrowed.
    pub fn without_value(self) -> DriveError<()> {
        match self {
            Self::AlreadyStarted => DriveError::AlreadyStarted,
            Self::Running(value) => DriveError::Running(value.map(drop)),
            Self::Finished(value) => DriveError::Finished(value.map(drop)),
            Self::Pending(value) => DriveError::Pending(value.map(drop)),
            Self::Raised(exception) => DriveError::Raised(exception),
        }
    }
}

operation_error! {
    impl[S] DriveError {
        Self::AlreadyStarted => "generator already started",
        Self::Running(_) => "generator already executing",
        Self::Finished(_) => "generator has finished",
        Self::Pending(_) => "generator awaits a future: use `drive_async`, or go on with `acontinue` (or `try_continue`)",
    }
    /// The exception that came out of the body, or this error as one (without the reply).
    into_exception { rest => DriveError::<S>::without_value }
}

// By hand: `S` need not be `Debug`.
impl<S> fmt::Debug for DriveError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, value) = match self {
            Self::AlreadyStarted => return f.write_str("AlreadyStarted"),
            Self::Raised(exception) => return f.debug_tuple("Raised").field(exception).finish(),
            Self::Running(value) => ("Running", value),
            Self::Finished(value) => ("Finished", value),
            Self::Pending(value) => ("Pending", value),
        };
        let value = if value.is_some() { "Some(..)" } else { "None" };
        write!(f, "{name}({value})")
    }
}

impl<S> From<StartError> for DriveError<S> {
    fn from(error: StartError) -> Self {
        match error {
            StartError::AlreadyStarted => Self::AlreadyStarted,
            StartError::Running => Self::Running(None),
            StartError::Finished => Self::Finished(None),
            StartError::Pending => Self::Pending(None),
            StartError::TooDeep | StartError::Raised(_) => Self::Raised(error.into_exception()),
        }
    }
}

impl<S> From<SendError<S>> for DriveError<S> {
    fn from(error: SendError<S>) -> Self {
        match error {
            SendError::Running(value) => Self::Running(Some(value)),
            SendError::Finished(value) => Self::Finished(Some(value)),
            SendError::JustStarted(value) | SendError::Awaiting(value) => {
                Self::Pending(Some(value))
            }
            SendError::Pending(value) => Self::Pending(value),
            SendError::TooDeep(_) | SendError::Raised(_) => Self::Raised(error.into_exception()),
        }
    }
}

impl<S> From<ThrowError> for DriveError<S> {
    fn from(error: ThrowError) -> Self {
        match error {
            ThrowError::Running(_) => Self::Running(None),
            ThrowError::Pending => Self::Pending(None),
            ThrowError::TooDeep(_) | ThrowError::Raised(_) => Self::Raised(error.into_exception()),
        }
    }
}

pub(super) fn drive<G: Generator>(
    generator: G,
    mut handler: impl FnMut(G::Yield) -> G::Resume,
) -> Result<G::Return, DriveError<G::Resume>> {
    let mut generator = pin!(generator);
    let mut step = generator.start()?;
    loop {
        match step {
            Step::Yielded(request) => step = generator.send(handler(request))?,
            Step::Complete(value) => return Ok(value),
        }
    }
}

pub(super) fn try_drive<G: Generator, E: IntoException>(
    generator: G,
    mut handler: impl FnMut(G::Yield) -> Result<G::Resume, E>,
) -> Result<G::Return, DriveError<G::Resume>> {
    let mut generator = pin!(generator);
    let mut step = generator.start()?;
    loop {
        step = match step {
            Step::Complete(value) => return Ok(value),
            Step::Yielded(request) => match handler(request) {
                Ok(reply) => generator.send(reply)?,
                Err(error) => generator.throw(error)?,
            },
        }
    }
}

pub(super) fn drive_async<G: Generator>(
    generator: G,
    mut handler: impl AsyncFnMut(G::Yield) -> G::Resume,
) -> impl Future<Output = Result<G::Return, DriveError<G::Resume>>> {
    // Boxed: otherwise the generator would have to be moved to where it is pinned, and the captured
    // original would stay.
    let mut generator = Box::pin(generator);
    async move {
        let mut step = generator.astart().await?;
        loop {
            match step {
                Step::Yielded(request) => step = generator.asend(handler(request).await).await?,
                Step::Complete(value) => return Ok(value),
            }
        }
    }
}

pub(super) fn try_drive_async<G: Generator, E: IntoException>(
    generator: G,
    mut handler: impl AsyncFnMut(G::Yield) -> Result<G::Resume, E>,
) -> impl Future<Output = Result<G::Return, DriveError<G::Resume>>> {
    // As above.
    let mut generator = Box::pin(generator);
    async move {
        let mut step = generator.astart().await?;
        loop {
            step = match step {
                Step::Complete(value) => return Ok(value),
                Step::Yielded(request) => match handler(request).await {
                    Ok(reply) => generator.asend(reply).await?,
                    Err(error) => generator.athrow(error).await?,
                },
            }
        }
    }
}
