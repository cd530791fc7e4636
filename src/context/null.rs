use super::context::Context;
use super::manager::YieldError;
use crate::debug::debug;
use crate::frame::Exception;

/// A context manager that does nothing: what [`nullcontext`] gives, and, if `ONCE`, [`NullContext::once`].
#[must_use = "a context manager does nothing until it is entered"]
pub struct NullContext<T, const ONCE: bool = false> {
    /// `None`: it was `ONCE`.
    resource: Option<T>,
}

/// Gives the block `resource`, and does nothing after it. Python: `contextlib.nullcontext`.
///
/// As in Python it may be entered again, also inside itself: each block gets a clone. For a resource that cannot be
/// cloned there is [`NullContext::once`].
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use cogen::context::{Context, NullContext, nullcontext};
///
/// let mut context = nullcontext("resource");
/// assert_eq!((context.enter()?, context.enter()?), ("resource", "resource"));
///
/// let mut lines = vec!["a"];
/// NullContext::once(&mut lines).with(|lines| Ok::<_, Exception>(lines.push("b")))?;
/// assert_eq!(lines, ["a", "b"]);
/// # Ok::<(), Exception>(())
/// ```
pub fn nullcontext<T: Clone>(resource: T) -> NullContext<T> {
    NullContext {
        resource: Some(resource),
    }
}

impl<T> NullContext<T, true> {
    /// The same for a resource that is handed over, and cannot be cloned (`&mut T`, say): it is entered once. The
    /// second time it is an error ([`YieldError::Entered`]).
    pub fn once(resource: T) -> Self {
        Self {
            resource: Some(resource),
        }
    }
}

impl<T: Clone> Context for NullContext<T> {
    type Resource = T;

    fn enter(&mut self) -> Result<T, Exception> {
        self.resource.clone().ok_or(YieldError::Entered.into())
    }

    fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
        Ok(())
    }
}

impl<T> Context for NullContext<T, true> {
    type Resource = T;

    fn enter(&mut self) -> Result<T, Exception> {
        self.resource.take().ok_or(YieldError::Entered.into())
    }

    fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
        Ok(())
    }
}

debug!(impl[T, const ONCE: bool] self: NullContext<T, ONCE> { once: ONCE, .. });
