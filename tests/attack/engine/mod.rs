//! A random attack on the engine and the protocol.
//!
//! A *round* has some generators, each in a form of its own ([`machine`]). Its main line resumes them, and so do their
//! bodies, and the destructors, wakers and exceptions of the round ([`act`]). A *body* ([`body`]) does, in each poll,
//! some random things to futures of any frame ([`fresh`]): its own, and those in a *bag* that the whole round shares.
//! One source makes all random decisions in one order, even with three threads, since only one of them runs at a time
//! ([`crew`]).
//!
//! The ledger ([`super::common::ledger`]) records what each value goes through, and finds what is wrong; crashes,
//! sanitizers and interpreters find the rest.
//!
//! The end of a round drops everything, resumes the generators that are left (those held by their own bodies) until
//! they end, and asks the ledger which values were never dropped.

pub mod act;
pub mod body;
pub mod cell;
pub mod crew;
pub mod fresh;
pub mod liar;
pub mod machine;
pub mod mask;
pub mod operate;
pub mod recipe;
pub mod reply;
pub mod set;
pub mod stream;
pub mod sub;
pub mod turncoat;
pub mod value;
pub mod waker;
pub mod watch;
pub mod world;

use super::common::choose::Source;
use mask::Mask;

/// Runs one round.
///
/// # Errors
///
/// The hole that the ledger found.
pub fn round(source: Source, mask: Mask) -> Result<(), String> {
    let world = world::World::new(source, mask);
    let _here = world::enter(&world);
    if mask.has(Mask::THREADS) && world::chance(3) {
        crew::with_crew(&world, main_line);
    } else {
        main_line();
    }
    end();
    let hole = world::with(|state| {
        if let Some(hole) = state.ledger.first_hole() {
            return Some(hole.to_owned());
        }
        let (left, counted) = (state.ledger.left(), state.ledger.counted);
        let clean = state.forgot || !mask.has(Mask::LEAKS) || (left.is_empty() && counted == 0);
        (!clean).then(|| format!("never dropped: {left:?}, and {counted} of no size"))
    });
    hole.flatten().map_or(Ok(()), Err)
}

/// Keeps the panics of rounds from being printed: see [`quiet`](super::common::quiet::quiet).
pub fn quiet() {
    super::common::quiet::quiet(|| world::here().is_some());
}

/// What happens outside of all bodies.
fn main_line() {
    let steps = 8 + world::below(if cfg!(miri) { 16 } else { 40 });
    for _ in 0..steps {
        world::refuel(40);
        crew::anywhere(|| match world::below(8) {
            0 | 1 => machine::make_some(),
            2 => act::act(),
            _ => machine::drive_some(None),
        });
        if world::with(|state| state.is_over()).unwrap_or(true) {
            break;
        }
    }
}

/// Drops everything in some order.
fn end() {
    world::refuel(60);
    for _ in 0..200 {
        let rest = world::with(world::State::take_any).flatten();
        let Some(rest) = rest else { break };
        act::quietly(|| drop(rest));
    }
    world::with(|state| state.ending = true);
    for _ in 0..20 {
        let (rest, closers) =
            world::with(|state| (state.take_all(), state.closers())).unwrap_or_default();
        let was_empty = rest.is_empty();
        for one in rest {
            act::quietly(|| drop(one));
        }
        let mut closed = false;
        for close in closers {
            closed |= close();
        }
        if was_empty && !closed {
            return;
        }
    }
    // A body that has panicked is dropped with its generator; if that body holds the generator, both are leaked.
    world::with(|state| state.forgot = true);
}
