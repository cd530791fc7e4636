//! Blocking code beside a coroutine: section 6 of the tutorial ("执行同步代码", running synchronous code).
//!
//! Both take a second, and together they do as well.

use std::{
    thread,
    time::{Duration, Instant},
};

use cogen::aio::{self, Error};

/// Blocks the thread that it is called on.
fn a() -> &'static str {
    thread::sleep(Duration::from_secs(1));
    "A"
}

async fn b() -> &'static str {
    aio::sleep(Duration::from_secs(1)).await;
    "B"
}

async fn c1() -> Result<(), Error> {
    aio::gather((aio::to_thread(a), b())).await?;
    Ok(())
}

fn show_perf(name: &str, function: impl AsyncFnOnce() -> Result<(), Error>) -> Result<(), Error> {
    println!("{}", "*".repeat(20));
    let start = Instant::now();
    aio::run(function())?;
    println!("{name} Cost: {}", start.elapsed().as_secs_f64());
    Ok(())
}

fn main() -> Result<(), Error> {
    show_perf("c1", c1)
}
