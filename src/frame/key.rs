//! The key of a frame that never yields: what leads to its scopes and raises, anywhere in its body.

use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::co::Co;
use super::frame::Frame;
use super::never::Never;
use super::scope::Catch;
use super::slot::{self, SlotHead};
use super::status::Target;

/// A [`Co`] of a frame that never yields, without the frame's lifetime.
///
/// A `Co` is a number whose types must be those of the frame with that number; the lifetime bounds
/// nothing that a scope or a raise does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(NonZeroU64);

impl Key {
    /// The key of no frame.
    pub(crate) const NONE: Self = Self(NonZeroU64::MAX);

    #[inline]
    pub(crate) fn co(self) -> Co<'static, Never, ()> {
        Co {
            id: self.0,
            types: PhantomData,
        }
    }

    /// The slot of the frame, whose body is being polled with `cx`.
    fn slot<'a>(self, cx: &'a Context<'_>) -> &'a SlotHead {
        // SAFETY: `lookup` gives the slot of the frame that is being polled, on its own thread. It lives
        // until that poll has ended, and `cx` was lent by that poll or by one inside it: the borrow of
        // `cx` ends before.
        unsafe { &*slot::lookup(cx, self.0) }
    }

    /// Polls `inside`, and tells which scope in there has claimed a throw ([`super::scope`],
    /// invariant 2).
    pub(crate) fn claim_in<T>(
        self,
        cx: &mut Context<'_>,
        inside: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> (Claim, Poll<T>) {
        let before = self.slot(cx).awaiting.replace(Target::NONE);
        let polled = inside(cx);
        let awaiting = &self.slot(cx).awaiting;
        let claim = Claim(awaiting.get());
        if claim == Claim::NONE || polled.is_ready() {
            awaiting.set(before);
            return (Claim::NONE, polled);
        }
        (claim, polled)
    }

    /// Claims again for the scope that claimed in an earlier poll: what is between here and that
    /// scope is not polled this time.
    pub(crate) fn reclaim(self, cx: &Context<'_>, claim: Claim) {
        if claim != Claim::NONE {
            self.slot(cx).awaiting.set(claim.0);
        }
    }
}

/// The scope that a throw goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim(Target);

impl Claim {
    /// No scope.
    pub(crate) const NONE: Self = Self(Target::NONE);
}

impl<F: Future> Frame<'_, Never, (), F> {
    #[inline]
    pub(crate) fn key(&self) -> Key {
        Key(self.head().id)
    }
}

impl<F> Catch<Never, (), F> {
    /// Makes it a scope of the frame with `key`, whose body polls it from now on.
    pub(crate) fn bind(self: Pin<&mut Self>, key: Key) {
        // SAFETY: `inside` is not moved.
        unsafe { self.get_unchecked_mut() }.set_id(key.0);
    }
}
