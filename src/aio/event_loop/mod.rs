//! The event loop: a future that gives tasks their turns.
//!
//! [`core`](self::core) has the ready queue and the turns, [`timers`] what is to come (by [`deadlines`]),
//! [`inbox`] what other threads bring, and [`clock`] the time. [`running`] is the future that polls it all,
//! [`descent`] is how it continues inside nested groups, and [`current`] says which loop runs on this thread.

pub(super) mod clock;
pub(super) mod core;
pub(super) mod current;
mod deadlines;
mod descent;
pub(super) mod handle;
pub(super) mod inbox;
#[cfg(unix)]
mod interrupt;
mod run;
pub(super) mod running;
pub(super) mod timers;

pub use handle::{Handle, call_at, call_later, call_soon};
pub use run::{EventLoop, Runner, run};
