use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::Error;
use crate::frame::IntoException;

/// What a task's body may return: a plain value, or a `Result` whose error becomes an [`Error`]: whatever may be
/// raised ([`IntoException`]).
///
/// So `let n = create_task(async { 7_u8 }).await?` and `let n = create_task(async { "7".parse::<i32>()
/// }).await?` have one `?` each. Implement it for your own types (`type Ok = Self`, and `Ok(self)`),
/// or wrap a value with [`ok`].
pub trait Output {
    /// The value.
    type Ok;

    /// The value, or the error.
    ///
    /// # Errors
    ///
    /// What the body returned as an error.
    fn into_result(self) -> Result<Self::Ok, Error>;
}

/// `Ok(value)`, with the error type of the async API: for the last line of a body that uses `?`.
///
/// # Errors
///
/// Never.
///
/// # Examples
///
/// ```
/// use cogen::aio;
///
/// let sum = aio::run(async {
///     let one: i32 = "1".parse()?;
///     aio::ok(one + 1)
/// });
/// assert_eq!(sum?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ok<T>(value: T) -> Result<T, Error> {
    Ok(value)
}

impl<T, E: IntoException> Output for Result<T, E> {
    type Ok = T;

    fn into_result(self) -> Result<T, Error> {
        self.map_err(|error| error.into_exception().into())
    }
}

macro_rules! plain {
    ($([$($generic:ident),*] $type:ty),* $(,)?) => {$(
        impl<$($generic),*> Output for $type {
            type Ok = Self;

            fn into_result(self) -> Result<Self, Error> {
                Ok(self)
            }
        }
    )*};
}

plain! {
    [] (), [] bool, [] char, [] &'static str, [] String, [] Duration, [] Instant,
    [] u8, [] u16, [] u32, [] u64, [] u128, [] usize,
    [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] f32, [] f64,
    [T] Option<T>, [T] Vec<T>, [T] Box<T>, [T] Rc<T>, [T] Arc<T>,
    [A] (A,), [A, B] (A, B), [A, B, C] (A, B, C), [A, B, C, D] (A, B, C, D),
    [A, B, C, D, E] (A, B, C, D, E), [A, B, C, D, E, F] (A, B, C, D, E, F),
}
impl<T, const N: usize> Output for [T; N] {
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        Ok(self)
    }
}

/// A body that never ends: `T` is `!`. The impl names it by way of `FnOnce`: with an impl for
/// [`Never`](crate::Never), whose name goes through a trait of this crate, other crates could not implement
/// `Output`.
impl<T> Output for T
where
    fn() -> !: FnOnce() -> T,
{
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        Ok(self)
    }
}

// Newer compilers make `Infallible` the type `!`, which the impl above covers: see `build.rs`.
#[cfg(not(infallible_is_never))]
impl Output for std::convert::Infallible {
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        match self {}
    }
}
