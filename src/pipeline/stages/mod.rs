//! The ready-made stages, one file each.

mod batch;
mod callback;
mod chunks;
mod enumerate;
mod filter;
mod filter_map;
mod flat_map;
mod input;
mod inspect;
mod map;
mod skip;
mod take;
mod take_while;
mod tee;
mod try_map;

pub use batch::{Batch, batch};
pub use callback::{Callback, callback};
pub use chunks::{Chunks, chunks};
pub use enumerate::{Enumerate, enumerate};
pub use filter::{Filter, filter};
pub use filter_map::{FilterMap, filter_map};
pub use flat_map::{FlatMap, flat_map};
pub use input::{Input, input};
pub use inspect::{Inspect, inspect};
pub use map::{Map, map};
pub use skip::{Skip, skip};
pub use take::{Take, take};
pub use take_while::{TakeWhile, take_while};
pub use tee::{Tee, tee};
pub use try_map::{TryMap, try_map};
