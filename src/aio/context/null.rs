use super::async_context::AsyncContext;
use crate::aio::core::error::Error;
use crate::context::{Context, NullContext};

/// As in Python, the same one does for blocks that await and for those that do not.
impl<T, const ONCE: bool> AsyncContext for NullContext<T, ONCE>
where
    Self: Context<Resource = T>,
{
    type Resource = T;

    async fn enter(&mut self) -> Result<T, Error> {
        Context::enter(self).map_err(Error::new)
    }

    async fn exit(&mut self, _error: &mut Option<Error>) -> Result<(), Error> {
        Ok(())
    }
}
