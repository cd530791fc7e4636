use std::fmt;
use std::sync::{Arc, Weak};

/// A cancel: what [`cancel`](crate::aio::TaskHandle::cancel) throws into a task. Python:
/// `asyncio.CancelledError`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cancelled {
    message: Option<Arc<str>>,
    held: Held,
}

/// Lives as long as whoever caught the cancel has it, and cleans up. A clone is not that.
#[derive(Default)]
struct Held(#[allow(dead_code, reason = "it is counted")] Option<Arc<()>>);

impl Clone for Held {
    fn clone(&self) -> Self {
        Self(None)
    }
}

impl PartialEq for Held {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for Held {}

/// Tells whether a cancel that was caught is still held.
pub(in crate::aio) struct Catch(Weak<()>);

impl Catch {
    pub(in crate::aio) fn is_held(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl Cancelled {
    /// A cancel without a message.
    pub fn new() -> Self {
        Self::default()
    }

    pub(in crate::aio) fn with(message: Option<Arc<str>>) -> Self {
        let held = Held(None);
        Self { message, held }
    }

    /// Somebody has caught it.
    pub(in crate::aio) fn caught(&mut self) -> Catch {
        let held = Arc::new(());
        let catch = Catch(Arc::downgrade(&held));
        self.held = Held(Some(held));
        catch
    }

    /// It is on its way again.
    pub(in crate::aio) fn let_go(&mut self) {
        self.held = Held(None);
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

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, held: _ } = self;
        let mut shown = f.debug_struct("Cancelled");
        shown.field("message", message).finish()
    }
}
