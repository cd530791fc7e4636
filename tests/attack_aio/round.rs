//! One round.

use std::rc::Rc;

use std::time::Duration;

use cogen::aio::{self, Condition, LifoQueue, Lock, Queue, Semaphore, testing};

use super::act;
use super::body::body;
use super::common::choose::Source;
use super::mode::Mode;
use super::value::Val;
use super::waits::seconds;
use super::watch;
use super::world::{self, Places, chance, keep};

/// When this much time of the virtual clock has passed, nothing else happens in the round.
const LONG: Duration = Duration::from_secs(100_000);

/// Runs one round, and gives its hole, if any.
pub fn round(seed: u64) -> Result<(), String> {
    watch::begin();
    world::begin(Source::seed(seed));
    let mode = Mode::choose();
    world::with(|state| {
        state.mode = mode;
        state.ledger.loose = mode.wild;
    });
    let places = places();
    world::with(|state| state.places = Some(places));
    let ended = act::quietly(|| testing::run(main_body()));
    let ran = match &ended {
        Some(Ok(_)) => "ended",
        Some(Err(_)) => "failed",
        None => "panicked",
    };
    let stuck = ended.and_then(Result::ok).unwrap_or_default();
    act::afterwards();
    world::with(|state| state.fuel = 0);
    clear();
    let hole = verdict(mode, ran, &stuck);
    world::end();
    hole.map_or(Ok(()), Err)
}

fn verdict(mode: Mode, ran: &str, stuck: &[&str]) -> Option<String> {
    if mode.is_fair() && !stuck.is_empty() {
        return Some(format!("waits that nobody ended: {stuck:?}"));
    }
    if ran == "panicked" && !mode.panics {
        return Some("the loop panicked".to_owned());
    }
    world::with(|state| {
        if let Some(hole) = state.ledger.first_hole() {
            return Some(hole.to_owned());
        }
        let left = state.ledger.left();
        // When a destructor panics, the compiler forgets the value that is about to be returned (rust-lang/rust#47949).
        let clean = mode.forgets || mode.panics || left.is_empty();
        (!clean).then(|| format!("never dropped, in a run that {ran}, {mode:?}: {left:?}"))
    })
    .flatten()
}

fn places() -> Places {
    Places {
        queue: Rc::new(Queue::new(2)),
        lifo: Rc::new(LifoQueue::new(2)),
        lock: Rc::new(Lock::new(Val::new())),
        semaphore: Rc::new(Semaphore::new(1)),
        event: Rc::default(),
        condition: Rc::new(Condition::new(Val::new())),
    }
}

/// The main task. Returns the waits that are still open, though they should have ended.
async fn main_body() -> Result<Vec<&'static str>, aio::Error> {
    for _ in 0..3 {
        keep(|lists| &mut lists.tasks, aio::create_task(body(0)), 12);
    }
    if chance(2) {
        drop(watch::scope(body(0)).await);
    }
    if chance(3) {
        aio::sleep(seconds()).await;
        return Ok(Vec::new());
    }
    let slept = aio::catch_cancelled(aio::sleep(LONG)).await.is_ok();
    let quiet = slept && testing::elapsed() >= LONG;
    Ok(if quiet { watch::stuck() } else { Vec::new() })
}

/// Drops everything that the round shared.
fn clear() {
    for _ in 0..50 {
        let lists = world::with(|state| std::mem::take(&mut state.lists));
        let places = world::with(|state| state.places.take());
        act::quietly(|| drop(places));
        let Some(lists) = lists else { return };
        let empty = lists.tasks.is_empty()
            && lists.promises.is_empty()
            && lists.wakers.is_empty()
            && lists.groups.is_empty()
            && lists.futures.is_empty()
            && lists.generators.is_empty()
            && lists.handles.is_empty()
            && lists.timeouts.is_empty();
        if empty {
            return;
        }
        act::quietly(|| drop(lists));
    }
}
