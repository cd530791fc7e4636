use crate::debug::debug;
use crate::frame::Exception;

/// How a generator ended, for a type that implements [`Generator`](crate::Generator) and has no generator inside that
/// keeps it: what [`take_return`](crate::Generator::take_return) gives after a loop.
///
/// # Examples
///
/// ```
/// use cogen::{Exception, Generator, KeptReturn, NextError, SendError, StartError, State, Step, ThrowError};
/// use std::{pin::Pin, task::Context};
///
/// /// Counts down from `n`, and returns the greeting.
/// struct Countdown {
///     n: u32,
///     state: State,
///     kept: KeptReturn<&'static str>,
/// }
///
/// impl Countdown {
///     fn step(&mut self) -> Step<u32, &'static str> {
///         if self.n == 0 {
///             self.state = State::Closed;
///             return Step::Complete("lift-off");
///         }
///         self.state = State::Suspended;
///         self.n -= 1;
///         Step::Yielded(self.n + 1)
///     }
/// }
///
/// impl Generator for Countdown {
///     type Yield = u32;
///     type Resume = ();
///     type Return = &'static str;
///
///     fn state(&self) -> State {
///         self.state
///     }
///     fn resume_start(mut self: Pin<&mut Self>, _: Option<&mut Context<'_>>) -> Result<Step<u32, &'static str>, StartError> {
///         match self.state {
///             State::Created => Ok(self.step()),
///             State::Closed => Err(StartError::Finished),
///             _ => Err(StartError::AlreadyStarted),
///         }
///     }
///     fn resume_send(
///         mut self: Pin<&mut Self>,
///         _: Option<&mut Context<'_>>,
///         (): (),
///     ) -> Result<Step<u32, &'static str>, SendError<()>> {
///         match self.state {
///             State::Created => Err(SendError::JustStarted(())),
///             State::Closed => Err(SendError::Finished(())),
///             _ => Ok(self.step()),
///         }
///     }
///     fn resume_throw(
///         mut self: Pin<&mut Self>,
///         _: Option<&mut Context<'_>>,
///         exception: Exception,
///     ) -> Result<Step<u32, &'static str>, ThrowError> {
///         self.state = State::Closed;
///         Err(ThrowError::Raised(exception))
///     }
///     fn resume_continue(self: Pin<&mut Self>, _: Option<&mut Context<'_>>) -> Result<Step<u32, &'static str>, NextError> {
///         Err(NextError::NotAwaiting)
///     }
///     fn keep_return(mut self: Pin<&mut Self>, outcome: Result<&'static str, Exception>) {
///         self.kept.keep(outcome);
///     }
///     fn take_kept_return(mut self: Pin<&mut Self>) -> Option<Result<&'static str, Exception>> {
///         self.kept.take()
///     }
/// }
///
/// let mut countdown = Countdown { n: 3, state: State::Created, kept: KeptReturn::new() };
/// assert_eq!(countdown.iter().collect::<Vec<_>>(), [3, 2, 1]);
/// assert_eq!(countdown.take_return().unwrap()?, "lift-off");
/// # Ok::<(), Exception>(())
/// ```
pub struct KeptReturn<R> {
    outcome: Option<Result<R, Exception>>,
}

impl<R> KeptReturn<R> {
    /// Nothing kept yet.
    pub const fn new() -> Self {
        Self { outcome: None }
    }

    /// Keeps how the body ended: [`keep_return`](crate::Generator::keep_return).
    pub fn keep(&mut self, outcome: Result<R, Exception>) {
        self.outcome = Some(outcome);
    }

    /// Gives what was kept, once: [`take_kept_return`](crate::Generator::take_kept_return).
    #[must_use = "it is given once"]
    pub fn take(&mut self) -> Option<Result<R, Exception>> {
        self.outcome.take()
    }
}

impl<R> Default for KeptReturn<R> {
    fn default() -> Self {
        Self::new()
    }
}

debug!(impl[R] self: KeptReturn<R> { kept: self.outcome.is_some(), .. });
