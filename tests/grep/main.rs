//! The example `grep`: compared with GNU grep, and what only it has.

#[path = "../support/program.rs"]
mod program;

mod behaviour;
mod gnu;
mod ignored;
mod inputs;
mod json;
mod random;
