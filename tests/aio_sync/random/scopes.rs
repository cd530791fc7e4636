//! Waits that may live on through a cancel of their task, because a scope beside them takes it. Whatever is given is
//! taken by a task, or is still there; and no task waits while something is there.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use cogen::aio::{self, Condition, Lock, Queue, Semaphore};
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use futures::stream::{FuturesUnordered, StreamExt as _};

use super::{Crowd, Id, Log, Random};

/// Objects from which tasks take tokens, or for which they wait.
trait Tokens: 'static {
    /// Gives one more. Returns whether there was room for it.
    fn give(&self) -> bool;
    fn take(&self) -> LocalBoxFuture<'_, ()>;
    fn left(&self) -> usize;
}

/// A task that takes the lock leaves it locked.
impl Tokens for Lock {
    fn give(&self) -> bool {
        self.release().is_ok()
    }

    fn take(&self) -> LocalBoxFuture<'_, ()> {
        self.lock().map(aio::LockGuard::forget).boxed_local()
    }

    fn left(&self) -> usize {
        usize::from(!self.locked())
    }
}

impl Tokens for Semaphore {
    fn give(&self) -> bool {
        self.release();
        true
    }

    fn take(&self) -> LocalBoxFuture<'_, ()> {
        self.acquire().map(aio::Permit::forget).boxed_local()
    }

    fn left(&self) -> usize {
        self.available()
    }
}

impl Tokens for Queue<()> {
    fn give(&self) -> bool {
        self.put_nowait(()).is_ok()
    }

    fn take(&self) -> LocalBoxFuture<'_, ()> {
        self.get().map(Result::unwrap).boxed_local()
    }

    fn left(&self) -> usize {
        self.qsize()
    }
}

/// The room in a queue that is filled.
struct Room(Queue<()>);

impl Tokens for Room {
    fn give(&self) -> bool {
        self.0.get_nowait().is_ok()
    }

    fn take(&self) -> LocalBoxFuture<'_, ()> {
        self.0.put(()).map(Result::unwrap).boxed_local()
    }

    fn left(&self) -> usize {
        self.0.maxsize() - self.0.qsize()
    }
}

#[derive(Default)]
struct Counted {
    condition: Condition<()>,
    left: Cell<usize>,
}

impl Tokens for Counted {
    fn give(&self) -> bool {
        self.left.set(self.left.get() + 1);
        // No task keeps the lock, so it is free, or the next one to have it looks at the value.
        if let Some(_guard) = self.condition.shared_lock().try_lock() {
            self.condition.notify(1).unwrap();
        }
        true
    }

    fn take(&self) -> LocalBoxFuture<'_, ()> {
        async {
            let mut guard = self.condition.lock().await;
            let is_left = |(): &mut ()| self.left.get() > 0;
            self.condition.wait_for(&mut guard, is_left).await;
            self.left.set(self.left.get() - 1);
        }
        .boxed_local()
    }

    fn left(&self) -> usize {
        self.left.get()
    }
}

#[derive(Clone, Copy)]
enum How {
    Plainly,
    Joined,
    /// Woken by a combinator's waker.
    Unordered,
}

async fn take(tokens: Rc<impl Tokens>, how: How, id: Id, log: Log<Id>) {
    let wait = tokens.take().map(|()| log.borrow_mut().push(id));
    let scope = aio::catch_cancelled(pending::<()>()).map(drop);
    match how {
        How::Plainly => wait.await,
        How::Joined => drop(futures::join!(wait, scope)),
        How::Unordered => {
            let both: FuturesUnordered<_> = [wait.boxed_local(), scope.boxed_local()]
                .into_iter()
                .collect();
            both.collect::<()>().await;
        }
    }
}

async fn check(tokens: impl Tokens) {
    let (mut random, steps) = Random::seeded();
    let (tokens, log) = (Rc::new(tokens), Log::<Id>::default());
    let mut crowd = Crowd::default();
    let (mut given, mut taken, mut done) = (tokens.left(), 0, 0);
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            match random.below(8) {
                0..3 if crowd.len() < 12 => {
                    let how = [How::Plainly, How::Joined, How::Unordered][random.below(3)];
                    crowd.spawn(|id| take(tokens.clone(), how, id, log.clone()));
                }
                0..5 => given += usize::from(tokens.give()),
                _ => {
                    if let Some(&id) = random.pick(&crowd.ids()) {
                        crowd.cancel(id);
                    }
                }
            }
        }
        crowd.settle().await;
        let fresh = log.take();
        taken += fresh.len();
        assert_eq!(tokens.left() + taken, given, "none is lost or invented");
        // The task's scope would wait for ever.
        for id in crowd.ids().into_iter().filter(|id| fresh.contains(id)) {
            crowd.cancel(id);
        }
        crowd.settle().await;
        assert!(
            tokens.left() == 0 || crowd.len() == 0,
            "nobody waits for nothing"
        );
        done += batch as u64;
    }
    // A scope lives through one cancel.
    while crowd.len() > 0 {
        crowd.ids().into_iter().for_each(|id| crowd.cancel(id));
        crowd.settle().await;
    }
}

#[test]
fn nobody_waits_for_a_free_lock() {
    aio::testing::run(check(Lock::new(()))).unwrap();
}

#[test]
fn nobody_waits_for_a_free_permit() {
    aio::testing::run(check(Semaphore::new(2))).unwrap();
}

#[test]
fn nobody_waits_for_an_item_that_is_there() {
    aio::testing::run(check(Queue::new(0))).unwrap();
}

#[test]
fn nobody_waits_for_room_that_is_there() {
    aio::testing::run(check(Room(Queue::new(3)))).unwrap();
}

#[test]
fn nobody_waits_for_a_condition_that_holds_beside_a_scope() {
    aio::testing::run(check(Counted::default())).unwrap();
}
