//! Combinators: one that polls all its futures in order, and one that gives each its own waker.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::world::{self, Fut};

/// Polls the unfinished futures in order, as `join!` does; or ends with the first to finish, as `select!` does.
pub struct Join {
    pub futures: Vec<Option<Fut>>,
    pub first: bool,
}

impl Future for Join {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let first = self.first;
        for place in &mut self.futures {
            let Some(future) = place else { continue };
            if future.as_mut().poll(cx).is_ready() {
                *place = None;
                if first {
                    return Poll::Ready(());
                }
            }
        }
        if self.futures.iter().all(Option::is_none) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

/// Polls those that were woken, each with a waker of its own, as `FuturesUnordered` does.
pub struct Set {
    members: Vec<Member>,
}

struct Member {
    future: Fut,
    woken: Arc<Woken>,
}

struct Woken {
    flag: AtomicBool,
    parent: std::sync::Mutex<Option<Waker>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.flag.store(true, Ordering::Relaxed);
        let parent = self.parent.lock().ok().and_then(|mut parent| parent.take());
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

impl Set {
    pub fn new(futures: Vec<Fut>) -> Self {
        let members = futures.into_iter().map(|future| Member {
            future,
            woken: Arc::new(Woken {
                flag: AtomicBool::new(true),
                parent: std::sync::Mutex::default(),
            }),
        });
        Self {
            members: members.collect(),
        }
    }
}

impl Member {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let parent = cx.waker().clone();
        let old = self
            .woken
            .parent
            .lock()
            .ok()
            .and_then(|mut place| place.replace(parent));
        drop(old);
        if !self.woken.flag.swap(false, Ordering::Relaxed) {
            return Poll::Pending;
        }
        let own = Waker::from(self.woken.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&own))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        // Takes out a waker that may be held by the very future that it wakes.
        let old = self
            .woken
            .parent
            .lock()
            .ok()
            .and_then(|mut place| place.take());
        drop(old);
    }
}

impl Future for Set {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut at = 0;
        while at < self.members.len() {
            if self.members[at].poll(cx).is_ready() {
                drop(self.members.swap_remove(at));
            } else {
                at += 1;
            }
        }
        if self.members.is_empty() {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

/// A foreign future: pending a few times, and leaves its waker to the whole round.
pub struct Foreign(pub u32);

impl Future for Foreign {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 || world::is_ending() {
            return Poll::Ready(());
        }
        self.0 -= 1;
        world::with(|state| state.foreign = true);
        if world::chance(2) {
            super::waker::keep(cx.waker().clone());
        }
        Poll::Pending
    }
}
