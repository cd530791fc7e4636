//! Bodies, destructors and wakers that do what no sensible program does, in safe code: nothing is given or
//! dropped twice, nothing is made from nothing, and nobody gets what is another's. Run under Miri, too.
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
        Ok(_) => panic!("it did not panic"),
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
