//! Where items come from, one file each.

mod generated;
mod iterator;
mod merge;
mod streamed;
mod zip;

pub use generated::{Generated, generated};
pub use iterator::{FromIter, source};
pub use merge::{Merge, merge};
pub use streamed::{Streamed, streamed};
pub use zip::{Zip, zip};
