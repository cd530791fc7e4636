//! Random decisions, values, and what destructors, clones and wakers do.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use cogen::pipeline::{self, Ends, Pipeline};

use super::common::choose::Source as Chance;
use super::{round, stage};

/// The number of values that are alive.
pub static ALIVE: AtomicI64 = AtomicI64::new(0);
/// A value was broken: dropped twice, or used after its end.
pub static BROKEN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CHANCE: RefCell<Option<Chance>> = const { RefCell::new(None) };
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static FUEL: Cell<u32> = const { Cell::new(0) };
    static ENDS: RefCell<Vec<Ends<'static, Val, Val>>> = const { RefCell::new(Vec::new()) };
    static KEPT: RefCell<Vec<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(Vec::new()) };
}

/// Whether a round is running.
static RUNNING: AtomicBool = AtomicBool::new(false);

pub fn is_running() -> bool {
    RUNNING.load(SeqCst)
}

pub fn begin(seed: u64) {
    RUNNING.store(true, SeqCst);
    CHANCE.set(Some(Chance::seed(seed)));
    FUEL.set(if cfg!(miri) { 20 } else { 60 });
}

/// Ends the round: nothing acts from here on, and what was kept is dropped.
pub fn end() {
    FUEL.set(0);
    ENDS.take();
    drop(KEPT.take());
    RUNNING.store(false, SeqCst);
}

pub fn below(end: u32) -> u32 {
    CHANCE.with_borrow_mut(|chance| {
        // A thread of a pipeline's.
        chance.get_or_insert_with(|| Chance::seed(7)).below(end)
    })
}

/// True once in `of` times.
pub fn chance(of: u32) -> bool {
    below(of) == of - 1
}

/// Panics once in `of` times.
pub fn explode(of: u32) {
    assert!(thread::panicking() || !chance(of), "a panic of the attack");
}

const SEAL: u64 = 0x5AFE_C0DE_5AFE_C0DE;

/// A value of the attack.
pub struct Val(Box<u64>);

impl Val {
    pub fn new() -> Self {
        ALIVE.fetch_add(1, SeqCst);
        Self(Box::new(SEAL))
    }

    pub fn check(&self) {
        if *self.0 != SEAL {
            BROKEN.store(true, SeqCst);
        }
    }
}

impl Clone for Val {
    fn clone(&self) -> Self {
        self.check();
        if chance(8) {
            act();
        }
        explode(40);
        Self::new()
    }
}

impl Drop for Val {
    fn drop(&mut self) {
        self.check();
        *self.0 = 0;
        ALIVE.fetch_sub(1, SeqCst);
        if chance(10) {
            act();
        }
    }
}

/// A waker that acts.
pub struct Noisy;

impl Wake for Noisy {
    fn wake(self: Arc<Self>) {
        if chance(3) {
            act();
        }
    }
}

pub fn waker() -> Waker {
    if chance(2) {
        Waker::noop().clone()
    } else {
        Waker::from(Arc::new(Noisy))
    }
}

/// Keeps the ends of a stage, for any code on this thread to poll.
pub fn keep(io: Ends<'static, Val, Val>) {
    ENDS.with_borrow_mut(|ends| {
        ends.push(io);
        if ends.len() > 6 {
            ends.remove(0);
        }
    });
}

/// Does one random thing and catches its panic, if any.
pub fn act() {
    if DEPTH.get() > 3 || FUEL.get() == 0 {
        return;
    }
    DEPTH.set(DEPTH.get() + 1);
    FUEL.set(FUEL.get() - 1);
    let waker = waker();
    let acted = AssertUnwindSafe(|| one_act(&mut Context::from_waker(&waker)));
    let _acted = catch_unwind(acted);
    DEPTH.set(DEPTH.get() - 1);
}

/// The same in a body, which the panic leaves, unless it is already unwinding: another panic would abort.
pub fn act_in(cx: &mut Context<'_>) {
    if thread::panicking() {
        let _acted = catch_unwind(AssertUnwindSafe(|| one_act(cx)));
    } else {
        one_act(cx);
    }
}

fn one_act(cx: &mut Context<'_>) {
    let at = below(64) as usize;
    let io = ENDS.with_borrow(|ends| (!ends.is_empty()).then(|| ends[at % ends.len()]));
    match (below(6), io) {
        (0 | 1, Some(io)) => {
            if let Poll::Ready(Some(value)) = pin!(io.recv()).poll(cx) {
                value.check();
            }
        }
        (2, Some(io)) => {
            let _polled = pin!(io.emit(Val::new())).poll(cx);
        }
        (3, Some(io)) => {
            poll_and_keep(
                Box::pin(async move {
                    if let Ok(Some(value)) = io.catch(io.recv()).await {
                        value.check();
                    }
                }),
                cx,
            );
        }
        (4, _) => {
            if let Some(future) = KEPT.with_borrow_mut(Vec::pop) {
                poll_and_keep(future, cx);
            }
        }
        _ if chance(3) => {
            let inner = round::source().pipe(stage::stage(false));
            drop(inner.run(pipeline::collect::<Vec<_>, _>()));
        }
        _ => {}
    }
}

fn poll_and_keep(mut future: Pin<Box<dyn Future<Output = ()>>>, cx: &mut Context<'_>) {
    if future.as_mut().poll(cx).is_pending() {
        KEPT.with_borrow_mut(|kept| kept.insert(0, future));
    }
}
