//! Locks and semaphores: the model is a line of the tasks that wait, and a list of those that are in.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use cogen::aio::{self, BoundedSemaphore, Event, Lock, LockGuard, Permit, Semaphore};
use futures::future::{Either, LocalBoxFuture, select};

use super::{Crowd, Id, Log, Random};

/// A lock or a semaphore.
trait Line: 'static {
    type Pass<'a>;

    fn enter(&self) -> LocalBoxFuture<'_, Self::Pass<'_>>;
    fn forget(pass: Self::Pass<'_>);
    fn release(&self);
    fn locked(&self) -> bool;
}

impl Line for Lock {
    type Pass<'a> = LockGuard<'a>;

    fn enter(&self) -> LocalBoxFuture<'_, LockGuard<'_>> {
        Box::pin(self.lock())
    }

    fn forget(pass: LockGuard<'_>) {
        pass.forget();
    }

    fn release(&self) {
        self.release().unwrap();
    }

    fn locked(&self) -> bool {
        self.locked()
    }
}

impl Line for Semaphore {
    type Pass<'a> = Permit<'a>;

    fn enter(&self) -> LocalBoxFuture<'_, Permit<'_>> {
        Box::pin(self.acquire())
    }

    fn forget(pass: Permit<'_>) {
        pass.forget();
    }

    fn release(&self) {
        self.release();
    }

    fn locked(&self) -> bool {
        self.locked()
    }
}

impl Line for BoundedSemaphore {
    type Pass<'a> = Permit<'a>;

    fn enter(&self) -> LocalBoxFuture<'_, Permit<'_>> {
        Box::pin(self.acquire())
    }

    fn forget(pass: Permit<'_>) {
        pass.forget();
    }

    fn release(&self) {
        self.release().unwrap();
    }

    fn locked(&self) -> bool {
        self.locked()
    }
}

/// How a task waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Plainly,
    /// Woken by a combinator's waker.
    Foreign,
    /// Beside something that makes it give up: its wait is dropped, not cancelled.
    OrGiveUp,
}

/// What a task does once it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Stays until it is cancelled.
    Stay,
    /// Ends, and leaves the release to others.
    Forget,
}

/// Polls with a waker of its own.
struct Foreign<F>(F);

struct Relay(Waker);

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

impl<F: Future + Unpin> Future for Foreign<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::new(Relay(cx.waker().clone())));
        Pin::new(&mut self.0).poll(&mut Context::from_waker(&waker))
    }
}

struct Waiter {
    how: How,
    then: Then,
    give_up: Rc<Event>,
    /// Whether its wait has begun.
    begun: Cell<bool>,
}

async fn wait<L: Line>(line: Rc<L>, waiter: Rc<Waiter>, id: Id, log: Log<Id>) {
    waiter.begun.set(true);
    let entered = match waiter.how {
        How::Plainly => Some(line.enter().await),
        How::Foreign => Some(Foreign(line.enter()).await),
        How::OrGiveUp => match select(pin!(waiter.give_up.wait()), line.enter()).await {
            Either::Left(_) => None,
            Either::Right((entered, _)) => Some(entered),
        },
    };
    let Some(pass) = entered else { return };
    log.borrow_mut().push(id);
    match waiter.then {
        Then::Forget => L::forget(pass),
        Then::Stay => {
            std::future::pending::<()>().await;
            drop(pass);
        }
    }
}

/// First in, first out.
#[derive(Default)]
struct Model {
    room: usize,
    line: VecDeque<Id>,
    inside: Vec<Id>,
    /// The tasks that got in since the last rest.
    fresh: Vec<Id>,
}

impl Model {
    fn arrive(&mut self, id: Id) {
        self.line.push_back(id);
    }

    fn leave(&mut self, id: Id) {
        self.line.retain(|other| *other != id);
        self.inside.retain(|other| *other != id);
        self.fresh.retain(|other| *other != id);
    }

    /// Lets in as many tasks as there is room for.
    fn admit(&mut self) {
        while self.inside.len() < self.room
            && let Some(id) = self.line.pop_front()
        {
            self.inside.push(id);
            self.fresh.push(id);
        }
    }
}

struct World<L> {
    line: Rc<L>,
    crowd: Crowd,
    waiters: BTreeMap<Id, Rc<Waiter>>,
    log: Log<Id>,
    model: Model,
    /// The tasks inside that were already there at the last rest.
    settled: Vec<Id>,
}

impl<L: Line> World<L> {
    fn spawn(&mut self, random: &mut Random) {
        let how = [How::Plainly, How::Plainly, How::Foreign, How::OrGiveUp][random.below(4)];
        let then = [Then::Stay, Then::Forget][random.below(2)];
        let waiter = Rc::new(Waiter {
            how,
            then,
            give_up: Rc::default(),
            begun: Cell::new(false),
        });
        let (line, log, own) = (self.line.clone(), self.log.clone(), waiter.clone());
        let id = self.crowd.spawn(|id| wait(line, own, id, log));
        self.waiters.insert(id, waiter);
        self.model.arrive(id);
    }

    /// Makes a task leave, wherever it stands.
    fn dismiss(&mut self, random: &mut Random) {
        let Some(id) = random.pick(&self.crowd.ids()).copied() else {
            return;
        };
        let waiter = &self.waiters[&id];
        let waits = waiter.begun.get() && !self.settled.contains(&id);
        if waiter.how == How::OrGiveUp && waits {
            waiter.give_up.set();
        } else {
            self.crowd.cancel(id);
        }
        self.model.leave(id);
    }

    /// Releases for a task that forgot to.
    fn release(&mut self, random: &mut Random) {
        let forgot = |id: &Id| self.waiters[id].then == Then::Forget;
        let mut forgotten = self.settled.clone();
        forgotten.retain(forgot);
        if let Some(id) = random.pick(&forgotten).copied() {
            self.line.release();
            self.settled.retain(|other| *other != id);
            self.model.leave(id);
            self.model.admit();
        }
    }

    async fn rest(&mut self) {
        self.model.admit();
        self.crowd.settle().await;
        assert_eq!(self.log.take(), std::mem::take(&mut self.model.fresh));
        assert_eq!(
            self.line.locked(),
            self.model.inside.len() == self.model.room
        );
        self.settled.clone_from(&self.model.inside);
    }
}

async fn compare<L: Line>(line: L, room: usize) {
    let (mut random, steps) = Random::seeded();
    let mut world = World {
        line: Rc::new(line),
        crowd: Crowd::default(),
        waiters: BTreeMap::new(),
        log: Log::default(),
        model: Model {
            room,
            ..Model::default()
        },
        settled: Vec::new(),
    };
    let mut done = 0;
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            match random.below(8) {
                0..3 if world.crowd.len() < 12 => world.spawn(&mut random),
                0..5 => world.release(&mut random),
                _ => world.dismiss(&mut random),
            }
        }
        world.rest().await;
        done += batch as u64;
    }
}

#[test]
fn a_lock_lets_in_whom_the_model_lets_in() {
    aio::testing::run(compare(Lock::new(()), 1)).unwrap();
}

#[test]
fn a_semaphore_lets_in_whom_the_model_lets_in() {
    for room in [1, 3] {
        aio::testing::run(compare(Semaphore::new(room), room)).unwrap();
    }
}

#[test]
fn a_bounded_semaphore_lets_in_whom_the_model_lets_in() {
    aio::testing::run(compare(BoundedSemaphore::new(2), 2)).unwrap();
}
