//! `cogen-grep`: compared with GNU grep, and the features that only it has.

#[path = "../../../../tests/support/ran.rs"]
mod ran;

mod behaviour;
mod gnu;
mod ignored;
mod inputs;
mod json;
mod random;
