use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;

use crate::aio::core::body::{Body, Mode, Stepped};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::panicked::Panicked;
use crate::aio::core::raw::current_task::Lent;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report;

/// Polls a body as `task`. If the body has ended, its outcome is in `out`, which was empty before.
#[inline]
pub(in crate::aio::core) fn poll_body<T, B: Body<T> + ?Sized>(
    task: &AnyTask,
    lp: &LoopCore,
    body: Pin<&mut B>,
    mode: Mode,
    out: &mut Option<Result<T, Error>>,
) -> Stepped {
    let cancelled = match mode {
        Mode::Step => task.core().begin(),
        // Invariant 3 of `step`.
        Mode::Relay => None,
    };
    let stepped = Lent::new(task, lp)
        .with(|cx| panic::catch_unwind(AssertUnwindSafe(|| body.step(cx, cancelled, out))));
    match stepped {
        Ok(true) => Stepped::Ended,
        // After the poll: a cancel that is noted may go to the wait in which the body is suspended now.
        Ok(false) if mode == Mode::Step && task.suspend() => Stepped::Again,
        Ok(false) => Stepped::Asleep,
        Err(payload) => {
            // The body may have given its value, and have panicked when it was dropped.
            let mut panicked = Panicked::new(payload);
            if lp.is_virtual() {
                panicked = panicked.without_tokio();
            }
            let lost = out.replace(Err(Error::Panicked(panicked)));
            report::discard(lost);
            Stepped::Ended
        }
    }
}
