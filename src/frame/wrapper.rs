//! Errors that only wrap an exception: how that is taken out of a boxed one whose type is not known.
//!
//! An error of an operation, such as [`SendError`](crate::SendError), may hold what a body raised. Where it becomes an
//! exception in its turn, what was raised is meant, as in Python, where it would just have gone on. Those types have
//! parameters, so that a box cannot be asked for each of them. Instead they answer to [`Error::cause`], which is
//! deprecated, so that nothing else uses it: it gives a [`Wrapper`] whose source is an [`Extractor`]. (Were that given
//! itself, it could not be downcast: what `cause` gives need not be `'static`.)

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

type Boxed = Box<dyn Error + Send + Sync>;

/// What an error that wraps an exception gives as its cause.
#[derive(Debug)]
pub(crate) struct Wrapper(Extractor);

/// Takes the exception out of an error of one type; a box with anything else comes back.
#[derive(Debug)]
struct Extractor(fn(Boxed) -> Result<Boxed, Boxed>);

impl Wrapper {
    pub(crate) const fn new(extract: fn(Boxed) -> Result<Boxed, Boxed>) -> Self {
        Self(Extractor(extract))
    }
}

/// Whether `error` wraps an exception.
#[inline]
pub(crate) fn is_wrapper<E: Error + ?Sized>(error: &E) -> bool {
    extractor(error).is_some()
}

/// The exception in `error`, boxed as it was, if that only wraps one; otherwise `error`.
#[inline]
pub(super) fn without_wrapper(error: Boxed) -> Boxed {
    match extractor(&*error).map(|extractor| extractor.0) {
        Some(extract) => extract(error).unwrap_or_else(|other| other),
        None => error,
    }
}

/// The error in a box, or in a box in that, which answers to `cause` as well.
pub(crate) fn unboxed<E: Error + 'static>(error: Boxed) -> Result<E, Boxed> {
    match error.downcast::<E>() {
        Ok(error) => Ok(*error),
        Err(other) => other.downcast::<Box<E>>().map(|error| **error),
    }
}

#[inline]
fn extractor<E: Error + ?Sized>(error: &E) -> Option<&Extractor> {
    #[expect(
        deprecated,
        reason = "the one method of all errors that nothing else uses"
    )]
    error.cause()?.source()?.downcast_ref()
}

impl Error for Wrapper {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Error for Extractor {}

impl fmt::Display for Wrapper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exception")
    }
}

impl fmt::Display for Extractor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exception")
    }
}
