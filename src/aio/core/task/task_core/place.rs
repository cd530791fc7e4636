//! The places where a task may wait: its body, and each scope in that.
//!
//! 1. A [`Place`] has the waits that are directly in it, and the cancels that are on their way to them. The task's
//!    own place is in its core; a [`Node`] has that of a scope.
//! 2. Nodes make a tree, which a scope enters when it is polled: its node is below that of the scope that is being
//!    polled around it, or below the task. So a scope that has moved leaves its old place with all that is in it.
//! 3. Whoever owns a node takes it out of the tree when its scope ends. It still knows what it was in: a wait that
//!    outlives the scope gives its cancel to that.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::rc::{Rc, Weak};
use std::task::Waker;

use super::cancel_state::{Cancel, Details};
use super::targets::{ManyTargets, OneTarget};
use crate::aio::core::cancelled::Catch;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::task::due_children::DueChildren;
use crate::frame::Exception;

/// What waits in one place.
pub(in crate::aio) struct Place {
    pub(super) cancel: Cancel,
    /// How many plain waits there are.
    pub(super) leaves: Cell<u32>,
    /// How many waits for targets there are. The target of a single one is in `target`; those of several are in
    /// `rare`.
    pub(super) joins: Cell<u32>,
    pub(super) target: OneTarget,
    rare: RarePlace,
}

/// The part that few places have. That of a task's own place also has what few tasks have.
#[derive(Default)]
pub(in crate::aio::core) struct Rare {
    pub(super) cancel: Details,
    pub(super) targets: ManyTargets,
    pub(in crate::aio::core) name: Option<String>,
    pub(in crate::aio::core) waker: Option<Waker>,
    pub(super) group: Option<InGroup>,
    /// Set until the first step of a task that begins even if it is cancelled before that.
    pub(in crate::aio::core) begins: bool,
    pub(super) tree: Tree,
    /// The limit that requested the cancel which is here, if nobody else did. The cancel goes no further out than that.
    pub(super) limit: Option<Weak<Node>>,
    /// The cancels that were caught directly in this place, and after which it cleans up.
    pub(super) caught: Vec<Catch>,
}

/// The place of what is rare: a box of its own, because most tasks have none of it, and there may be a million tasks.
struct RarePlace(ManuallyDrop<Cell<Option<Box<Rare>>>>);

impl Drop for RarePlace {
    /// By hand, so that where tasks are freed there is one comparison, and no call for the many that have nothing.
    #[inline]
    fn drop(&mut self) {
        if let Some(rare) = self.0.take() {
            drop_rare(rare);
        }
    }
}

#[cold]
#[inline(never)]
fn drop_rare(rare: Box<Rare>) {
    drop(rare);
}

impl Place {
    #[inline]
    pub(super) fn new() -> Self {
        Self {
            cancel: Cancel::default(),
            leaves: Cell::new(0),
            joins: Cell::new(0),
            target: OneTarget::new(),
            rare: RarePlace(ManuallyDrop::new(Cell::new(None))),
        }
    }

    /// Changes what is rare. `change` runs none of the user's code: it would find nothing rare, and what it put there
    /// would be lost.
    pub(super) fn with_rare<R>(&self, change: impl FnOnce(&mut Rare) -> R) -> R {
        let mut rare = self.rare.0.take().unwrap_or_default();
        let result = change(&mut rare);
        self.rare.0.set(Some(rare));
        result
    }

    /// The same, if there is something rare.
    pub(super) fn look_rare<R>(&self, look: impl FnOnce(&mut Rare) -> R) -> Option<R> {
        let mut rare = self.rare.0.take()?;
        let result = look(&mut rare);
        self.rare.0.set(Some(rare));
        Some(result)
    }
}

/// What a task knows of its scopes.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) children: Children,
    /// Counts the task's steps, from the first scope on.
    pub(super) round: u32,
    /// The scope that is being polled.
    pub(super) here: Option<Rc<Node>>,
    /// The scopes with a cancel that the end of this step, or the next one, must look at.
    pub(super) due: Vec<Rc<Node>>,
    /// The scopes to which this step delivers something.
    pub(super) thrown: Vec<Rc<Node>>,
    /// What was raised outside all scopes.
    pub(super) held: Option<Exception>,
    /// How many cancels limits have requested that have not been taken back.
    pub(super) limits: u32,
}

/// The nodes directly below one, in no order.
#[derive(Default)]
pub(super) struct Children {
    pub(super) nodes: Vec<Rc<Node>>,
    /// The number of the one that comes next.
    came: u32,
}

impl Children {
    pub(super) fn add(&mut self, node: Rc<Node>) {
        self.came = self.came.wrapping_add(1);
        node.number.set(self.came);
        node.slot.set(self.nodes.len());
        self.nodes.push(node);
    }

    /// Returns the node, for the caller to drop.
    #[must_use]
    pub(super) fn remove(&mut self, slot: usize) -> Rc<Node> {
        let removed = self.nodes.swap_remove(slot);
        if let Some(moved) = self.nodes.get(slot) {
            moved.slot.set(slot);
        }
        removed
    }
}

/// What a node is in.
#[derive(Clone)]
pub(super) enum Up {
    Nothing,
    Task(AnyTask),
    Node(Rc<Node>),
}

/// A scope, as its task knows it.
pub(in crate::aio) struct Node {
    pub(super) place: Place,
    pub(super) up: RefCell<Up>,
    /// Whether it is among the children of what it is in: from a poll of its scope on, until that ends.
    pub(super) is_in: Cell<bool>,
    /// Whether it is that of an async generator, which leaves the tree after each call.
    pub(super) is_generator: bool,
    /// Where it is among those children.
    slot: Cell<usize>,
    /// Its number among them, in the order in which they came.
    pub(super) number: Cell<u32>,
    /// The round of what it is in, in which it was polled last.
    pub(super) polled: Cell<u32>,
    /// Counts the polls of what is in the scope.
    pub(super) round: Cell<u32>,
    pub(super) children: RefCell<Children>,
    /// The waker of the combinator that polls the scope, if the task itself does not.
    pub(super) waker: Cell<Option<Waker>>,
    /// What the scope takes in its next poll.
    pub(super) thrown: Cell<Option<Exception>>,
    /// What was raised in the scope.
    pub(super) held: Cell<Option<Exception>>,
}

impl Node {
    pub(in crate::aio) fn new() -> Rc<Self> {
        Self::make(false)
    }

    /// That of an async generator.
    pub(in crate::aio) fn of_generator() -> Rc<Self> {
        Self::make(true)
    }

    fn make(is_generator: bool) -> Rc<Self> {
        Rc::new(Self {
            is_generator,
            place: Place::new(),
            up: RefCell::new(Up::Nothing),
            is_in: Cell::new(false),
            slot: Cell::new(0),
            number: Cell::new(0),
            polled: Cell::new(0),
            round: Cell::new(0),
            children: RefCell::default(),
            waker: Cell::default(),
            thrown: Cell::default(),
            held: Cell::default(),
        })
    }

    pub(super) fn slot(&self) -> usize {
        self.slot.get()
    }

    pub(super) fn has_waker(&self) -> bool {
        let waker = self.waker.take();
        let has = waker.is_some();
        self.waker.set(waker);
        has
    }
}

/// Where the body of a group's child is: in the group's future, which is in the body of the parent.
#[derive(Clone)]
pub(in crate::aio) struct InGroup {
    pub(in crate::aio) due: Rc<DueChildren>,
    /// How the parent knows the group.
    pub(in crate::aio) node: Rc<Node>,
    /// Which of the group's children it is.
    pub(in crate::aio) index: u32,
}

/// Where a wait is.
#[derive(Clone, Copy)]
pub(in crate::aio) struct Spot<'a> {
    pub(in crate::aio) task: &'a AnyTask,
    /// `None`: in no scope.
    pub(in crate::aio) node: Option<&'a Rc<Node>>,
}

impl<'a> Spot<'a> {
    pub(in crate::aio) fn of(task: &'a AnyTask, node: Option<&'a Rc<Node>>) -> Self {
        Self { task, node }
    }

    pub(super) fn place(self) -> &'a Place {
        match self.node {
            Some(node) => &node.place,
            None => &self.task.core().place,
        }
    }
}
