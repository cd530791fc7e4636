//! The wakers of foreign combinators that poll scopes: a throw wakes that of its target.

use alloc::collections::BTreeMap;
use core::task::Waker;

use super::status::Target;

/// The wakers, by scope.
///
/// A scope that ends takes its waker out; one that is dropped earlier cannot. When there are many more than were
/// alive at the last clearing, all are woken and taken out: those that live come back when they are polled.
#[derive(Debug, Default)]
pub(super) struct ScopeWakers {
    wakers: BTreeMap<Target, Waker>,
    /// The newest scope at the last clearing.
    newest: Option<Target>,
    /// How many of those up to `newest` have come back.
    survivors: usize,
}

/// No clearing below this.
const FEW: usize = 64;

impl ScopeWakers {
    /// Whether `waker` is the one that is kept for `scope`.
    pub(super) fn has(&self, scope: Target, waker: &Waker) -> bool {
        self.wakers
            .get(&scope)
            .is_some_and(|kept| kept.will_wake(waker))
    }

    pub(super) fn stands(&self, scope: Target) -> bool {
        self.wakers.contains_key(&scope)
    }

    /// The newest scope.
    pub(super) fn newest(&self) -> Option<Target> {
        self.wakers.keys().next_back().copied()
    }

    /// Keeps a waker. Returns one that is no longer needed, for the caller to drop.
    #[must_use]
    pub(super) fn keep(&mut self, scope: Target, waker: Waker) -> Option<Waker> {
        let stale = self.wakers.insert(scope, waker);
        if stale.is_none() && self.newest.is_some_and(|newest| scope <= newest) {
            self.survivors += 1;
        }
        stale
    }

    /// The waker of `scope`, for the caller to drop or to wake.
    #[must_use]
    pub(super) fn take(&mut self, scope: Target) -> Option<Waker> {
        self.wakers.remove(&scope)
    }

    /// All of them, for the caller to wake.
    #[must_use]
    pub(super) fn take_all(&mut self) -> BTreeMap<Target, Waker> {
        let all = core::mem::take(&mut self.wakers);
        self.newest = all.keys().next_back().copied();
        self.survivors = 0;
        all
    }

    /// Whether most of them may belong to scopes that are gone.
    pub(super) fn are_too_many(&self) -> bool {
        self.wakers.len() >= FEW + 2 * self.survivors
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, ScopeWakers};
    use crate::frame::status::Target;
    use core::task::Waker;

    fn keep(wakers: &mut ScopeWakers, scope: Target) {
        assert!(wakers.keep(scope, Waker::noop().clone()).is_none());
    }

    #[test]
    fn there_are_too_many_when_they_are_more_than_twice_those_that_came_back() {
        let mut wakers = ScopeWakers::default();
        let old: Vec<_> = (0..FEW).map(|_| Target::fresh()).collect();
        for &scope in &old {
            assert!(!wakers.are_too_many());
            keep(&mut wakers, scope);
        }
        assert!(wakers.are_too_many());
        assert_eq!(wakers.take_all().len(), FEW);
        assert!(!wakers.are_too_many());
        for &scope in &old[..3] {
            keep(&mut wakers, scope);
        }
        // Those are new: they have not come back.
        for _ in 3..FEW + 6 {
            assert!(!wakers.are_too_many());
            keep(&mut wakers, Target::fresh());
        }
        assert!(wakers.are_too_many());
    }
}
