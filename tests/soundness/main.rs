//! Bodies, destructors and wakers that do what no sensible program does, in safe code. Even so nothing is given or
//! dropped twice, nothing is made from nothing, and no part gets what belongs to another. These tests also run under
//! Miri.
#![forbid(unsafe_code)]

mod destructors;
mod raises;
mod replies;
mod turns;
mod yields;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The message of the panic that `f` ends with.
fn panic_of<T>(f: impl FnOnce() -> T) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("the call did not panic"),
        Err(payload) => message(&*payload),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| {
            payload
                .downcast_ref::<&str>()
                .map(|text| (*text).to_owned())
        })
        .unwrap_or_default()
}
