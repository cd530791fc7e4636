//! The loop that runs on this thread.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::Error;
use super::core::LoopCore;

thread_local! {
    static CURRENT: RefCell<Option<Rc<LoopCore>>> = const { RefCell::new(None) };
}

/// The loop that is being polled on this thread.
#[inline]
pub(in super::super) fn get() -> Option<Rc<LoopCore>> {
    CURRENT.with(|current| current.borrow().clone())
}

/// The same, for calls that make no sense without one.
#[inline]
#[track_caller]
pub(in super::super) fn expect() -> Rc<LoopCore> {
    let Some(lp) = get() else { no_loop() };
    lp
}

#[cold]
#[inline(never)]
#[track_caller]
fn no_loop() -> ! {
    panic!("no running event loop: call this inside `aio::run` or `EventLoop::run`")
}

/// Makes `lp` the loop of this thread, until it is dropped.
pub(super) struct Entered(());

impl Entered {
    pub(super) fn new(lp: &Rc<LoopCore>) -> Result<Self, Error> {
        CURRENT.with(|current| {
            let mut current = current.borrow_mut();
            if current.is_some() {
                return Err(Error::Runtime(
                    "an event loop cannot run while another one is running on the same thread",
                ));
            }
            *current = Some(lp.clone());
            lp.set_polled(true);
            Ok(Self(()))
        })
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let left = CURRENT.with(|current| current.borrow_mut().take());
        if let Some(lp) = left {
            lp.set_polled(false);
        }
    }
}
