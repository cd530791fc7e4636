use futures_core::Stream;

use crate::frame::Frame;
use crate::generator::{YieldAllStream, generator};

/// An async generator that yields what a stream gives, and returns `()`. Python (PEP 530):
/// `(x async for x in stream)`.
///
/// Its body awaits the stream: drive it with the async methods, or synchronously if the stream is always
/// ready. What is thrown drops the stream and comes back. Inside a body,
/// [`Co::yield_all_stream`](crate::Co::yield_all_stream) does the same.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, Step, from_stream};
/// use std::pin::pin;
///
/// # futures::executor::block_on(async {
/// let mut g = pin!(from_stream(futures::stream::iter([1, 2])));
/// assert_eq!(g.anext().await?, Step::Yielded(1));
/// assert_eq!(g.anext().await?, Step::Yielded(2));
/// assert_eq!(g.anext().await?, Step::Complete(()));
/// # Ok::<(), cogen::NextError>(()) }).unwrap();
/// ```
#[inline]
pub fn from_stream<'g, T: Stream>(
    items: T,
) -> Frame<'g, T::Item, (), YieldAllStream<'g, T::Item, (), T>> {
    generator(|co| co.yield_all_stream(items))
}
