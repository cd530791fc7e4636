//! A called body, in memory of its own, with two kinds of users: the future [`Call`](super::Call), which owns it, and
//! the frame, which polls it through [`Handle`]s.
//!
//! 1. `F: 'g`: any code that resumes the frame, which lives in `'g`, may poll the body, even if the `Call` has been
//!    leaked, or moved out of the body that made it.
//! 2. A handle is made in a poll of its frame, by the `Call`, and polls on that thread only
//!    ([`super::call_stack`], invariant 4): a body that is not `Send` may have been called. It may be dropped on any
//!    other thread: a frame may be `Send` although what it has called is not.
//! 3. `state` says which side owns the node:
//!
//!    | state | meaning | set by |
//!    |---|---|---|
//!    | `OWNED` | there is no handle: the `Call` has it for itself | [`Owner::new`], the end of the last handle |
//!    | `LINKED` | there are handles: both may use it, on the handles' thread only | [`Owner::link`] |
//!    | `ABANDONED` | there are handles, but no `Call`: the last handle frees it | the drop of the `Call` |
//!
//!    The two ends may come at the same time on two threads, so each is an atomic exchange that tells whether the
//!    other has happened. But a `Call` that is being polled cannot be dropped: what it finds ended in its poll, it
//!    takes over without an exchange ([`Owner::take_over`]). So where a call is awaited until it is over, nothing is
//!    locked.
//! 4. Everything else is used on one thread at a time: by the `Call` alone where the node is `OWNED`, by the handles
//!    and the `Call` on the handles' thread where it is `LINKED`, by the handles where it is `ABANDONED`. A `Call`
//!    that is dropped on another thread leaves everything to the handles. If there is something in a node then, it
//!    has come to that thread in the `Call`, so it is `Send`: it may be dropped wherever the frame is.
//! 5. `handles` counts the handles. Only the frame's side changes it, also where the frame has moved to another
//!    thread.
//! 6. What has been dropped counts as gone, even if its destructor panicked.

mod doomed;
mod handle;
mod node;
mod owner;

pub(super) use doomed::Doomed;
pub(super) use handle::Handle;
pub(super) use node::{Callee, Progress};
pub(super) use owner::Owner;
