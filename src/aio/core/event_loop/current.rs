//! The loop that runs on this thread.
//!
//! 1. At most one loop is polled on a thread at a time. [`Entered`] makes a loop the current one, and takes that back
//!    on unwind too. A loop inside another one would keep it from running.
//! 2. `CURRENT` is not borrowed while anything of the user's runs: a waker or a destructor looks for the loop there.

use std::cell::RefCell;
use std::rc::Rc;

use tokio::runtime::Handle;

use super::loop_core::LoopCore;
use crate::aio::core::error::Error;

thread_local! {
    /// It has a destructor, so it is gone while the destructors of other thread-locals run. Whatever wakers
    /// and destructors reach uses it with `try_with`: no loop runs then.
    static CURRENT: RefCell<Option<Rc<LoopCore>>> = const { RefCell::new(None) };
}

/// The loop that is being polled on this thread.
#[inline]
pub(in crate::aio) fn get() -> Option<Rc<LoopCore>> {
    let current = CURRENT.try_with(|current| current.borrow().clone());
    current.ok().flatten()
}

/// Calls `call`, which runs none of the user's code, with the loop that is being polled on this thread.
#[inline]
#[track_caller]
pub(in crate::aio) fn with<R>(call: impl FnOnce(&Rc<LoopCore>) -> R) -> R {
    let mut call = Some(call);
    let called = CURRENT.try_with(|current| {
        let current = current.borrow();
        let lp = current.as_ref()?;
        call.take().map(|call| call(lp))
    });
    match called {
        Ok(Some(result)) => result,
        _ => no_loop(),
    }
}

/// The same, for calls that make no sense without a loop.
#[inline]
#[track_caller]
pub(in crate::aio) fn expect() -> Rc<LoopCore> {
    let Some(lp) = get() else { no_loop() };
    lp
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_loop() -> ! {
    let instead = if is_tokios() {
        "tokio's is another. Call this inside `EventLoop::run(async { … }).await`, which keeps tokio's clock, paused or \
         not; or, in a test, inside `testing::run`, which has a clock of its own"
    } else {
        "call this inside `aio::run` or `EventLoop::run`"
    };
    panic!("no running event loop: {instead}")
}

/// Whether a tokio runtime is at work on this thread.
pub(in crate::aio::core) fn is_tokios() -> bool {
    Handle::try_current().is_ok()
}

/// The error when the destructor of another thread-local polls a loop.
pub(in crate::aio::core) const ENDING: Error =
    Error::Runtime("an event loop cannot run on a thread that is ending");

/// The error when a body of a loop runs another loop on the same thread.
pub(in crate::aio::core) const NESTED: Error = Error::Runtime(
    "an event loop cannot run while another one is running on the same thread: await the body itself, or run it by \
     `to_thread(|| aio::run(…))`",
);

/// Makes `lp` the loop of this thread, until this is dropped.
pub(in crate::aio::core) struct Entered(());

impl Entered {
    pub(in crate::aio::core) fn new(lp: &Rc<LoopCore>) -> Result<Self, Error> {
        let entered = CURRENT.try_with(|current| {
            let mut current = current.borrow_mut();
            if current.is_some() {
                return Err(NESTED);
            }
            *current = Some(lp.clone());
            // Together with `CURRENT`, so that the loop of the thread is always one that is polled.
            lp.set_polled(true);
            Ok(Self(()))
        });
        entered.unwrap_or(Err(ENDING))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // The pointer may be the last one to the loop: it is dropped when nothing is borrowed (invariant 2).
        let left = CURRENT.try_with(RefCell::take);
        if let Ok(Some(lp)) = left {
            lp.set_polled(false);
        }
    }
}
