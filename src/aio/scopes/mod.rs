//! Scopes of tasks: what catches a cancel, or cleans up after it.

pub(in crate::aio) mod catch;
pub(in crate::aio) mod catch_cancelled;
pub(in crate::aio) mod catch_exception;
pub(in crate::aio) mod finally;
pub(in crate::aio) mod raise;
pub(in crate::aio) mod scope;
pub(in crate::aio) mod try_finally;
