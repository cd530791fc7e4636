use crate::frame::Frame;
use crate::generator::{YieldAll, generator};

/// A generator that yields what an iterator gives, and returns `()`. Python: `(x for x in iterable)`.
///
/// What is thrown drops the iterator and comes back. Inside a body,
/// [`Co::yield_all`](crate::Co::yield_all) does the same.
///
/// # Examples
///
/// ```
/// use cogen::{BoxGen, Generator, Step, from_iter};
///
/// let mut g: BoxGen<'_, u32> = from_iter(1..=2).boxed();
/// assert_eq!(g.next()?, Step::Yielded(1));
/// assert_eq!(g.next()?, Step::Yielded(2));
/// assert_eq!(g.next()?, Step::Complete(()));
/// # Ok::<(), cogen::NextError>(())
/// ```
#[inline]
pub fn from_iter<'g, I: IntoIterator>(
    items: I,
) -> Frame<'g, I::Item, (), YieldAll<'g, I::Item, (), I::IntoIter>> {
    generator(|co| co.yield_all(items))
}
