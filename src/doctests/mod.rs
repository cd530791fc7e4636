//! What must not compile, and the programs of the README. (Those of the guide are in `guide`.)
//!
//! A program that must not compile names the error, where that has a number, and stands beside one that differs in
//! one thing and compiles: so it fails for the intended reason.

mod auto_traits;
mod borrows;
mod protocol;
mod variance;

// Its programs use all features.
#[cfg(feature = "aio")]
#[doc = include_str!("../../README.md")]
struct Readme;
