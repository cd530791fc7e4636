//! What a task waits for: a time, a promise, other tasks, one of them or all.
//!
//! [`child`] and [`children`] are what these take; [`throttle`] is how many of them run at once; [`latch`] is
//! what wakes a wait once.

pub(in crate::aio) mod as_completed;
pub(in crate::aio) mod child;
pub(in crate::aio) mod children;
pub(in crate::aio) mod gather;
pub(in crate::aio) mod latch;
pub(in crate::aio) mod promise;
pub(in crate::aio) mod shield;
pub(in crate::aio) mod sleep;
pub(in crate::aio) mod sleep_with;
pub(in crate::aio) mod throttle;
pub(in crate::aio) mod timeout;
pub(in crate::aio) mod wait;
pub(in crate::aio) mod wait_for;
