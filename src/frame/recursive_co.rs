use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::ops::Deref;

use super::co::Co;
use crate::debug::debug;

/// The handle of a body that may call others: a [`Co`] with [`call`](Self::call).
///
/// [`recursive`](crate::recursive()) passes it to the body. It derefs to [`Co`], whose methods all work; pass `*co`
/// to a helper function that takes a `Co`. It is `Copy`.
///
/// # Examples
///
/// ```
/// use cogen::{Co, Generator, RecursiveCo, recursive};
/// use std::pin::pin;
///
/// async fn shout(co: Co<'_, String>, word: &str) {
///     co.yield_(word.to_uppercase()).await;
/// }
///
/// async fn count_down(co: RecursiveCo<'_, String>, n: u32) {
///     if n == 0 {
///         return shout(*co, "lift-off").await;
///     }
///     co.yield_(n.to_string()).await;
///     co.call(count_down(co, n - 1)).await;
/// }
///
/// let mut g = pin!(recursive(|co| count_down(co, 2)));
/// assert_eq!(g.iter().collect::<Vec<_>>(), ["2", "1", "LIFT-OFF"]);
/// ```
pub struct RecursiveCo<'g, Y, S = ()> {
    // Made only for a frame whose slots are `CallSlot`s: the id says so.
    co: Co<'g, Y, S>,
    // Invariant, unlike in `Co`: what is called outlives the `'g` of the frame itself, neither a longer
    // one nor a shorter one (see `drop_queue.rs`, invariant 1).
    frame: PhantomData<fn(&'g ()) -> &'g ()>,
}

impl<'g, Y, S> RecursiveCo<'g, Y, S> {
    #[inline]
    pub(super) fn new(co: Co<'g, Y, S>) -> Self {
        Self {
            co,
            frame: PhantomData,
        }
    }

    #[inline]
    pub(super) fn id(self) -> NonZeroU64 {
        self.co.id
    }
}

impl<'g, Y, S> Deref for RecursiveCo<'g, Y, S> {
    type Target = Co<'g, Y, S>;

    #[inline]
    fn deref(&self) -> &Co<'g, Y, S> {
        &self.co
    }
}

impl<'g, Y, S> From<RecursiveCo<'g, Y, S>> for Co<'g, Y, S> {
    fn from(co: RecursiveCo<'g, Y, S>) -> Self {
        *co
    }
}

impl<Y, S> Clone for RecursiveCo<'_, Y, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Y, S> Copy for RecursiveCo<'_, Y, S> {}

debug!(impl[Y, S] self: RecursiveCo<'_, Y, S> { id: self.co.id });
