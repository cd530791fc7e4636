use core::future::Future;

use crate::frame::{Co, Frame};

/// Makes a generator from a body: a closure that takes the handle [`Co`] and returns an `async`
/// block.
///
/// Nothing runs until it is started. The result is the generator in place, without an allocation:
/// pin it ([`std::pin::pin!`], [`Box::pin`]), or box it ([`Frame::boxed`], [`Frame::boxed_local`]).
///
/// # Examples
///
/// ```
/// use cogen::{Generator, generator};
/// use std::pin::pin;
///
/// let mut fibonacci = pin!(generator(|co| async move {
///     let (mut a, mut b) = (0u64, 1);
///     loop {
///         co.yield_(a).await;
///         (a, b) = (b, a + b);
///     }
/// }));
/// let first: Vec<u64> = fibonacci.iter().take(8).collect();
/// assert_eq!(first, [0, 1, 1, 2, 3, 5, 8, 13]);
/// ```
#[inline]
pub fn generator<'g, Y, S, F>(body: impl FnOnce(Co<'g, Y, S>) -> F) -> Frame<'g, Y, S, F>
where
    F: Future,
{
    Frame::new(body)
}
