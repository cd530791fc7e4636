//! The bodies of tasks.

use cogen::aio::Error;

use super::value::{ActOnDrop, Val};
use super::world::{self, Fut, chance};
use super::{groups, waits, watch};

/// The greatest depth to which bodies are nested.
pub const DEEP: u32 = 4;

pub fn body(depth: u32) -> Fut {
    Box::pin(run(depth))
}

async fn run(depth: u32) -> Result<Val, Error> {
    let own = Val::new();
    let _acts = chance(3).then_some(ActOnDrop);
    for _ in 0..=world::below(5) {
        own.check();
        if !world::spend() {
            break;
        }
        let did = step(depth, &own).await;
        own.check();
        if let Err(error) = did
            && chance(3)
        {
            return Err(error);
        }
    }
    end(own).await
}

async fn end(own: Val) -> Result<Val, Error> {
    match world::below(30) {
        0 => panic!("a body of the attack"),
        1 => Err(Error::new("failed")),
        2 | 3 => watch::raise().await,
        4 => Ok(own.clone()),
        _ => Ok(own),
    }
}

/// Does one thing. A deeply nested body only waits.
pub async fn step(depth: u32, own: &Val) -> Result<(), Error> {
    let sorts = if depth < DEEP { 5 } else { 2 };
    match world::below(sorts) {
        0 => waits::on_somebody().await,
        1 => waits::in_line().await,
        2 => waits::on_own(depth + 1).await,
        3 => groups::with_children(depth + 1, own).await,
        _ => waits::beside(depth + 1).await,
    }
}
