//! The key of a frame that never yields: what leads to its scopes and raises, wherever in its body.

use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU64;

use super::{Co, Frame, Never};

/// A [`Co`] of a frame that never yields, without the frame's lifetime.
///
/// A `Co` is a number whose types must be those of the frame with that number; the lifetime bounds
/// nothing that a scope or a raise does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(NonZeroU64);

impl Key {
    #[inline]
    pub(crate) fn co(self) -> Co<'static, Never, ()> {
        Co {
            id: self.0,
            types: PhantomData,
        }
    }
}

impl<F: Future> Frame<'_, Never, (), F> {
    #[inline]
    pub(crate) fn key(&self) -> Key {
        Key(self.head().id)
    }
}
