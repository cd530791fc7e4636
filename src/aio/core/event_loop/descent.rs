//! Where a loop is that continues inside the polls of nested groups: see
//! [`descend`](crate::aio::core::runner::descend).
//!
//! | what | set by | put back by |
//! |---|---|---|
//! | `open` | the loop: true for the step of a group's child, else false; `closed`: false | the end of the same |
//! | `depth` | `below`, one more | its drop, one less |
//! | `turns` | a turn that begins down there, one more | `refresh`, to 0 |
//! | `may_turn` | `refresh`: not in the last turns of a loop | the next `refresh` |
//! | `goal` | a group that finds an entry for a group around it | that group, or the next step from up here |

use std::cell::Cell;

/// Turns that may begin down there without a group around.
const TURNS: usize = 64;

/// Where the loop is.
#[derive(Default)]
pub(in crate::aio::core) struct Descent {
    /// Whether the descent is open: invariant 1.
    open: Cell<bool>,
    /// How many groups are having their children polled, one inside the other.
    depth: Cell<usize>,
    /// How many turns have begun down there in the one up here.
    turns: Cell<usize>,
    /// Whether turns may begin down there.
    may_turn: Cell<bool>,
    /// The next entry is for the group with this address, which is around the one that asked; 0: for none of
    /// them.
    goal: Cell<Option<usize>>,
}

impl Descent {
    /// A turn begins up here. `may_turn`: whether others may begin down there.
    pub(in crate::aio::core) fn refresh(&self, may_turn: bool) {
        self.turns.set(0);
        self.may_turn.set(may_turn);
    }

    /// How many turns have begun down there in the one up here.
    pub(in crate::aio::core) fn turns(&self) -> usize {
        self.turns.get()
    }

    /// Sets whether the descent is open; gives what it was before.
    pub(in crate::aio::core) fn set_open(&self, open: bool) -> bool {
        self.open.replace(open)
    }

    pub(in crate::aio::core) fn is_open(&self) -> bool {
        self.open.get()
    }

    /// A group has its children polled from now on.
    pub(in crate::aio::core) fn enter(&self) {
        self.depth.set(self.depth.get() + 1);
    }

    /// The group no longer has its children polled.
    pub(in crate::aio::core) fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    pub(in crate::aio::core) fn goal(&self) -> Option<usize> {
        self.goal.get()
    }

    /// The next entry is for the group with this address, which is around the one that asked; 0: for none.
    pub(in crate::aio::core) fn set_goal(&self, goal: usize) {
        self.goal.set(Some(goal));
    }

    /// Forgets what is next.
    #[inline]
    pub(in crate::aio::core) fn forget_goal(&self) {
        self.goal.set(None);
    }

    /// Whether a turn may begin down there.
    pub(in crate::aio::core) fn may_turn(&self) -> bool {
        self.may_turn.get() && self.turns.get() < TURNS + self.depth.get()
    }

    /// A turn begins down there.
    pub(in crate::aio::core) fn count_turn(&self) {
        self.turns.set(self.turns.get() + 1);
    }
}
