//! What destructors, clones, wakers and callbacks do: actions that do not wait.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use cogen::aio;

use super::body;
use super::value::{ActOnDrop, Val};
use super::waits::seconds;
use super::world::{self, chance, keep, pick, steal};

/// Runs `f` and catches its panic, if any.
pub fn quietly<T>(f: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(f)).ok()
}

pub fn act() {
    let fits = world::with(|state| {
        let fits = state.depth < 3 && state.fuel > 0;
        state.depth += u32::from(fits);
        state.fuel -= u32::from(fits);
        fits
    });
    if fits == Some(true) {
        quietly(one_act);
        world::with(|state| state.depth -= 1);
    }
}

fn one_act() {
    match world::below(4) {
        0 | 1 => on_task(),
        2 => on_wait(),
        _ => on_loop(),
    }
}

fn on_task() {
    match world::below(6) {
        0 => {
            if let Some(task) = pick(|lists| &mut lists.tasks) {
                task.cancel();
            }
        }
        1 => drop(steal(|lists| &mut lists.tasks)),
        2 => keep(
            |lists| &mut lists.tasks,
            aio::create_task(body::body(1)),
            12,
        ),
        3 => {
            if let Some(task) = pick(|lists| &mut lists.tasks) {
                drop(task.result());
            }
        }
        4 => add_callback(),
        _ => {
            if let Some(group) = pick(|lists| &mut lists.groups) {
                keep(
                    |lists| &mut lists.tasks,
                    group.create_task(body::body(1)),
                    12,
                );
            }
        }
    }
}

fn add_callback() {
    let Some(task) = pick(|lists| &mut lists.tasks) else {
        return;
    };
    let id = task.add_done_callback(|task| {
        drop(task.result());
        act();
    });
    if chance(2) {
        task.remove_done_callback(id);
    }
}

fn on_wait() {
    match world::below(7) {
        0 => {
            if let Some(waker) = pick(|lists| &mut lists.wakers) {
                waker.wake();
            }
        }
        1 => drop(steal(|lists| &mut lists.wakers)),
        2 => {
            if let Some(promise) = pick(|lists| &mut lists.promises) {
                drop(promise.set_result(Val::new()));
            }
        }
        3 => {
            if let Some(promise) = pick(|lists| &mut lists.promises) {
                promise.cancel();
            }
        }
        4 => {
            if let Some(places) = world::places() {
                if chance(2) {
                    drop(places.queue.put_nowait(Val::new()));
                } else {
                    drop(places.queue.get_nowait());
                }
            }
        }
        5 => {
            if let Some(places) = world::places() {
                if chance(2) {
                    places.event.set();
                } else {
                    places.event.clear();
                }
            }
        }
        _ => drop(steal(|lists| &mut lists.generators)),
    }
}

fn on_loop() {
    match world::below(6) {
        0 => {
            if let Some(group) = pick(|lists| &mut lists.groups) {
                group.cancel();
            }
        }
        1 => drop(steal(|lists| &mut lists.groups)),
        2 => {
            let on_drop = ActOnDrop;
            let handle = if chance(2) {
                aio::call_soon(move || drop(on_drop))
            } else {
                aio::call_later(seconds(), act)
            };
            keep(|lists| &mut lists.handles, handle, 4);
        }
        3 => {
            if let Some(handle) = steal(|lists| &mut lists.handles) {
                handle.cancel();
            }
        }
        4 => {
            if let Some(timeout) = pick(|lists| &mut lists.timeouts) {
                drop(timeout.reschedule((!chance(2)).then(|| aio::now() + seconds())));
            }
        }
        _ => {
            if world::mode().wild {
                drop(steal(|lists| &mut lists.futures));
            }
        }
    }
}

/// Uses handles that were left behind, after the loop has ended.
pub fn afterwards() {
    world::with(|state| state.fuel = 12);
    for _ in 0..world::below(8) {
        quietly(late_act);
    }
}

fn late_act() {
    let Some(places) = world::places() else {
        return;
    };
    match world::below(8) {
        0 | 1 => places.semaphore.release(),
        2 => drop(places.lock.release()),
        3 => places.event.set(),
        4 => drop(places.queue.put_nowait(Val::new())),
        5 => drop(places.lifo.put_nowait(Val::new())),
        6 => {
            if let Some(timeout) = pick(|lists| &mut lists.timeouts) {
                drop(timeout.reschedule(Instant::now() + Duration::from_secs(1_000_000)));
            }
        }
        _ => act(),
    }
}

/// A waker that may act, and then wakes another one.
pub struct Noisy(pub Mutex<Option<Waker>>);

impl Wake for Noisy {
    fn wake(self: Arc<Self>) {
        if chance(4) {
            act();
        }
        let waker = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Wakes when its thread ends.
struct WakeAtExit(Option<Waker>);

impl Drop for WakeAtExit {
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            waker.wake_by_ref();
            drop(waker.clone());
            waker.wake();
        }
    }
}

thread_local! {
    static AT_EXIT: RefCell<WakeAtExit> = const { RefCell::new(WakeAtExit(None)) };
}

/// Wakes on another thread, and once more when that thread ends.
pub fn wake_elsewhere(waker: &Waker) {
    let (early, late) = (waker.clone(), waker.clone());
    let ended = thread::spawn(move || {
        AT_EXIT.with_borrow_mut(|at_exit| at_exit.0 = Some(late));
        early.wake();
    })
    .join();
    drop(ended);
}
