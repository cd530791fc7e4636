//! Generators in all their forms, and all operations on them.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Context;

use cogen::{
    BoxGen, Frame, Generator, Recursive, Shared, State, Step, WeakShared, generator, recursive,
};

use super::super::common::ledger::Role;
use super::body::Body;
use super::fresh::{self, Handle};
use super::liar::{self, Liar};
use super::mask::Mask;
use super::operate;
use super::reply::{Counted, Num, Reply, Token, Void};
use super::stream;
use super::value::Val;
use super::world::{self, Hand};
use super::{act, waker};

/// A generator that can be driven somehow.
pub trait Drive: Send {
    fn drive(&mut self, cx: Option<&mut Context<'_>>);
}

/// A generator in the round's list, from which any part of the round may drive it.
pub struct Machine {
    inner: Box<dyn Drive>,
    /// For a shared generator: a handle, and how to make another from it.
    shared: Option<(Arc<dyn Any + Send + Sync>, Again)>,
}

/// Makes another handle of a shared generator.
type Again = fn(&(dyn Any + Send + Sync)) -> Option<Box<dyn Drive>>;

/// A generator whose types are known.
pub struct Typed<G> {
    pub generator: G,
    /// The number of the value that came out last, if its yield is still waiting; or 0.
    pub at: Arc<AtomicU64>,
}

type Boxed<S> = BoxGen<'static, Val, S, Val>;
type SharedGen<S> = Shared<Boxed<S>>;

/// What `Machine::shared` holds.
struct SharedHandle<S: Reply> {
    handle: SharedGen<S>,
    at: Arc<AtomicU64>,
}

impl<S: Reply, G> Drive for Typed<G>
where
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin + Send,
{
    fn drive(&mut self, cx: Option<&mut Context<'_>>) {
        operate::operate(&mut self.generator, &self.at, cx);
    }
}

/// Keeps a handle of a frame for the whole round.
fn register<S: Reply>(handle: Handle<S>) {
    let hand: Hand = Arc::new(move || fresh::any(handle, 3));
    drop(world::put(|state| &mut state.hands, hand, 8));
}

type PlainFrame<S> = Frame<'static, Val, S, Body<S>>;
type RecursiveFrame<S> = Recursive<'static, Val, S, Body<S>>;

fn plain<S: Reply>() -> PlainFrame<S> {
    generator(|co| {
        register(Handle::Plain(co));
        Body::new(Handle::Plain(co), 0)
    })
}

fn calling<S: Reply>() -> RecursiveFrame<S> {
    recursive(|co| {
        register(Handle::Recursive(co));
        Body::new(Handle::Recursive(co), 0)
    })
}

fn is_plain() -> bool {
    let plain = world::with(|state| state.theme.plain).unwrap_or(1);
    !world::may(Mask::CALLS) || world::chance(plain)
}

pub fn boxed<S: Reply>() -> Boxed<S> {
    if is_plain() {
        plain().boxed()
    } else {
        calling().boxed()
    }
}

/// A generator that is pinned where it is.
pub fn frame<S: Reply>() -> Pin<Box<PlainFrame<S>>> {
    Box::pin(plain())
}

/// Runs a generator to its first yield, and records that the value came out.
pub fn start<S: Reply>(generator: &mut Boxed<S>) {
    operate::start_for_good(generator);
}

fn add<G: Drive + 'static>(inner: G) {
    let machine = Machine {
        inner: Box::new(inner),
        shared: None,
    };
    drop(world::put(|state| &mut state.machines, machine, 5));
}

fn typed<G>(generator: G) -> Typed<G> {
    Typed {
        generator,
        at: Arc::default(),
    }
}

/// Makes a generator in some form.
pub fn make_some() {
    let replies = world::with(|state| state.theme.replies).flatten();
    act::quietly(|| match replies.unwrap_or_else(|| world::below(6)) {
        0 => make::<Val>(),
        1 => make_unit(),
        2 => make::<Token>(),
        3 => make::<Counted>(),
        5 if world::may(Mask::VOID) => make::<Void>(),
        _ => make::<Num>(),
    });
}

fn make<S: Reply>() {
    match world::below(7) {
        5 if world::may(Mask::LIARS) => make_liar::<S>(),
        0 => add(typed(Box::pin(plain::<S>()))),
        1 => add(typed(Box::pin(calling::<S>()))),
        2 => add(typed(boxed::<S>().closing())),
        3 => add(typed(Box::new(boxed::<S>()))),
        _ => add_shared(boxed::<S>()),
    }
}

/// Makes a liar: behind a shared handle, as one that closes, or given to an adapter.
fn make_liar<S: Reply>() {
    match world::below(3) {
        0 => add(typed(Liar::<S>::new().shared())),
        1 => add(typed(Liar::<S>::new().closing())),
        _ => liar::adapt(),
    }
}

fn make_unit() {
    match world::below(3) {
        0 => stream::add(),
        _ => make::<()>(),
    }
}

/// Adds any machine; for the forms in other files.
pub fn add_other(inner: impl Drive + 'static) {
    add(inner);
}

fn add_shared<S: Reply>(boxed: Boxed<S>) {
    let shared = typed(boxed.shared());
    let weak = shared.generator.downgrade();
    world::with(|state| state.add_closer(Arc::new(move || close(&weak))));
    let handle = SharedHandle {
        handle: shared.generator.clone(),
        at: shared.at.clone(),
    };
    let machine = Machine {
        inner: Box::new(shared),
        shared: Some((Arc::new(handle), again::<S>)),
    };
    drop(world::put(|state| &mut state.machines, machine, 5));
}

fn again<S: Reply>(shared: &(dyn Any + Send + Sync)) -> Option<Box<dyn Drive>> {
    let shared = shared.downcast_ref::<SharedHandle<S>>()?;
    Some(Box::new(Typed {
        generator: shared.handle.clone(),
        at: shared.at.clone(),
    }))
}

/// Ends a generator that may hold itself; whether it still existed.
fn close<S: Reply>(weak: &WeakShared<Boxed<S>>) -> bool {
    let Some(mut shared) = weak.upgrade() else {
        return false;
    };
    for _ in 0..8 {
        if shared.state() == State::Closed {
            break;
        }
        act::quietly(|| drop(shared.close()));
    }
    true
}

/// A handle of some shared generator whose replies are of type `S`, if there is one.
pub fn some_shared<S: Reply>() -> Option<SharedGen<S>> {
    world::with(|state| {
        let shared = state.machines.iter().filter_map(|machine| {
            let (handle, _) = machine.shared.as_ref()?;
            let shared = handle.downcast_ref::<SharedHandle<S>>()?;
            Some(shared.handle.clone())
        });
        { shared }.next()
    })
    .flatten()
}

/// Puts a machine back, also on unwind.
struct Back(Option<Machine>);

impl Drop for Back {
    fn drop(&mut self) {
        if let Some(machine) = self.0.take() {
            drop(world::put(|state| &mut state.machines, machine, 6));
        }
    }
}

/// Drives some generator in some context.
pub fn drive_some(cx: Option<&mut Context<'_>>) {
    act::deeper(|| {
        let sort = world::below(3);
        match cx {
            _ if sort == 0 => drive_one(None),
            Some(cx) if sort == 1 => drive_one(Some(cx)),
            _ => {
                let waker = waker::any();
                drive_one(Some(&mut Context::from_waker(&waker)));
            }
        }
    });
}

fn drive_one(cx: Option<&mut Context<'_>>) {
    let Some(machine) = world::take(|state| &mut state.machines) else {
        return;
    };
    let mut back = Back(Some(machine));
    let again = back.0.as_ref().and_then(|machine| {
        let (shared, again) = machine.shared.as_ref()?;
        again(&**shared)
    });
    if let Some(mut handle) = again {
        // The machine is put back first, because it may also be driven meanwhile.
        drop(back);
        handle.drive(cx);
    } else if let Some(machine) = &mut back.0 {
        machine.inner.drive(cx);
    }
}

/// The number of the value that came out last, if known.
pub fn last(at: &AtomicU64) -> Option<u64> {
    Some(at.load(Ordering::Relaxed)).filter(|at| *at != 0)
}

/// Records that a value came out.
pub fn came(at: &AtomicU64, value: &Val) {
    value.comes_out(Role::Yielded);
    at.store(value.number(), Ordering::Relaxed);
}

/// Records what a step gave.
pub fn stepped(at: &AtomicU64, step: Step<Val, Val>) {
    at.store(0, Ordering::Relaxed);
    match step {
        Step::Yielded(value) => {
            came(at, &value);
            if world::chance(3) {
                drop(world::put(|state| &mut state.values, value, 8));
            }
        }
        Step::Complete(value) => value.comes_out(Role::Returned),
    }
}
