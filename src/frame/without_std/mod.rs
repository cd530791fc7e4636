//! What the engine does where there is no std, and so nothing that belongs to a thread.
//!
//! 1. There are no threads that this crate knows, but there may be several: cores, tasks of an operating system,
//!    interrupt handlers. A [`Co`](super::Co), everything made of one, and the frame itself are neither `Send` nor
//!    `Sync` ([`thread::Stays`]): so the frame, its slots and all futures of the frame stay where it was made, and a
//!    future that finds a slot with its id is there, too.
//! 2. Our own waker is `Sync`, and may be used elsewhere while it is lent. What it does there reads only what never
//!    changes, and writes what is atomic ([`thread::Told`]).
//! 3. There is no chain of slots: a slot is found through our own waker only. With that of a foreign combinator there
//!    is a panic.
//! 4. Without a queue of bodies to be dropped ([`super::no_drop_queue`]), called bodies that are dropped take native stack for each
//!    level.

pub(in crate::frame) mod memory_pool;
pub(in crate::frame) mod native_stack;
pub(in crate::frame) mod thread;
