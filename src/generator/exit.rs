use alloc::boxed::Box;
use core::any::Any;
use core::fmt;

/// What [`close`](crate::Generator::close) throws, as does dropping one of the forms that close.
/// Python's `GeneratorExit`.
///
/// A body may catch it to clean up, and then raises it again ([`Co::raise`](crate::Co::raise)) or
/// returns. Anyone may throw one; it may carry a payload.
///
/// # Examples
///
/// ```
/// use cogen::{Exception, GeneratorExit};
///
/// let exception = Exception::from(GeneratorExit::with(7));
/// assert!(exception.is::<GeneratorExit>());
/// assert_eq!(exception.downcast::<GeneratorExit>().unwrap().payload::<i32>(), Some(&7));
/// ```
#[derive(Default)]
pub struct GeneratorExit {
    payload: Option<Box<dyn Any + Send + Sync>>,
}

impl GeneratorExit {
    /// One without a payload, as `close` throws it.
    pub fn new() -> Self {
        Self::default()
    }

    /// One with a payload.
    pub fn with(payload: impl Any + Send + Sync) -> Self {
        Self {
            payload: Some(Box::new(payload)),
        }
    }

    /// The payload, if there is one and it is a `T`.
    pub fn payload<T: Any>(&self) -> Option<&T> {
        self.payload.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for GeneratorExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.payload {
            None => "GeneratorExit",
            Some(_) => "GeneratorExit(..)",
        })
    }
}

impl fmt::Display for GeneratorExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("generator exit")
    }
}

impl core::error::Error for GeneratorExit {}
