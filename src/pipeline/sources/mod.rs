//! Where items come from, one file each.

mod generated;
mod iterator;
mod merge;
mod zip;

pub use generated::{Generated, generated};
pub use iterator::{FromIter, source};
pub use merge::{Merge, merge};
pub use zip::{Zip, zip};
