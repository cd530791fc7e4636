//! What is checked of each part while it runs, and when it ends: the rules at the head of `mod.rs`.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::future::Future;
use std::rc::Rc;
use std::thread;

use cogen::aio;

use super::super::columns::Part;
use super::super::ledger::{Ledger, at, millis};
use super::super::rows::Source;
use super::nest::Clean;
use super::place::Place;

/// What the parts of a nest share.
#[derive(Default)]
pub struct World {
    pub faults: RefCell<Vec<String>>,
    pub sources: RefCell<Vec<Source>>,
    pub ledger: Rc<Ledger>,
    /// A cancel was caught, and not raised.
    pub swallowed: Cell<bool>,
    /// What is dropped from now on is not judged.
    pub over: Cell<bool>,
}

impl World {
    pub fn fault(&self, what: impl Into<String>) {
        if !self.over.get() && !thread::panicking() {
            let what = format!("{} at {}", what.into(), at());
            self.faults.borrow_mut().push(what);
        }
    }
}

#[derive(Clone)]
pub struct Here {
    pub world: Rc<World>,
    pub place: Rc<Place>,
}

impl Here {
    pub fn at(&self, place: Rc<Place>) -> Self {
        let world = self.world.clone();
        Self { world, place }
    }

    pub fn expect<T>(&self, what: &dyn Debug, ended: Result<T, impl Debug>) {
        if let Err(error) = ended {
            self.world.fault(format!("{what:?} gave {error:?}"));
        }
    }

    /// Once a cancel was swallowed, what goes on after that may be dropped by what raises it beside.
    fn is_judged(&self) -> bool {
        !self.world.over.get() && !self.world.swallowed.get() && !thread::panicking()
    }
}

/// Rule 1: something that must come to its end.
pub struct Must {
    here: Here,
    what: String,
    since: u64,
    ended: bool,
}

impl Must {
    pub fn end(here: &Here, what: impl Into<String>) -> Self {
        Self {
            here: here.clone(),
            what: what.into(),
            since: at(),
            ended: false,
        }
    }

    pub fn ended(mut self) {
        self.ended = true;
    }
}

impl Drop for Must {
    fn drop(&mut self) {
        let Self { here, what, .. } = self;
        if here.is_judged() && !self.ended && !here.place.is_ended_since(self.since) {
            here.world.fault(format!("{what} was ended by nothing"));
        }
    }
}

/// Rule 4: something that goes on for its clean-up at most, once its place was fired.
pub struct Bound {
    here: Here,
    what: &'static str,
    clean_up: u64,
}

impl Bound {
    pub fn new(here: &Here, what: &'static str, clean_up: u64) -> Self {
        let here = here.clone();
        Self {
            here,
            what,
            clean_up,
        }
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        let Self {
            here,
            what,
            clean_up,
        } = self;
        // If something around was fired as well, all wait for what is there.
        if !here.is_judged() || here.place.is_fired_around() {
            return;
        }
        if let Some(fired) = here.place.fired().filter(|fired| at() > fired + *clean_up) {
            here.world
                .fault(format!("{what} was to end at {fired}, and ended"));
        }
    }
}

/// A body of a group. If it is cut short, the group cancels its tasks.
pub struct GroupBody(Option<Rc<Place>>);

impl GroupBody {
    pub fn of(group: Rc<Place>) -> Self {
        Self(Some(group))
    }

    pub fn ended(mut self) {
        self.0 = None;
    }
}

impl Drop for GroupBody {
    fn drop(&mut self) {
        let is_in_loop = aio::current_task().is_some();
        if let Some(group) = self.0.take().filter(|_| is_in_loop) {
            group.fire();
        }
    }
}

/// Rule 3: a clean-up around a part that was begun.
pub struct CleanUp {
    here: Here,
    clean: Clean,
    /// Whether the part has come to its end by itself.
    ended: Cell<bool>,
    begun: Cell<Option<u64>>,
    runs: Cell<u32>,
    done: Cell<u32>,
}

impl CleanUp {
    pub fn new(here: &Here, clean: Clean) -> Rc<Self> {
        Rc::new(Self {
            here: here.clone(),
            clean,
            ended: Cell::default(),
            begun: Cell::default(),
            runs: Cell::default(),
            done: Cell::default(),
        })
    }

    /// What it is around.
    pub fn around(self: &Rc<Self>, part: Part<()>) -> impl Future<Output = ()> + use<> {
        let seen = self.clone();
        async move {
            part.await;
            seen.ended.set(true);
        }
    }

    /// Whether something ended the clean-up that began then: not what it began with.
    fn is_cut_off(&self, begun: u64) -> bool {
        let place = &self.here.place;
        let (then, since) = place.ends(begun);
        place.is_dropped() || since > 0 || then > usize::from(!self.ended.get())
    }

    /// The clean-up itself, which takes this long.
    pub fn run(self: &Rc<Self>, takes: u64) -> impl Future<Output = ()> + use<> {
        let seen = Rc::downgrade(self);
        let see = move |see: fn(&Self)| see(&seen.upgrade().expect("the part is there"));
        async move {
            see(|seen| {
                seen.begun.set(Some(at()));
                seen.runs.set(seen.runs.get() + 1);
            });
            aio::sleep(millis(takes)).await;
            see(|seen| seen.done.set(seen.done.get() + 1));
        }
    }
}

impl Drop for CleanUp {
    fn drop(&mut self) {
        let place = &self.here.place;
        if !self.here.is_judged() {
            return;
        }
        let (runs, done) = (self.runs.get(), self.done.get());
        let is_right = match self.begun.get() {
            None => place.is_dropped() || self.clean == Clean::Catch && place.is_closed(),
            Some(begun) => done == 1 || self.is_cut_off(begun),
        };
        if !is_right || runs > 1 {
            let what =
                format!("a clean-up that began {runs} times and was done {done} times ended");
            self.here.world.fault(what);
        }
    }
}
