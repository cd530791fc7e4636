use std::fmt;
use std::sync::Arc;

/// A cancel: what [`cancel`](crate::aio::TaskHandle::cancel) throws into a task. Python:
/// `asyncio.CancelledError`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cancelled {
    message: Option<Arc<str>>,
}

impl Cancelled {
    /// A cancel without a message.
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::aio) fn with(message: Option<Arc<str>>) -> Self {
        Self { message }
    }

    /// What was given to [`cancel_with`](crate::aio::TaskHandle::cancel_with).
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "cancelled: {message}"),
            None => f.write_str("cancelled"),
        }
    }
}
