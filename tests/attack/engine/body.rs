//! A generator's body, which decides in each poll what to do.

use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::super::common::ledger::Role;
use super::act;
use super::cell::Alias;
use super::fresh::{self, Handle};
use super::machine;
use super::mask::Mask;
use super::recipe::{Act, Recipe};
use super::reply::Reply;
use super::value::Val;
use super::waker;
use super::watch;
use super::world::{self, Fut};

/// The most futures that a body holds.
const HELD: usize = 6;
/// The most polls in which a body is pending.
const POLLS: usize = if cfg!(miri) { 6 } else { 12 };

pub struct Body<S: 'static> {
    handle: Handle<S>,
    held: Vec<Fut>,
    depth: u32,
    polls: usize,
    recipe: Recipe,
    own: Val,
}

impl<S> Body<S> {
    pub fn new(handle: Handle<S>, depth: u32) -> Self {
        let recipe: Recipe = world::with(|state| {
            let recipes = state.theme.recipes;
            let at = state.below(2 * u32::try_from(recipes.len()).unwrap_or(1)) as usize;
            recipes.get(at).copied().unwrap_or(&[])
        })
        .unwrap_or(&[]);
        Self {
            handle,
            held: Vec::new(),
            depth,
            polls: 0,
            recipe,
            own: Val::new(Role::Local),
        }
    }
}

impl<S: Reply> Future for Body<S> {
    type Output = Val;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Val> {
        let this = &mut *self;
        if world::is_ending() {
            return Poll::Ready(Val::new(Role::Returned));
        }
        this.own.check();
        if !thread::panicking() {
            return this.step(cx);
        }
        // Another panic would abort.
        act::quietly(|| this.step(cx)).unwrap_or(Poll::Pending)
    }
}

impl<S: Reply> Body<S> {
    fn step(&mut self, cx: &mut Context<'_>) -> Poll<Val> {
        let planned = self.recipe.get(self.polls).copied();
        self.polls += 1;
        world::tell(|| {
            format!(
                "body {} polled, holds {}",
                self.own.number(),
                self.held.len()
            )
        });
        let mut over = false;
        for &act in planned.unwrap_or(&[]) {
            // Leaves out some of the acts.
            if !world::chance(10) {
                over |= self.act(act, cx);
            }
        }
        let random = planned.is_none() || world::chance(4);
        if random {
            // Usually polls the futures that it holds in order, as `join!` does.
            if !world::chance(3) {
                over |= self.act(Act::PollAll, cx);
            }
            for _ in 0..=world::below(4) {
                if !world::spend() {
                    break;
                }
                let act = Self::random_act();
                over |= self.act(act, cx);
            }
        }
        self.own.check();
        if over || self.polls > POLLS {
            return Poll::Ready(Val::new(Role::Returned));
        }
        Poll::Pending
    }

    fn random_act() -> Act {
        world::with(|state| {
            let acts = state.theme.acts;
            let at = state.below(u32::try_from(acts.len()).unwrap_or(1));
            acts[at as usize]
        })
        .unwrap_or(Act::PollAll)
    }

    fn one(&self) -> Option<usize> {
        let held = u32::try_from(self.held.len()).unwrap_or(0);
        (held > 0).then(|| world::below(held) as usize)
    }

    /// Takes one action; whether the body is over.
    fn act(&mut self, act: Act, cx: &mut Context<'_>) -> bool {
        let allowed = match act {
            Act::ToBag | Act::FromBag | Act::ShareInScope | Act::ShareNew | Act::Swap => {
                world::may(Mask::BAG)
            }
            Act::ShareRaised => world::may(Mask::BAG) && world::may(Mask::RAISE),
            Act::PollForeign | Act::SwapWaker => world::may(Mask::WAKERS),
            Act::PollElsewhere => world::may(Mask::THREADS) && world::chance(4),
            Act::Forget => world::may(Mask::FORGET) && world::chance(40),
            Act::Return => return world::chance(5),
            _ => true,
        };
        if allowed {
            world::tell(|| format!("body {}: {act:?}", self.own.number()));
            self.act_on_futures(act, cx);
        }
        false
    }

    fn act_on_futures(&mut self, act: Act, cx: &mut Context<'_>) {
        match act {
            Act::New(kind) if self.held.len() < HELD => {
                // Now and then makes a future of another kind.
                let new = if world::chance(3) {
                    fresh::any(self.handle, self.depth)
                } else {
                    fresh::make(self.handle, kind, self.depth)
                };
                self.held.push(new);
                self.poll_at(self.held.len() - 1, cx);
            }
            Act::ShareNew if self.held.len() + 1 < HELD => self.share_new(false, cx),
            Act::ShareRaised if self.held.len() + 1 < HELD => self.share_new(true, cx),
            Act::Poll(at) if at < self.held.len() => self.poll_quietly(at, cx),
            Act::PollAll => {
                for at in 0..self.held.len() {
                    self.poll_at(at, cx);
                }
            }
            _ => self.act_on_one(act, cx),
        }
    }

    fn act_on_one(&mut self, act: Act, cx: &mut Context<'_>) {
        match (act, self.one()) {
            (Act::PollOne, Some(at)) => self.poll_quietly(at, cx),
            (Act::PollForeign, Some(at)) => act::poll_alone(self.held[at].as_mut()),
            (Act::PollElsewhere, Some(at)) => elsewhere(self.held[at].as_mut(), cx.waker()),
            (Act::ShareInScope, Some(at)) => self.share_in_scope(at),
            (Act::ToBag, Some(at)) => act::keep(self.held.swap_remove(at)),
            (Act::Swap, Some(at)) => {
                if let Some(mut other) = world::take(|state| &mut state.bag) {
                    mem::swap(&mut self.held[at], &mut other);
                    act::keep(other);
                }
            }
            (Act::DropOne, Some(at)) => drop(self.held.swap_remove(at)),
            (Act::Forget, Some(at)) => {
                world::with(|state| state.forgot = true);
                mem::forget(self.held.swap_remove(at));
            }
            (Act::FromBag, _) if self.held.len() < HELD => {
                self.held.extend(world::take(|state| &mut state.bag));
            }
            (Act::KeepWaker, _) => waker::keep(cx.waker().clone()),
            (Act::Wake, _) => {
                if let Some(waker) = world::take(|state| &mut state.wakers) {
                    waker.wake();
                }
            }
            (Act::SwapWaker, _) if world::chance(8) => *cx = Context::from_waker(Waker::noop()),
            (Act::Drive, _) => machine::drive_some(Some(cx)),
            (Act::Act, _) => act::act(),
            (Act::Panic, _) => act::explode(Mask::PANIC, 4),
            _ => {}
        }
    }

    /// Polls one of its futures. A finished future stays, and is polled again, unless the mask forbids that.
    fn poll_at(&mut self, at: usize, cx: &mut Context<'_>) {
        let Some(future) = self.held.get_mut(at) else {
            return;
        };
        if future.as_mut().poll(cx).is_ready() && !world::may(Mask::AGAIN) {
            drop(self.held.swap_remove(at));
        }
    }

    fn poll_quietly(&mut self, at: usize, cx: &mut Context<'_>) {
        let _polled = panic::catch_unwind(AssertUnwindSafe(|| self.poll_at(at, cx)));
    }

    fn share_in_scope(&mut self, at: usize) {
        let future = mem::replace(&mut self.held[at], Box::pin(std::future::pending()));
        let alias = Alias::new(future);
        self.held[at] = Box::pin(alias.clone());
        if self.held.len() < HELD {
            let scope = watch::scope(self.handle.co(), Box::pin(alias));
            self.held.push(scope);
        }
    }

    fn share_new(&mut self, raises: bool, cx: &mut Context<'_>) {
        let co = self.handle.co();
        let alias = Alias::new(watch::yield_(co));
        let mut inside: Fut = Box::pin(alias.clone());
        if raises {
            inside = fresh::join(vec![inside, watch::raise(co)], false);
        }
        self.held.push(watch::scope(co, inside));
        self.held.push(Box::pin(alias));
        self.poll_at(self.held.len() - 2, cx);
    }
}

/// Polls on a new thread with a waker that is only lent, and uses that waker there.
fn elsewhere(mut future: Pin<&mut (dyn Future<Output = ()> + Send)>, waker: &Waker) {
    let Some(world) = world::here() else { return };
    thread::scope(|scope| {
        scope.spawn(|| {
            let _here = world::enter(&world);
            act::quietly(|| {
                future
                    .as_mut()
                    .poll(&mut Context::from_waker(waker))
                    .is_ready()
            });
            let clone = waker.clone();
            act::quietly(|| clone.wake());
            act::quietly(|| waker.wake_by_ref());
        });
    });
}
