//! What a round is made of, and how to reach it from anywhere: destructors and wakers take no arguments.

use std::any::Any;
use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Waker;

use super::super::common::choose::Source;
use super::super::common::ledger::Ledger;
use super::cell::Alias;
use super::machine::Machine;
use super::mask::Mask;
use super::recipe::Theme;
use super::value::Val;

pub type Fut = Pin<Box<dyn Future<Output = ()> + Send>>;
type Anything = Box<dyn Any + Send>;
/// Ends a generator that may hold itself; whether it still existed.
pub type Closer = Arc<dyn Fn() -> bool + Send + Sync>;
/// Makes futures of a frame, from outside its body.
pub type Hand = Arc<dyn Fn() -> Fut + Send + Sync>;

#[allow(
    clippy::struct_excessive_bools,
    reason = "what is so now, each by itself"
)]
pub struct State {
    source: Source,
    pub mask: Mask,
    pub theme: Theme,
    pub ledger: Ledger,
    fuel: u32,
    /// How deeply acts are nested.
    pub depth: u32,
    pub forgot: bool,
    /// The round is ending: bodies return at once.
    pub ending: bool,
    /// A body awaited something foreign in this resume.
    pub foreign: bool,
    /// How many delegations are being polled, nested in one another; and whether a future in there is polled on its
    /// own.
    pub carriers: u32,
    pub alone: bool,
    /// What is being resumed, by the address of its last value's number.
    pub resumed: Vec<usize>,
    /// The scopes that are being polled.
    pub around: Vec<u64>,
    next_scope: u64,
    pub bag: Vec<Fut>,
    pub machines: Vec<Machine>,
    pub hands: Vec<Hand>,
    pub wakers: Vec<Waker>,
    pub values: Vec<Val>,
    pub cells: Vec<Alias>,
    closers: Vec<Closer>,
}

impl State {
    pub fn below(&mut self, end: u32) -> u32 {
        self.source.below(end.max(1))
    }

    /// Whether the fuzzer's bytes are used up.
    pub fn is_over(&self) -> bool {
        self.source.is_over()
    }

    pub fn add_closer(&mut self, closer: Closer) {
        self.closers.push(closer);
    }

    pub fn closers(&self) -> Vec<Closer> {
        self.closers.clone()
    }

    /// Takes one thing out of a list, to be dropped.
    pub fn take_any(&mut self) -> Option<Anything> {
        let first = self.below(5);
        (0..5).find_map(|nth| self.take_from((first + nth) % 5))
    }

    fn take_from(&mut self, list: u32) -> Option<Anything> {
        match list {
            0 => self.bag.pop().map(|one| Box::new(one) as Anything),
            1 => self.machines.pop().map(|one| Box::new(one) as Anything),
            2 => self.wakers.pop().map(|one| Box::new(one) as Anything),
            3 => self.cells.pop().map(|one| Box::new(one) as Anything),
            _ => self.values.pop().map(|one| Box::new(one) as Anything),
        }
    }

    /// Takes everything out of all lists.
    pub fn take_all(&mut self) -> Vec<Anything> {
        let mut all: Vec<Anything> = Vec::new();
        let bag = self.bag.drain(..).map(|one| Box::new(one) as Anything);
        all.extend(bag);
        let machines = self.machines.drain(..).map(|one| Box::new(one) as Anything);
        all.extend(machines);
        let wakers = self.wakers.drain(..).map(|one| Box::new(one) as Anything);
        all.extend(wakers);
        let values = self.values.drain(..).map(|one| Box::new(one) as Anything);
        all.extend(values);
        let cells = self.cells.drain(..).map(|one| Box::new(one) as Anything);
        all.extend(cells);
        all
    }
}

pub struct World(Mutex<State>);

thread_local! {
    static HERE: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

impl World {
    pub fn new(mut source: Source, mask: Mask) -> Arc<Self> {
        let theme = Theme::choose(&mut source);
        Arc::new(Self(Mutex::new(State {
            source,
            mask,
            theme,
            ledger: Ledger::new(),
            fuel: 0,
            depth: 0,
            forgot: false,
            ending: false,
            foreign: false,
            carriers: 0,
            alone: false,
            resumed: Vec::new(),
            around: Vec::new(),
            next_scope: 0,
            bag: Vec::new(),
            machines: Vec::new(),
            hands: Vec::new(),
            wakers: Vec::new(),
            values: Vec::new(),
            cells: Vec::new(),
            closers: Vec::new(),
        })))
    }
}

/// Makes a round the current one of this thread, until dropped.
pub struct Entered(Option<Arc<World>>);

impl Drop for Entered {
    fn drop(&mut self) {
        let _ended = HERE.replace(self.0.take());
    }
}

#[must_use]
pub fn enter(world: &Arc<World>) -> Entered {
    Entered(HERE.replace(Some(world.clone())))
}

pub fn here() -> Option<Arc<World>> {
    HERE.try_with(|here| here.try_borrow().ok()?.clone()).ok()?
}

/// Gives `f` the state of the round, if there is one. `f` must not run code of the round.
pub fn with<R>(f: impl FnOnce(&mut State) -> R) -> Option<R> {
    let world = here()?;
    let mut state = world.0.try_lock().expect("`f` runs no code of the round");
    Some(f(&mut state))
}

/// Prints what happens, if `COGEN_ATTACK_SHOW` is set.
pub fn tell(what: impl FnOnce() -> String) {
    if let Some(Some(before)) = with(|state| state.ledger.loud.then(|| state.source.clone())) {
        eprintln!("{}", what());
        // Decisions made while printing, for example by a liar that is asked for its state, are taken back: the round
        // must be the same as without printing.
        with(|state| state.source = before);
    }
}

pub fn below(end: u32) -> u32 {
    with(|state| state.below(end)).unwrap_or(0)
}

/// True once in `of` times.
pub fn chance(of: u32) -> bool {
    below(of) == of - 1
}

pub fn may(bit: u32) -> bool {
    with(|state| state.mask.has(bit)).unwrap_or(false)
}

pub fn is_ending() -> bool {
    with(|state| state.ending).unwrap_or(true)
}

pub fn refuel(fuel: u32) {
    with(|state| state.fuel = fuel);
}

/// Whether one more act may be done in this step.
pub fn spend() -> bool {
    with(|state| {
        let left = state.fuel > 0;
        state.fuel -= u32::from(left);
        left
    })
    .unwrap_or(false)
}

pub fn fresh_scope() -> u64 {
    with(|state| {
        state.next_scope += 1;
        state.next_scope
    })
    .unwrap_or(0)
}

/// Puts something into a list of at most `most`: an element that has to leave is given back, to be dropped outside.
pub fn put<T>(list: impl FnOnce(&mut State) -> &mut Vec<T>, one: T, most: usize) -> Option<T> {
    let mut one = Some(one);
    let old = with(|state| {
        let at = state.below(u32::try_from(most).unwrap_or(u32::MAX)) as usize;
        let list = list(state);
        list.extend(one.take());
        (list.len() > most).then(|| list.swap_remove(at))
    });
    // Without a round, the new element itself comes back.
    old.flatten().or(one)
}

/// Takes a random element out of a list.
pub fn take<T>(list: impl FnOnce(&mut State) -> &mut Vec<T>) -> Option<T> {
    with(|state| {
        let random = state.below(1 << 16) as usize;
        let list = list(state);
        (!list.is_empty()).then(|| list.swap_remove(random % list.len()))
    })
    .flatten()
}
