//! Async generators: bodies that yield and await, driven by tasks.

mod call;
mod co;
mod generator;
mod generator_core;
mod items;
mod throwing;

pub use self::co::{AsyncCo, TryYield, Yield};
pub use self::generator::{AsyncGenerator, async_generator};
pub use self::items::AsyncItems;
