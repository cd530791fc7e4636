use super::context::Context;
use super::manager::YieldError;
use crate::debug::debug;
use crate::frame::Exception;

/// A context manager that does nothing: what [`nullcontext`] gives.
#[must_use = "a context manager does nothing until it is entered"]
pub struct NullContext<T> {
    resource: Option<T>,
    /// Gives the resource again. `None`: it is given once.
    again: Option<fn(&T) -> T>,
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
        again: Some(T::clone),
    }
}

impl<T> NullContext<T> {
    /// The same for a resource that is handed over, and cannot be cloned (`&mut T`, say): it is entered once. The
    /// second time it is an error ([`YieldError::Entered`]).
    pub fn once(resource: T) -> Self {
        Self {
            resource: Some(resource),
            again: None,
        }
    }
}

impl<T> Context for NullContext<T> {
    type Resource = T;

    fn enter(&mut self) -> Result<T, Exception> {
        let resource = match self.again {
            Some(again) => self.resource.as_ref().map(again),
            None => self.resource.take(),
        };
        resource.ok_or(YieldError::Entered.into())
    }

    fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
        Ok(())
    }
}

debug!(impl[T] self: NullContext<T> { reusable: self.again.is_some(), .. });
