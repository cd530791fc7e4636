use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A panic, kept as an error.
#[derive(Clone)]
pub struct Panicked {
    message: Arc<str>,
    payload: Arc<Mutex<Option<Box<dyn Any + Send>>>>,
    /// What to use instead.
    advice: &'static str,
}

/// What tokio says where it has no runtime.
const NO_RUNTIME: &str = "there is no reactor running";

const NO_TOKIO: &str = "; under `testing::run` there is no tokio runtime: use `aio::sleep`, `aio::timeout` and the like, or \
                        `EventLoop::run` in a `#[tokio::test(start_paused = true)]`";

impl Panicked {
    pub(in crate::aio) fn new(payload: Box<dyn Any + Send>) -> Self {
        let message = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        Self {
            message: message.into(),
            payload: Arc::new(Mutex::new(Some(payload))),
            advice: "",
        }
    }

    /// The panic of a task whose loop has a virtual clock, and so no tokio runtime.
    pub(in crate::aio::core) fn without_tokio(mut self) -> Self {
        if self.message.starts_with(NO_RUNTIME) {
            self.advice = NO_TOKIO;
        }
        self
    }

    /// Whether it is a clone of `other`.
    pub(in crate::aio) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.payload, &other.payload)
    }

    /// The message of the panic, if it had one.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Takes the payload, to look into it or to go on with the panic ([`std::panic::resume_unwind`]). It can
    /// be taken once.
    pub fn take_payload(&self) -> Option<Box<dyn Any + Send>> {
        let mut payload = self.payload.lock().unwrap_or_else(PoisonError::into_inner);
        payload.take()
    }
}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panicked").field(&self.message).finish()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a task panicked: {}{}", self.message, self.advice)
    }
}
