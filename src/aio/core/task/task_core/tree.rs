//! The tree of a task's scopes.
//!
//! 1. A node is below what its scope was polled in last. Each poll of that begins a round, and `polled` of the node is
//!    the round in which its own scope was polled. So it is known which scopes a poll has reached.
//! 2. A scope *stands* if it was reached by the last poll of what it is in, or if a combinator polls it that polls
//!    only what was woken, and if it is not suspended at a generator's yield.
//! 3. The places of a node, which a cancel goes to, are the innermost of the scopes that stand in it; or the node, if
//!    none does.

use std::mem;
use std::rc::Rc;
use std::task::Waker;

use super::cancel_state::{
    BUSY, LATE, LEAF, LISTED, NODES, NOTED, OVER, RAISED, SCOPES, THROWN, YIELDS,
};
use super::place::{Node, Place, Spot, Up};
use crate::aio::core::raw::pointer::{AnyTask, TurnState};
use crate::aio::core::report;
use crate::frame::Exception;

/// What a node is in, seen from below.
pub(super) struct Found {
    /// The task that polled it last, unless it is in a generator that nobody polls.
    pub(super) task: Option<AnyTask>,
    /// Whether it stands, and all that it is in.
    pub(super) stands: bool,
    /// Whether it is suspended at a yield, or something that it is in.
    pub(super) yields: bool,
}

/// A scope is being polled. When this is dropped, on unwind too, the one around it is again.
pub(in crate::aio) struct Inside<'a> {
    task: &'a AnyTask,
    around: Option<Rc<Node>>,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let around = self.around.take();
        let place = &self.task.core().place;
        let inner = place.with_rare(|rare| mem::replace(&mut rare.tree.here, around));
        // It may be the last pointer.
        drop(inner);
    }
}

impl AnyTask {
    /// The scope that is being polled.
    #[inline]
    pub(in crate::aio) fn here(&self) -> Option<Rc<Node>> {
        let place = &self.core().place;
        if !place.cancel.has(SCOPES) {
            return None;
        }
        place.look_rare(|rare| rare.tree.here.clone()).flatten()
    }

    /// Whether `node` is the scope that is being polled.
    pub(in crate::aio) fn is_here(&self, node: Option<&Rc<Node>>) -> bool {
        match (self.here(), node) {
            (None, None) => true,
            (Some(here), Some(node)) => Rc::ptr_eq(&here, node),
            _ => false,
        }
    }

    /// The scope of `node` is polled by this task.
    pub(in crate::aio) fn enter_scope(&self, node: &Rc<Node>) -> Inside<'_> {
        self.reach(node);
        node.round.set(node.round.get().wrapping_add(1));
        let place = &self.core().place;
        let around = place.with_rare(|rare| rare.tree.here.replace(node.clone()));
        Inside { task: self, around }
    }

    /// The poll has reached the scope of `node`.
    pub(in crate::aio) fn reach(&self, node: &Rc<Node>) {
        let around = self.here();
        if !node.is_directly_in(self, around.as_ref()) {
            self.attach(node, around.as_ref());
        }
        let round = match &around {
            Some(around) => around.round.get(),
            None => self.round(),
        };
        node.polled.set(round);
        node.place.cancel.clear(YIELDS);
    }

    fn attach(&self, node: &Rc<Node>, around: Option<&Rc<Node>>) {
        let before = node.take_out();
        let core = self.core();
        let up = if let Some(around) = around {
            around.children.borrow_mut().add(node.clone());
            Up::Node(around.clone())
        } else {
            core.place.cancel.set(SCOPES);
            core.with_rare(|rare| rare.tree.children.add(node.clone()));
            Up::Task(self.clone())
        };
        node.is_in.set(true);
        let old = node.up.replace(up);
        if node.place.cancel.clear(LISTED) | node.place.cancel.has(NOTED | LEAF) {
            // Another task knew it.
            self.list(node);
        }
        drop((before, old));
    }

    /// Counts the steps of a task that has scopes.
    fn round(&self) -> u32 {
        let round = self.core().look_rare(|rare| rare.tree.round);
        round.unwrap_or_default()
    }

    /// A step begins.
    pub(super) fn next_round(&self) {
        let core = self.core();
        core.look_rare(|rare| rare.tree.round = rare.tree.round.wrapping_add(1));
    }

    /// The node has a cancel that is due.
    pub(super) fn list(&self, node: &Rc<Node>) {
        let core = self.core();
        core.place.cancel.set(NODES);
        if !node.place.cancel.has(LISTED) {
            node.place.cancel.set(LISTED);
            core.with_rare(|rare| rare.tree.due.push(node.clone()));
        }
    }

    /// What a cancel of the task reaches.
    pub(super) fn reached(&self) -> Reached {
        let core = self.core();
        let mut reached = Reached::default();
        if !core.place.cancel.has(SCOPES) {
            return reached;
        }
        let children = core.look_rare(|rare| {
            let round = rare.tree.round;
            standing(&rare.tree.children.nodes, round)
        });
        reached.add(children.unwrap_or_default());
        if !reached.places.is_empty() && core.place.has_waits() {
            reached.around.push(None);
        }
        reached
    }

    /// Whether a scope in the task, or in `around`, has something to unwind.
    pub(super) fn is_busy_in(&self, around: Option<&Rc<Node>>) -> bool {
        let (place, below) = if let Some(around) = around {
            (&around.place, around.children.borrow().nodes.clone())
        } else {
            let core = self.core();
            let below = core.look_rare(|rare| rare.tree.children.nodes.clone());
            (&core.place, below.unwrap_or_default())
        };
        let woken = self.core().head.state.get() == TurnState::Woken;
        place.is_passed_on()
            || place.cleans_up_after_catch(&below, woken)
            || is_any_busy(below, woken)
    }

    /// All scopes of the task.
    pub(super) fn all_scopes(&self) -> Vec<Rc<Node>> {
        let children = self
            .core()
            .look_rare(|rare| rare.tree.children.nodes.clone());
        all_below(children.unwrap_or_default())
    }
}

/// What a task still knew of its scopes when it ended.
pub(in crate::aio::core) struct LeftScopes {
    /// First those directly in the task.
    nodes: [Vec<Rc<Node>>; 3],
    wakers: Vec<Waker>,
    held: Option<Exception>,
}

impl LeftScopes {
    /// Lets them go. Those that are in another task by now must be polled there.
    #[cold]
    pub(in crate::aio::core) fn leave(self) {
        self.wakers.into_iter().for_each(report::wake);
        report::discard_each(self.nodes.into_iter().flatten());
        report::discard(self.held);
    }
}

impl Place {
    /// Of a task that has ended: what is left of its scopes, suspended or forgotten, no longer leads to it.
    #[inline]
    pub(super) fn leave_scopes(&self) -> Option<LeftScopes> {
        let has_scopes = self.cancel.has(SCOPES | NODES | THROWN | RAISED);
        has_scopes.then(|| self.leave_scopes_rarely())
    }

    #[cold]
    #[inline(never)]
    fn leave_scopes_rarely(&self) -> LeftScopes {
        for flag in [SCOPES, NODES, THROWN, RAISED] {
            self.cancel.clear(flag);
        }
        let mut left = self.with_rare(|rare| {
            let tree = &mut rare.tree;
            let lists = [&mut tree.children.nodes, &mut tree.due, &mut tree.thrown];
            LeftScopes {
                nodes: lists.map(mem::take),
                wakers: Vec::new(),
                held: tree.held.take(),
            }
        });
        for node in &left.nodes[0] {
            node.is_in.set(false);
            // A combinator that has moved to another task polls it there.
            left.wakers.extend(node.waker.take());
            // The caller has another pointer to the task.
            drop(node.up.replace(Up::Nothing));
        }
        left
    }
}

/// Those of `nodes` that stand, where `round` is the last one, in the order in which they came.
fn standing(nodes: &[Rc<Node>], round: u32) -> Vec<Rc<Node>> {
    let mut standing: Vec<_> = nodes
        .iter()
        .filter(|node| node.stands_in(round))
        .cloned()
        .collect();
    standing.sort_by_key(|node| node.number.get());
    standing
}

/// What a cancel reaches.
#[derive(Default)]
pub(super) struct Reached {
    /// The places: the innermost scopes that stand.
    pub(super) places: Vec<Rc<Node>>,
    /// What is around such scopes, and waits for something beside them; `None`: the task itself.
    pub(super) around: Vec<Option<Rc<Node>>>,
}

impl Reached {
    /// Adds what is in `nodes`, which stand.
    fn add(&mut self, nodes: Vec<Rc<Node>>) {
        let mut left = nodes;
        left.reverse();
        while let Some(node) = left.pop() {
            let inner = node.standing();
            if inner.is_empty() {
                self.places.push(node);
            } else {
                left.extend(inner.into_iter().rev());
                if node.place.has_waits() {
                    self.around.push(Some(node));
                }
            }
        }
    }

    fn of(nodes: Vec<Rc<Node>>) -> Self {
        let mut reached = Self::default();
        reached.add(nodes);
        reached
    }
}

fn is_any_busy(nodes: Vec<Rc<Node>>, woken: bool) -> bool {
    let mut left = nodes;
    while let Some(node) = left.pop() {
        let place = &node.place;
        let children = node.children.borrow().nodes.clone();
        let busy = place.cancel.has(BUSY) || place.is_passed_on();
        if busy || place.cleans_up_after_catch(&children, woken) {
            return true;
        }
        left.extend(children);
    }
    false
}

fn all_below(nodes: Vec<Rc<Node>>) -> Vec<Rc<Node>> {
    let mut all = nodes;
    let mut next = 0;
    while let Some(node) = all.get(next).cloned() {
        next += 1;
        all.extend(node.children.borrow().nodes.iter().cloned());
    }
    all
}

impl Node {
    fn is_directly_in(&self, task: &AnyTask, around: Option<&Rc<Self>>) -> bool {
        self.is_in.get()
            && match (&*self.up.borrow(), around) {
                (Up::Task(it), None) => it.is(task),
                (Up::Node(it), Some(around)) => Rc::ptr_eq(it, around),
                _ => false,
            }
    }

    fn stands_in(&self, round: u32) -> bool {
        let reached = self.polled.get() == round || self.has_waker();
        reached && !self.place.cancel.has(YIELDS | OVER)
    }

    /// The scopes directly in this one that stand.
    fn standing(&self) -> Vec<Rc<Self>> {
        standing(&self.children.borrow().nodes, self.round.get())
    }

    /// What a cancel of the scope reaches.
    pub(super) fn reached(self: &Rc<Self>) -> Reached {
        Reached::of(vec![self.clone()])
    }

    /// The places in the scope, which has begun a poll but not yet polled what is in it. Empty: it has none.
    pub(super) fn inner_places_before(&self) -> Vec<Rc<Self>> {
        let round = self.round.get().wrapping_sub(1);
        Reached::of(standing(&self.children.borrow().nodes, round)).places
    }

    /// The places in the scope, of which what is in there has been polled. Empty: it has none.
    pub(in crate::aio) fn inner_places(&self) -> Vec<Rc<Self>> {
        Reached::of(self.standing()).places
    }

    /// Itself, and all scopes in it.
    pub(super) fn with_all_below(self: &Rc<Self>) -> Vec<Rc<Self>> {
        all_below(vec![self.clone()])
    }

    pub(super) fn up(&self) -> Up {
        self.up.borrow().clone()
    }

    /// What it is in.
    pub(super) fn find(self: &Rc<Self>) -> Found {
        let mut node = self.clone();
        let mut found = Found {
            task: None,
            stands: !node.place.cancel.has(OVER),
            yields: false,
        };
        loop {
            found.yields |= node.place.cancel.has(YIELDS);
            if !node.is_in.get() {
                found.stands = false;
            }
            let up = node.up();
            match up {
                Up::Nothing => {
                    found.stands = false;
                    return found;
                }
                Up::Task(task) => {
                    found.stands &= node.stands_in(task.round());
                    found.task = Some(task);
                    return found;
                }
                Up::Node(around) => {
                    found.stands &= node.stands_in(around.round.get());
                    node = around;
                }
            }
        }
    }

    /// Whether it is in an async generator that nobody calls at present.
    pub(in crate::aio) fn is_put_aside(&self) -> bool {
        let mut up = self.up();
        let mut is_generator = self.is_generator;
        while let Up::Node(node) = up {
            is_generator = node.is_generator;
            up = node.up();
        }
        is_generator && matches!(up, Up::Nothing)
    }

    /// Takes it out of what it is in. Returns a pointer to it, for the caller to drop.
    #[must_use]
    fn take_out(&self) -> Option<Rc<Self>> {
        if !self.is_in.replace(false) {
            return None;
        }
        match &*self.up.borrow() {
            Up::Nothing => None,
            Up::Node(around) => Some(around.children.borrow_mut().remove(self.slot())),
            Up::Task(task) => {
                let place = &task.core().place;
                let (removed, last) = place.with_rare(|rare| {
                    let removed = rare.tree.children.remove(self.slot());
                    let idle = rare.tree.children.nodes.is_empty() && rare.tree.here.is_none();
                    (removed, idle)
                });
                if last {
                    place.cancel.clear(SCOPES);
                }
                Some(removed)
            }
        }
    }

    /// The scope is not polled any longer: leaves the tree. It still knows what it was in.
    pub(in crate::aio) fn leave(self: &Rc<Self>) {
        let busy = self.place.cancel.has(BUSY);
        let waker = self.waker.take();
        let own = self.take_out();
        if busy {
            self.tell_what_waits();
        }
        report::discard(waker);
        drop(own);
    }

    /// What was raised around it may have waited for it.
    fn tell_what_waits(self: &Rc<Self>) {
        let mut up = self.up();
        loop {
            match up {
                Up::Nothing => return,
                Up::Task(task) => {
                    if task.core().place.cancel.has(RAISED) {
                        task.wake();
                    }
                    return;
                }
                Up::Node(around) => {
                    if around.place.cancel.has(RAISED) {
                        around.rouse();
                        return;
                    }
                    up = around.up();
                }
            }
        }
    }

    /// The scope is pending. `waker`: the combinator's that polls it, if the task itself does not. `yields`: it is
    /// suspended at a generator's yield.
    pub(in crate::aio) fn polled_with(&self, waker: Option<&Waker>, yields: bool) {
        if yields {
            self.place.cancel.set(YIELDS);
        }
        let old = self.waker.take();
        let Some(waker) = waker else {
            report::discard(old);
            return;
        };
        let kept = match &old {
            Some(old) if old.will_wake(waker) => None,
            _ => Some(waker.clone()),
        };
        match kept {
            None => self.waker.set(old),
            Some(new) => {
                let between = self.waker.replace(Some(new));
                report::discard(old);
                report::discard(between);
            }
        }
    }

    /// Has the scope polled.
    pub(super) fn rouse(self: &Rc<Self>) {
        let task = self.find().task;
        if let Some(task) = task {
            task.wake();
        }
        if let Some(waker) = self.waker.take() {
            report::wake(waker);
        }
    }

    /// A cancel that is due here is delivered when the scope is polled next.
    pub(super) fn be_late(&self) {
        self.place.cancel.clear(NOTED);
        self.place.cancel.clear(LEAF);
        self.place.cancel.set(LATE);
    }

    /// Where a wait in this scope is.
    pub(super) fn spot<'a>(self: &'a Rc<Self>, task: &'a AnyTask) -> Spot<'a> {
        Spot {
            task,
            node: Some(self),
        }
    }
}
