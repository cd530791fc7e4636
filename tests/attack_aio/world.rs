//! What all parts of a round share.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Waker;

use cogen::aio::{
    AsyncGenerator, Condition, Error, Event, Handle, LifoQueue, Lock, Promise, Queue, Semaphore,
    Task, TaskGroup, Timeout,
};

use super::common::choose::Source;
use super::common::ledger::Ledger;
use super::mode::Mode;
use super::value::Val;

pub type Fut = Pin<Box<dyn Future<Output = Result<Val, Error>>>>;

/// The shared objects, which stay for the whole round.
#[derive(Clone)]
pub struct Places {
    pub queue: Rc<Queue<Val>>,
    pub lifo: Rc<LifoQueue<Val>>,
    pub lock: Rc<Lock<Val>>,
    pub semaphore: Rc<Semaphore>,
    pub event: Rc<Event>,
    pub condition: Rc<Condition<Val>>,
}

/// The shared objects that come and go.
#[derive(Default)]
pub struct Lists {
    pub tasks: Vec<Task<Val>>,
    pub promises: Vec<Promise<Val>>,
    pub wakers: Vec<Waker>,
    pub groups: Vec<TaskGroup<'static>>,
    pub futures: Vec<Fut>,
    pub generators: Vec<AsyncGenerator<Val, Val>>,
    pub handles: Vec<Handle>,
    pub timeouts: Vec<Timeout>,
}

pub struct State {
    pub source: Source,
    pub mode: Mode,
    pub ledger: Ledger,
    pub fuel: u32,
    pub depth: u32,
    pub around: Vec<u64>,
    pub scopes: u64,
    pub lists: Lists,
    pub places: Option<Places>,
}

thread_local! {
    static STATE: RefCell<Option<State>> = const { RefCell::new(None) };
}

pub fn begin(source: Source) {
    STATE.set(Some(State {
        source,
        mode: Mode::default(),
        ledger: Ledger::new(),
        fuel: if cfg!(miri) { 60 } else { 250 },
        depth: 0,
        around: Vec::new(),
        scopes: 0,
        lists: Lists::default(),
        places: None,
    }));
}

pub fn end() {
    let state = STATE.take();
    drop(state);
}

pub fn is_here() -> bool {
    STATE
        .try_with(|state| state.try_borrow().is_ok_and(|state| state.is_some()))
        .unwrap_or(false)
}

/// Gives `f` the state of the round, if there is one. `f` must not run code of the round.
pub fn with<R>(f: impl FnOnce(&mut State) -> R) -> Option<R> {
    STATE
        .try_with(|state| state.borrow_mut().as_mut().map(f))
        .ok()?
}

pub fn below(end: u32) -> u32 {
    with(|state| state.source.below(end)).unwrap_or(0)
}

/// True once in `of` times.
pub fn chance(of: u32) -> bool {
    below(of) == of - 1
}

pub fn mode() -> Mode {
    with(|state| state.mode).unwrap_or_default()
}

pub fn spend() -> bool {
    with(|state| {
        let left = state.fuel > 0;
        state.fuel -= u32::from(left);
        left
    })
    .unwrap_or(false)
}

pub fn places() -> Option<Places> {
    with(|state| state.places.clone()).flatten()
}

/// Puts something into a list of at most `most`; an element that has to leave is dropped.
pub fn keep<T>(list: impl FnOnce(&mut Lists) -> &mut Vec<T>, one: T, most: usize) {
    let mut one = Some(one);
    let old = with(|state| {
        let random = state.source.below(1 << 16) as usize;
        let list = list(&mut state.lists);
        list.extend(one.take());
        (list.len() > most).then(|| list.swap_remove(random % list.len()))
    });
    drop((old, one));
}

/// Takes a random element out of a list.
pub fn steal<T>(list: impl FnOnce(&mut Lists) -> &mut Vec<T>) -> Option<T> {
    with(|state| {
        let random = state.source.below(1 << 16) as usize;
        let list = list(&mut state.lists);
        (!list.is_empty()).then(|| list.swap_remove(random % list.len()))
    })
    .flatten()
}

/// Clones a random element of a list, whose `clone` must not run code of the round.
pub fn pick<T: Clone>(list: impl FnOnce(&mut Lists) -> &mut Vec<T>) -> Option<T> {
    with(|state| {
        let random = state.source.below(1 << 16) as usize;
        let list = list(&mut state.lists);
        (!list.is_empty()).then(|| list[random % list.len()].clone())
    })
    .flatten()
}
