use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::Context;

use crate::aio::core::body::{Body, Mode, Stepped};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::loop_core::LoopCore;
use crate::aio::core::panicked::Panicked;
use crate::aio::core::raw::current_task::Lent;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report;
use crate::aio::core::task::task_core::delivery::{AfterPoll, Delivery, TRIES};

/// Polls a body as `task`. If the body has ended, its outcome is in `out`, which was empty before.
#[inline]
pub(in crate::aio::core) fn poll_body<T, B: Body<T> + ?Sized>(
    task: &AnyTask,
    lp: &LoopCore,
    mut body: Pin<&mut B>,
    mode: Mode,
    out: &mut Option<Result<T, Error>>,
) -> Stepped {
    let delivery = match mode {
        Mode::Step => task.begin(),
        // Invariant 3 of `step`.
        Mode::Relay => Delivery::Poll,
    };
    let stepped = Lent::new(task, lp).with(|cx| {
        panic::catch_unwind(AssertUnwindSafe(|| match delivery {
            Delivery::Poll => {
                let ended = body.as_mut().step(cx, out);
                if task.is_unusual() {
                    go_on(task, body, cx, (mode, ended), out)
                } else {
                    ended
                }
            }
            Delivery::Ends(cancelled) => {
                body.as_mut().end();
                *out = Some(Err(Error::Cancelled(cancelled)));
                true
            }
        }))
    });
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

/// A poll has raised, or was to deliver something. Polls again until it is delivered. Returns whether the body has
/// ended.
#[cold]
#[inline(never)]
fn go_on<T, B: Body<T> + ?Sized>(
    task: &AnyTask,
    mut body: Pin<&mut B>,
    cx: &mut Context<'_>,
    (mode, mut ended): (Mode, bool),
    out: &mut Option<Result<T, Error>>,
) -> bool {
    let mut left = TRIES;
    loop {
        match task.after_poll(mode, ended, left) {
            AfterPoll::Done => return ended,
            AfterPoll::Again => {}
            AfterPoll::Ends(error) => {
                // What the body ended with beside that is lost.
                let lost = out.take();
                if !ended {
                    body.as_mut().end();
                }
                *out = Some(Err(error));
                report::discard(lost);
                return true;
            }
        }
        left = left.saturating_sub(1);
        ended = body.as_mut().step(cx, out);
    }
}
