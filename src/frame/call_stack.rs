//! The calls of a frame: a stack of handles, of which the top one is polled.
//!
//! 1. The stack tells how to get from the frame's own body to the body that runs: each level is called
//!    by the one below, the lowest by the frame's own body. Levels are polled one after another, never one inside
//!    another ([`super::recursive_resume`]).
//! 2. A level knows the innermost scope around its call, if there is one, and how many levels are at or below that
//!    scope. What is thrown to that scope first drops all levels above, the top first.
//! 3. The level below the top is polled when the top is over. Until then, what it awaits *beside* the
//!    call is not polled. So the frame polls from its own body upwards, which rebuilds the stack: before it says that
//!    it awaits something, and every now and then. A call beside which something yields, or calls, no longer counts
//!    as a call: it is polled where it is awaited.
//! 4. The handles are used on the thread on which they were made ([`super::called_body`], invariant 4). On
//!    another thread they are dropped, and new ones are made from the frame's own body.

use alloc::vec::Vec;
use core::mem;

use super::called_body::Handle;
use super::status::Target;
use super::thread;

#[derive(Default)]
pub(super) struct CallStack {
    stack: Vec<Level>,
    /// The thread that the handles belong to.
    thread: u64,
    /// All levels have been polled in this resume, from the frame's own body upwards.
    polled: bool,
    /// Resumes since all levels were polled.
    resumes: usize,
}

struct Level {
    handle: Handle,
    /// The innermost scope around the call, if there is one.
    scope: Target,
    /// How many levels stay when something is thrown to that scope.
    keep: usize,
}

impl CallStack {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.stack.is_empty()
    }

    /// The body to poll, if it is not the frame's own.
    #[inline]
    pub(super) fn top(&self) -> Option<&Handle> {
        self.stack.last().map(|level| &level.handle)
    }

    /// Where an exception goes that the top does not catch: the scope, and how many levels stay.
    #[inline]
    pub(super) fn scope(&self) -> (Target, usize) {
        self.stack
            .last()
            .map_or((Target::NONE, 0), |top| (top.scope, top.keep))
    }

    /// The top has called a body, in scope `claimed` of its own.
    #[inline]
    pub(super) fn push(&mut self, handle: Handle, claimed: Target) {
        let (scope, keep) = if claimed.is_none() {
            self.scope()
        } else {
            (claimed, self.stack.len())
        };
        if self.stack.is_empty() {
            self.thread = thread::unique();
        }
        self.put(Level {
            handle,
            scope,
            keep,
        });
    }

    /// Pushes. Moved as a whole, a level would go through the stack in halves that are read as one, which costs more
    /// than the rest of the call.
    #[inline]
    fn put(&mut self, level: Level) {
        let length = self.stack.len();
        if length == self.stack.capacity() {
            self.grow();
        }
        let Level {
            handle,
            scope,
            keep,
        } = level;
        // SAFETY: there is room.
        unsafe {
            let place = self.stack.as_mut_ptr().add(length);
            (&raw mut (*place).handle).write(handle);
            (&raw mut (*place).scope).write(scope);
            (&raw mut (*place).keep).write(keep);
            self.stack.set_len(length + 1);
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.stack.reserve(1);
    }

    /// The top is over.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<Handle> {
        self.stack.pop().map(|level| level.handle)
    }

    /// A resume begins.
    #[inline]
    pub(super) fn begin(&mut self) {
        if !self.stack.is_empty() && (!self.is_ours() || self.is_due()) {
            self.clear();
        }
        self.polled = self.stack.is_empty();
    }

    /// Ends all handles, one by one: what was left to them may panic when it is dropped.
    #[cold]
    fn clear(&mut self) {
        while let Some(handle) = self.pop() {
            drop(handle);
        }
    }

    /// The top awaits something. Returns whether what is below is to be polled as well (invariant
    /// 3).
    pub(super) fn go_down(&mut self) -> bool {
        let down = !mem::replace(&mut self.polled, true) && !self.stack.is_empty();
        if down {
            self.clear();
        }
        down
    }

    /// Drops the bodies of the levels above the first `keep`, the top first.
    pub(super) fn unwind(&mut self, keep: usize) {
        if !self.stack.is_empty() && !self.is_ours() {
            // The calls drop the bodies.
            self.clear();
        }
        while self.stack.len() > keep {
            if let Some(level) = self.stack.pop() {
                // SAFETY: the thread is the right one; the frame is there, so `'g` has not ended.
                unsafe { level.handle.kill() };
            }
        }
    }

    #[inline]
    fn is_ours(&self) -> bool {
        self.thread == thread::unique()
    }

    /// Whether all levels are to be polled: seldom enough that it adds little to what a resume costs.
    #[inline]
    fn is_due(&mut self) -> bool {
        self.resumes += 1;
        let due = self.resumes > 64 * (1 + self.stack.len());
        if due {
            self.resumes = 0;
        }
        due
    }
}
