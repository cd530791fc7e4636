use core::marker::PhantomData;
use core::num::NonZeroU64;

use super::thread::Stays;
use crate::debug::debug;

/// The handle through which a body yields, catches and raises.
///
/// [`generator`](crate::generator()) passes it to the body. It is `Copy`: pass it to helper
/// functions, as `&Co` or by value. It is only a number: if a `Co` outlives its generator, or is
/// used in another one, awaiting what it made panics; nothing worse can happen.
///
/// - `Y` is what the body yields, `S` what a yield gives back (what the caller sends).
/// - `'g` is the lifetime of the generator.
///
/// # Examples
///
/// ```
/// use cogen::{Co, Generator, Step, generator};
/// use std::pin::pin;
///
/// async fn twice(co: Co<'_, u32>, n: u32) {
///     co.yield_(n).await;
///     co.yield_(n).await;
/// }
///
/// let mut g = pin!(generator(|co| async move {
///     twice(co, 1).await;
///     twice(co, 2).await;
/// }));
/// assert_eq!(g.iter().collect::<Vec<_>>(), [1, 1, 2, 2]);
/// ```
pub struct Co<'g, Y, S = ()> {
    pub(super) id: NonZeroU64,
    // `fn(Y) -> S`: takes a `Y`, gives an `S`, and holds neither, so that with std it is `Send` and `Sync` whatever they are.
    // `fn(&'g ())`: any `'g` may be assumed, as nothing that a `Co` makes rests on it. (So a closure `|co: Co<'_, Y>|
    // async move { .. }` compiles wherever it is written.)
    pub(super) types: PhantomData<(fn(Y) -> S, fn(&'g ()), Stays)>,
}

impl<Y, S> Clone for Co<'_, Y, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Y, S> Copy for Co<'_, Y, S> {}

debug!(impl[Y, S] self: Co<'_, Y, S> { id: self.id });
