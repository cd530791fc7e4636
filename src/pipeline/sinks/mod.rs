//! The ready-made sinks, one file each.

mod broadcast;
mod collect;
mod coroutine;
mod fold;
mod for_each;

pub use broadcast::{Broadcast, Sinks, broadcast};
pub use collect::{Collect, collect};
pub use coroutine::{Coroutine, coroutine, coroutine_with};
pub use fold::{Fold, fold};
pub use for_each::{ForEach, for_each};
