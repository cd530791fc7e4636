//! What every attack has: decisions that a seed or a fuzzer's bytes make, a ledger of values, settings.

pub mod child;
pub mod choose;
pub mod ledger;
pub mod quiet;
pub mod settings;
