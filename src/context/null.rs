use super::context::Context;
use super::manager::YieldError;
use crate::frame::Exception;

/// A context manager that does nothing: what [`nullcontext`] gives.
#[derive(Debug)]
#[must_use = "a context manager does nothing until it is entered"]
pub struct NullContext<T> {
    resource: Option<T>,
}

/// Gives the block `resource`, and does nothing after it. Python: `contextlib.nullcontext`.
pub fn nullcontext<T>(resource: T) -> NullContext<T> {
    NullContext {
        resource: Some(resource),
    }
}

impl<T> Context for NullContext<T> {
    type Resource = T;

    fn enter(&mut self) -> Result<T, Exception> {
        self.resource.take().ok_or(YieldError::Entered.into())
    }

    fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
        Ok(())
    }
}
