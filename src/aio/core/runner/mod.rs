//! The loop at work: a future that gives tasks their turns, and the calls that run one.
//!
//! [`running`] is the future; [`turns`] are its turns, and [`descend`] is how it continues inside nested groups.
//! [`run`] makes one, [`interrupt`] is ctrl-c, and [`stuck`] is what is said of a deadlock. [`call_soon`] and its like have a loop call a function.

pub(in crate::aio) mod call_soon;
pub(in crate::aio) mod descend;
#[cfg(unix)]
mod interrupt;
pub(in crate::aio) mod run;
pub(in crate::aio) mod running;
#[cfg(feature = "tracing")]
pub(in crate::aio) mod set_slow_step;
pub(in crate::aio) mod signal;
mod stuck;
pub(in crate::aio) mod turns;
