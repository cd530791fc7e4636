//! What the event loop consists of.
//!
//! [`loop_core`] has the ready queue and the turns, [`timers`] what is to come (by [`deadlines`]), [`inbox`]
//! what other threads bring, and [`clock`] the time. [`current`] says which loop runs on this thread.
//!
//! `signals` brings what the system sends. [`jobs`] run on other threads, and [`leftovers`] are async generators: the loop does not end before they do.

#[cfg(all(feature = "process", unix))]
pub(crate) mod at_work;
pub(in crate::aio) mod clock;
pub(in crate::aio) mod current;
mod deadlines;
pub(in crate::aio) mod descent;
pub(in crate::aio) mod handle_cell;
pub(in crate::aio) mod inbox;
pub(in crate::aio) mod jobs;
pub(in crate::aio) mod kept_calls;
pub(in crate::aio) mod leftovers;
pub(in crate::aio) mod loop_core;
pub(in crate::aio) mod observer;
pub(in crate::aio) mod registry;
#[cfg(unix)]
pub(in crate::aio::core) mod signals;
pub(in crate::aio) mod spans;
pub(in crate::aio) mod task_id;
pub(in crate::aio) mod thread_token;
pub(in crate::aio) mod timers;
pub(in crate::aio) mod wakee;
