//! A future holds what it wraps once: what a level of nesting adds does not depend on what is inside.
//!
//! With `SIZES` set, and `--nocapture`, the tests print what they have measured.

mod generators;
mod stack;
mod table;
#[cfg(feature = "aio")]
mod tasks;
