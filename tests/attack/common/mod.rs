//! What all attacks share: decisions made by a seed or a fuzzer's bytes, a ledger of values, and settings.

pub mod child;
pub mod choose;
pub mod ledger;
pub mod quiet;
pub mod settings;
