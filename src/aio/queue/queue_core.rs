//! A queue without its order. The rules are those of CPython 3.13's `Queue`.
//!
//! 1. An item that is put in wakes a getter; one that is taken out wakes a putter. A waiter that has been
//!    woken looks again, because another task may have been faster; in that case it goes back to the end of
//!    the line.
//! 2. A waiter that has been woken and leaves wakes the next one, if there is still an item or room.
//! 3. None of the user's code is called, and nothing of the user's is dropped, while the items are borrowed;
//!    a buffer ensures this where it compares them.

use std::cell::{Cell, OnceCell};
use std::fmt;
use std::panic::Location;

use super::any_queue::{Entry, Supplier};
use super::buffer::Buffer;
use super::put_error::PutError;
use super::queue_error::QueueError;
use crate::aio::core::error::Error;
use crate::aio::sync::Event;
use crate::aio::sync::acquire::{Acquire, Acquiring};
use crate::aio::sync::wait_list::WaitList;

pub(super) struct Core<T, S> {
    items: S,
    /// The limit; zero means that there is none.
    maxsize: usize,
    getters: WaitList,
    putters: WaitList,
    /// Items that were put, less those that are done.
    unfinished: Cell<usize>,
    finished: Event,
    shut_down: Cell<bool>,
    /// Present once there was a handle for other threads.
    entry: OnceCell<Entry>,
    items_are: std::marker::PhantomData<T>,
}

impl<T, S: Buffer<T>> Core<T, S> {
    pub(super) fn new(maxsize: usize) -> Self {
        let finished = Event::new();
        finished.set();
        Self {
            items: S::default(),
            maxsize,
            getters: WaitList::new(),
            putters: WaitList::new(),
            unfinished: Cell::new(0),
            finished,
            shut_down: Cell::new(false),
            entry: OnceCell::new(),
            items_are: std::marker::PhantomData,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn maxsize(&self) -> usize {
        self.maxsize
    }

    pub(super) fn is_full(&self) -> bool {
        self.maxsize > 0 && self.len() >= self.maxsize
    }

    pub(super) async fn put(
        &self,
        item: T,
        at: &'static Location<'static>,
    ) -> Result<(), PutError<T>> {
        Acquiring::new(Room(self), at).await;
        self.put_nowait(item)
    }

    pub(super) fn put_nowait(&self, item: T) -> Result<(), PutError<T>> {
        let reason = match self.shut_down.get() {
            true => Some(QueueError::ShutDown),
            false if self.is_full() => Some(QueueError::Full),
            false => None,
        };
        if let Some(reason) = reason {
            return Err(PutError { item, reason });
        }
        self.unfinished.set(self.unfinished.get() + 1);
        self.finished.clear();
        // Even if a comparison panics: the item is in.
        let _woken = WakesNext(&self.getters);
        self.items.push(item);
        Ok(())
    }

    /// Puts in what `from` has when there is room.
    pub(super) async fn put_from(
        &self,
        from: &dyn Supplier<T>,
        at: &'static Location<'static>,
    ) -> Result<(), QueueError> {
        Acquiring::new(Room(self), at).await;
        let Some(item) = from.take() else {
            // The room that this was woken for is the next one's.
            self.pass_room_on();
            return Ok(());
        };
        self.put_nowait(item).map_err(|PutError { item, reason }| {
            from.give_back(item);
            reason
        })
    }

    fn pass_room_on(&self) {
        if !self.is_full() {
            self.putters.wake_next();
        }
    }

    /// Puts an item back that was taken for somebody who is gone.
    pub(super) fn put_back(&self, item: T) {
        let _woken = WakesNext(&self.getters);
        self.items.put_back(item);
    }

    /// The entry in the list of the thread, which `make` makes the first time.
    pub(super) fn entry(&self, make: impl FnOnce() -> Entry) -> &Entry {
        self.entry.get_or_init(make)
    }

    pub(super) fn get(&self, at: &'static Location<'static>) -> Acquiring<Items<'_, T, S>> {
        Acquiring::new(Items(self), at)
    }

    pub(super) fn get_nowait(&self) -> Result<T, QueueError> {
        let item = self.items.pop();
        if item.is_some() && self.items.refused() && self.len() > 0 {
            // Tasks that asked while items were compared are waiting now.
            self.getters.wake_next();
        }
        match item {
            Some(item) => {
                self.putters.wake_next();
                Ok(item)
            }
            None if self.shut_down.get() => Err(QueueError::ShutDown),
            None => Err(QueueError::Empty),
        }
    }

    pub(super) fn task_done(&self) -> Result<(), Error> {
        let Some(left) = self.unfinished.get().checked_sub(1) else {
            return Err(Error::Value("task_done was called too many times"));
        };
        self.set_unfinished(left);
        Ok(())
    }

    fn set_unfinished(&self, left: usize) {
        self.unfinished.set(left);
        if left == 0 {
            self.finished.set();
        }
    }

    pub(super) async fn join(&self, at: &'static Location<'static>) {
        self.finished.wait_at(at).await;
    }

    pub(super) fn shut_down(&self, immediate: bool) {
        self.shut_down.set(true);
        let lost = immediate.then(|| self.items.take_all());
        if let Some(lost) = &lost {
            self.set_unfinished(self.unfinished.get().saturating_sub(lost.len()));
        }
        self.getters.wake_all();
        self.putters.wake_all();
        drop(lost);
    }

    pub(super) fn fmt(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("maxsize", &self.maxsize)
            .field("items", &self.len())
            .field("unfinished", &self.unfinished.get())
            .field("getters", &self.getters.len())
            .field("putters", &self.putters.len())
            .field("shut_down", &self.shut_down.get())
            .finish()
    }
}

/// Wakes the next waiter when it is dropped.
struct WakesNext<'a>(&'a WaitList);

impl Drop for WakesNext<'_> {
    fn drop(&mut self) {
        self.0.wake_next();
    }
}

/// The line of the tasks that wait for an item.
pub(super) struct Items<'a, T, S>(&'a Core<T, S>);

impl<T, S: Buffer<T>> Acquire for Items<'_, T, S> {
    type Acquired = Result<T, QueueError>;

    fn waiters(&self) -> &WaitList {
        &self.0.getters
    }

    fn try_acquire(&self) -> Option<Self::Acquired> {
        match self.0.get_nowait() {
            Err(QueueError::Empty) => None,
            gotten => Some(gotten),
        }
    }

    fn woken(&self) -> Option<Self::Acquired> {
        self.try_acquire()
    }

    fn passed(&self) -> Option<Self::Acquired> {
        self.try_acquire()
    }

    fn left(&self, woken: bool) {
        if woken && self.0.len() > 0 {
            self.0.getters.wake_next();
        }
    }
}

/// The line of the tasks that wait for room.
struct Room<'a, T, S>(&'a Core<T, S>);

impl<T, S: Buffer<T>> Acquire for Room<'_, T, S> {
    type Acquired = ();

    fn waiters(&self) -> &WaitList {
        &self.0.putters
    }

    fn try_acquire(&self) -> Option<()> {
        (!self.0.is_full() || self.0.shut_down.get()).then_some(())
    }

    fn woken(&self) -> Option<()> {
        self.try_acquire()
    }

    fn passed(&self) -> Option<()> {
        self.try_acquire()
    }

    fn left(&self, woken: bool) {
        if woken {
            self.0.pass_room_on();
        }
    }
}
