//! Makes random futures for a frame.

use std::pin::Pin;
use std::task::{Context, Poll};

use cogen::{Co, Exception, Generator, GeneratorExit, RecursiveCo, Shared};

use super::super::common::ledger::Role;
use super::body::Body;
use super::cell::Alias;
use super::liar::Liar;
use super::machine;
use super::mask::Mask;
use super::recipe::Kind;
use super::reply::Reply;
use super::set::{Foreign, Join, Set};
use super::sub::Sub;
use super::turncoat::Turncoat;
use super::value::Val;
use super::watch::{self, Around, Called, Calling, Carrier};
use super::world::{self, Fut};

/// The handle of a frame.
pub enum Handle<S: 'static> {
    Plain(Co<'static, Val, S>),
    Recursive(RecursiveCo<'static, Val, S>),
}

impl<S> Clone for Handle<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Handle<S> {}

impl<S> Handle<S> {
    pub fn co(self) -> Co<'static, Val, S> {
        match self {
            Self::Plain(co) => co,
            Self::Recursive(co) => *co,
        }
    }
}

/// The greatest depth to which bodies are nested.
const DEEP: u32 = 4;

/// Makes a random future for the frame.
pub fn any<S: Reply>(handle: Handle<S>, depth: u32) -> Fut {
    let kind = world::with(|state| {
        let kinds = state.theme.kinds;
        let at = state.below(u32::try_from(kinds.len()).unwrap_or(1));
        kinds[at as usize]
    });
    make(handle, kind.unwrap_or(Kind::Yield), depth)
}

/// The kind to make instead, if the mask leaves out `kind` or the nesting is too deep.
fn allowed(kind: Kind, depth: u32) -> Kind {
    let (bit, other) = match kind {
        Kind::Raise | Kind::ScopedRaise => (Mask::RAISE, Kind::Yield),
        Kind::Foreign => (Mask::FOREIGN, Kind::Yield),
        Kind::YieldFrom | Kind::YieldFromShared | Kind::YieldFromWith | Kind::YieldAll => {
            (Mask::DELEGATE, Kind::Yield)
        }
        Kind::YieldFromTurncoat => (Mask::TURNCOAT, Kind::YieldFrom),
        Kind::YieldFromLiar => (Mask::LIARS, Kind::YieldFrom),
        Kind::Call | Kind::ScopedCall => (Mask::CALLS, Kind::ScopedYield),
        Kind::Bag | Kind::Alias | Kind::SharedScope => (Mask::BAG, Kind::ScopedYield),
        Kind::Set => (Mask::WAKERS, Kind::Join),
        _ => return kind_at(kind, depth),
    };
    kind_at(if world::may(bit) { kind } else { other }, depth)
}

fn kind_at(kind: Kind, depth: u32) -> Kind {
    let (foreign, loose) =
        world::with(|state| (state.theme.foreign, state.theme.loose)).unwrap_or((false, false));
    match kind {
        Kind::Foreign if !foreign => Kind::Yield,
        Kind::YieldFromShared | Kind::YieldFromTurncoat if !loose => Kind::YieldFrom,
        Kind::Finally if !loose => Kind::Scope,
        Kind::Yield | Kind::TryYield | Kind::Raise | Kind::Foreign | Kind::Bag | Kind::Driving => {
            kind
        }
        _ if depth >= DEEP => Kind::Yield,
        kind => kind,
    }
}

/// Makes a future of the given kind.
pub fn make<S: Reply>(handle: Handle<S>, kind: Kind, depth: u32) -> Fut {
    let co = handle.co();
    let deeper = depth + 1;
    match allowed(kind, depth) {
        Kind::Yield => watch::yield_(co),
        Kind::TryYield => watch::try_yield(co),
        Kind::Raise => watch::raise(co),
        Kind::Scope => watch::scope(co, inside(handle, deeper)),
        Kind::ScopedYield => watch::scope(co, watch::yield_(co)),
        Kind::ScopedRaise => {
            watch::scope(co, join(vec![watch::yield_(co), watch::raise(co)], false))
        }
        Kind::Finally => finally(co, inside(handle, deeper)),
        Kind::Call => call(handle, deeper),
        Kind::ScopedCall => watch::scope(co, call(handle, deeper)),
        Kind::YieldFrom => yield_from(co, machine::boxed::<S>()),
        Kind::YieldFromShared => match machine::some_shared::<S>() {
            Some(shared) => {
                world::with(|state| state.ledger.loose = true);
                yield_from(co, shared)
            }
            None => yield_from(co, machine::frame::<S>()),
        },
        Kind::YieldFromTurncoat => {
            world::with(|state| state.ledger.loose = true);
            yield_from(co, Turncoat::<S>::pinned())
        }
        Kind::YieldFromWith => yield_from_with(co),
        Kind::YieldFromLiar => yield_from(co, Liar::<S>::new()),
        Kind::YieldAll => {
            let items = (0..world::below(3)).map(|_| Val::new(Role::Yielded));
            let items: Vec<_> = items.collect();
            Box::pin(co.yield_all(items))
        }
        Kind::Foreign => Box::pin(Foreign(world::below(3))),
        Kind::Set => Box::pin(Set::new(some(handle, deeper))),
        Kind::Join => join(some(handle, deeper), false),
        Kind::Select => join(some(handle, deeper), true),
        Kind::Alias => Box::pin(Alias::new(any(handle, deeper))),
        Kind::SharedScope => {
            let scope = watch::scope(co, watch::yield_(co));
            Box::pin(Alias::new(scope))
        }
        Kind::Bag => world::take(|state| &mut state.bag).unwrap_or_else(|| watch::yield_(co)),
        Kind::Driving => Box::pin(Driving(world::below(3))),
    }
}

fn some<S: Reply>(handle: Handle<S>, depth: u32) -> Vec<Fut> {
    (0..=world::below(3)).map(|_| any(handle, depth)).collect()
}

pub fn join(futures: Vec<Fut>, first: bool) -> Fut {
    Box::pin(Join {
        futures: futures.into_iter().map(Some).collect(),
        first,
    })
}

/// What a scope has inside: a body, or some other future.
fn inside<S: Reply>(handle: Handle<S>, depth: u32) -> Fut {
    if world::chance(2) {
        Box::pin(Ended(Body::new(handle, depth)))
    } else {
        any(handle, depth)
    }
}

/// Drops the output of a future.
struct Ended<F>(F);

impl<F: Future + Unpin> Future for Ended<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx).map(drop)
    }
}

fn call<S: Reply>(handle: Handle<S>, depth: u32) -> Fut {
    let around = Around::default();
    let inner: Fut = Box::pin(Ended(Body::new(handle, depth)));
    let Handle::Recursive(co) = handle else {
        return inner;
    };
    // The call may find itself in the bag.
    let called = Called {
        around: around.clone(),
        inner: Box::pin(Alias::unlisted(inner)),
    };
    let call = Ended(Box::pin(co.call(called)));
    Box::pin(Calling {
        around,
        inner: Box::pin(call),
    })
}

fn finally<S: Reply>(co: Co<'static, Val, S>, inside: Fut) -> Fut {
    let future: Fut = if world::chance(2) {
        let cleanup = watch::yield_(co);
        Box::pin(co.finally(inside, cleanup))
    } else {
        let scope = Box::pin(co.catch_as::<GeneratorExit, _>(inside));
        Box::pin(Ended(scope))
    };
    Box::pin(Carrier(future))
}

fn yield_from<S: Reply, G>(co: Co<'static, Val, S>, sub: G) -> Fut
where
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin + Send + 'static,
{
    Box::pin(Carrier(Box::pin(Ended(Box::pin(
        co.yield_from(Sub::new(sub)),
    )))))
}

fn yield_from_with<S: Reply>(co: Co<'static, Val, S>) -> Fut {
    let mut sub = machine::boxed::<S>();
    machine::start(&mut sub);
    let first = Val::new(Role::Yielded);
    world::with(|state| state.ledger.relayed(first.number()));
    let delegation = co.yield_from_with(Sub::begun(sub.closing()), first);
    Box::pin(Carrier(Box::pin(Ended(Box::pin(delegation)))))
}

/// Drives some generator with the context of the body that polls this future.
struct Driving(u32);

impl Future for Driving {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        machine::drive_some(Some(cx));
        world::with(|state| state.foreign = true);
        Poll::Pending
    }
}

// The generators that are delegated to above are `Send`.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Shared<cogen::BoxGen<'static, Val, Val, Val>>>();
    is_send::<Exception>();
};
