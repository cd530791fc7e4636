use super::error::Error;
use crate::frame::IntoException;

/// What a task's body may return: a plain value, or a `Result` whose error becomes an [`Error`]: whatever may be
/// raised ([`IntoException`]).
///
/// So `let n = create_task(async { 7_u8 }).await?` and `let n = create_task(async { "7".parse::<i32>()
/// }).await?` have one `?` each.
///
/// All types of std that a body could return are outputs, and those of this crate. A type of your own becomes one by
/// [`output!`](crate::aio::output); a type of another crate is wrapped by [`ok`]. (There is no way to know both "a
/// `Result`" and "any other type" without this trait: see decision 0015.)
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not known as what a body may return: wrap it in `aio::ok(…)`, or write `aio::output!(…)` for it (the error of a `Result` must turn into a `Box<dyn Error + Send + Sync>`)"
)]
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

/// Makes types of your own what a body may return ([`Output`]): `aio::output!(Page, [T] Holder<T>)`. What a type has of
/// parameters is said before it, in brackets, as after `impl`.
///
/// # Examples
///
/// ```
/// use cogen::aio::{self, create_task};
///
/// struct Page(u32);
/// struct Line<'a>(&'a str);
/// struct Cache<T: Clone>(Vec<T>);
/// aio::output!(Page, ['a] Line<'a>, [T: Clone] Cache<T>);
///
/// let page = aio::run(async {
///     let page = create_task(async { Page(7) }).await?;
///     aio::ok(page.0)
/// });
/// assert_eq!(page?, 7);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __aio_output {
    (@all $([$($generics:tt)*] $type:ty),* $(,)?) => {$(
        impl<$($generics)*> $crate::aio::Output for $type {
            type Ok = Self;

            #[inline]
            fn into_result(self) -> ::core::result::Result<Self, $crate::aio::Error> {
                ::core::result::Result::Ok(self)
            }
        }
    )*};
    () => {};
    ([$($generics:tt)*] $type:ty $(, $($rest:tt)*)?) => {
        $crate::__aio_output!(@all [$($generics)*] $type);
        $crate::__aio_output!($($($rest)*)?);
    };
    ($type:ty $(, $($rest:tt)*)?) => {
        $crate::__aio_output!(@all [] $type);
        $crate::__aio_output!($($($rest)*)?);
    };
}
#[doc(inline)]
pub use __aio_output as output;

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

/// Nobody has one. With a second impl that is for any `T`, the compiler says of a type that it is no `Output`; with one
/// alone, it would say that `fn() -> !` does not return it.
struct Nothing;

impl<T> Output for T
where
    fn() -> Nothing: FnOnce() -> T,
{
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        Ok(self)
    }
}
