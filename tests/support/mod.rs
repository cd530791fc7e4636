//! Helpers for several test files.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(unreachable_pub, reason = "a module of each test program")]

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use cogen::{Co, Frame, generator};

/// An exception of the tests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Oops(pub(crate) i32);

impl fmt::Display for Oops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oops {}", self.0)
    }
}

impl std::error::Error for Oops {}

/// Counts drops.
#[derive(Clone, Default, Debug)]
pub(crate) struct Drops(Rc<Cell<usize>>);

impl Drops {
    pub(crate) fn count(&self) -> usize {
        self.0.get()
    }

    pub(crate) fn guard(&self) -> DropGuard {
        DropGuard(self.0.clone())
    }
}

pub(crate) struct DropGuard(Rc<Cell<usize>>);

impl Drop for DropGuard {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// A foreign future that is pending once.
pub(crate) async fn pending_once() {
    let mut polled = false;
    // `move` keeps the future from borrowing from itself, to which Miri objects in the boxes of `join_all`.
    poll_fn(move |cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs `$check` with the generator `$make` in each of its forms: pinned in place, pinned in a box,
/// boxed and erased (also behind `&mut`), and closing.
#[macro_export]
macro_rules! in_all_forms {
    ($make:expr, $check:expr) => {{
        $check("pinned", std::pin::pin!($make));
        $check("Box::pin", Box::pin($make));
        $check("boxed", $make.boxed_local());
        $check("&mut boxed", &mut $make.boxed_local());
        $check("Box<boxed>", Box::new($make.boxed_local()));
        $check("closing", Box::pin($make).closing());
    }};
}

/// Yields 1, 2 and 3, each plus the sum of the replies so far, and returns that sum.
pub(crate) fn adder() -> Frame<'static, i32, i32, impl Future<Output = i32>> {
    generator(|co: Co<'_, i32, i32>| async move {
        let mut sum = 0;
        for n in 1..=3 {
            sum += co.yield_(n + sum).await;
        }
        sum
    })
}
