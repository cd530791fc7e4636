//! Items that wait for a worker.
//!
//! 1. Workers take one item at a time, in the order in which they were put in: so whoever takes an item knows that
//!    all before it have been taken, and nothing waits behind an item in work while another worker is free.
//! 2. A worker that finds nothing looks again before it sleeps. While one looks, none is woken: for small items, a wake takes
//!    longer than the work. One that finds an item and is the last that looked wakes another, if there are more items.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::pipeline::select;

pub(super) struct Stock<T> {
    inner: Mutex<Inner<T>>,
    more: Condvar,
}

/// What a worker finds.
pub(super) enum Found<T> {
    Item(T),
    End,
    /// It is late.
    Late,
}

struct Inner<T> {
    items: VecDeque<T>,
    /// How many workers look for an item, and those that were woken to do so.
    looking: usize,
    asleep: usize,
    /// How many of those asleep are to go on.
    woken: usize,
    closed: bool,
    /// How many workers take items.
    takers: usize,
}

impl<T> Inner<T> {
    /// Whether one that sleeps is to be woken: it counts as one that looks.
    fn wakes(&mut self) -> bool {
        let wakes = self.looking == 0 && self.asleep > 0 && !self.items.is_empty();
        if wakes {
            self.asleep -= 1;
            self.woken += 1;
            self.looking += 1;
        }
        wakes
    }
}

impl<T> Stock<T> {
    pub(super) fn new(takers: usize) -> Self {
        Self {
            inner: Mutex::new(Inner {
                items: VecDeque::new(),
                looking: 0,
                asleep: 0,
                woken: 0,
                closed: false,
                takers,
            }),
            more: Condvar::new(),
        }
    }

    /// Puts an item in; it comes back if nobody is left to take it.
    pub(super) fn put(&self, item: T) -> Result<(), T> {
        let mut inner = self.lock();
        if inner.takers == 0 {
            return Err(item);
        }
        inner.items.push_back(item);
        let wakes = inner.wakes();
        drop(inner);
        if wakes {
            self.more.notify_one();
        }
        Ok(())
    }

    /// Waits for an item, but not for longer than until then.
    pub(super) fn take(&self, until: Option<Instant>) -> Found<T> {
        let mut inner = self.lock();
        let mut looks = false;
        loop {
            if let Some(item) = inner.items.pop_front() {
                inner.looking -= usize::from(looks);
                let wakes = inner.wakes();
                drop(inner);
                if wakes {
                    self.more.notify_one();
                }
                return Found::Item(item);
            }
            if inner.closed {
                inner.looking -= usize::from(looks);
                return Found::End;
            }
            if until.is_some_and(|until| until <= Instant::now()) {
                inner.looking -= usize::from(looks);
                return Found::Late;
            }
            if looks {
                inner.looking -= 1;
                (inner, looks) = self.sleep(inner, until);
            } else {
                inner.looking += 1;
                looks = true;
                drop(inner);
                select::linger();
                inner = self.lock();
            }
        }
    }

    /// Sleeps until there may be an item. Tells whether it has been woken, and counts as one that looks.
    fn sleep<'a>(
        &self,
        mut inner: MutexGuard<'a, Inner<T>>,
        until: Option<Instant>,
    ) -> (MutexGuard<'a, Inner<T>>, bool) {
        inner.asleep += 1;
        while inner.woken == 0 && !inner.closed {
            let Some(until) = until else {
                let woken = self.more.wait(inner);
                inner = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.more.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if inner.woken > 0 {
            inner.woken -= 1;
            return (inner, true);
        }
        inner.asleep -= 1;
        (inner, false)
    }

    /// No more are put in.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        drop(inner);
        self.more.notify_all();
    }

    /// A worker takes no more. What is left when the last one has gone is dropped by it.
    pub(super) fn leave(&self) {
        let mut inner = self.lock();
        inner.takers -= 1;
        let left = match inner.takers {
            0 => std::mem::take(&mut inner.items),
            _ => VecDeque::new(),
        };
        drop(inner);
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
