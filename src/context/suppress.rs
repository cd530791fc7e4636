use core::error::Error;

use super::context::Context;
use crate::debug::debug;
use crate::frame::Exception;

/// A context manager that swallows some errors: what [`suppress`] and [`suppress_if`] give.
#[derive(Clone, Copy)]
#[must_use = "a context manager does nothing until it is entered"]
pub struct Suppress<P = fn(&Exception) -> bool> {
    is_suppressed: P,
}

/// Swallows the error of the block if it is an `E`: the block's value is `None` then. Any other error goes on. Python:
/// `contextlib.suppress`.
///
/// As in Python it may be entered again, also inside itself. Python's takes several types: see [`suppress_if`]. A panic
/// is not an error, and goes on.
///
/// # Examples
///
/// ```
/// use cogen::context::{Context, suppress};
/// use std::num::{ParseFloatError, ParseIntError};
///
/// assert_eq!(suppress::<ParseIntError>().with(|()| "7".parse::<i32>())?, Some(7));
/// assert_eq!(suppress::<ParseIntError>().with(|()| "x".parse::<i32>())?, None);
/// assert!(suppress::<ParseFloatError>().with(|()| "x".parse::<i32>()).is_err());
/// # Ok::<(), cogen::Exception>(())
/// ```
pub fn suppress<E: Error + 'static>() -> Suppress {
    Suppress::new(Exception::is::<E>)
}

/// Swallows the errors of the block that `is_suppressed` says `true` to. Python: `contextlib.suppress` with several
/// types.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use cogen::context::{Context, suppress_if};
/// use std::num::{ParseFloatError, ParseIntError};
///
/// let parse = |text: &'static str| {
///     let numbers = suppress_if(|e: &Exception| e.is::<ParseIntError>() || e.is::<ParseFloatError>());
///     numbers.with(move |()| Ok::<_, Exception>((text.parse::<i32>()?, text.parse::<f32>()?)))
/// };
/// assert_eq!((parse("7")?, parse("x")?), (Some((7, 7.0)), None));
/// # Ok::<(), Exception>(())
/// ```
pub fn suppress_if<P: FnMut(&Exception) -> bool>(is_suppressed: P) -> Suppress<P> {
    Suppress::new(is_suppressed)
}

impl<P> Suppress<P> {
    pub(crate) fn new(is_suppressed: P) -> Self {
        Self { is_suppressed }
    }

    pub(crate) fn swallow<E>(&mut self, error: &mut Option<E>)
    where
        P: FnMut(&E) -> bool,
    {
        if error.as_ref().is_some_and(&mut self.is_suppressed) {
            *error = None;
        }
    }
}

impl<P: FnMut(&Exception) -> bool> Context for Suppress<P> {
    type Resource = ();

    fn enter(&mut self) -> Result<(), Exception> {
        Ok(())
    }

    fn exit(&mut self, exception: &mut Option<Exception>) -> Result<(), Exception> {
        self.swallow(exception);
        Ok(())
    }
}

debug!(impl[P] Suppress<P> { .. });
