//! `next` sends nothing, and this one is sent numbers.

use cogen::{Co, Generator, generator};

async fn grow(co: Co<'_, u32, u32>) -> u32 {
    co.yield_(1).await + 1
}

fn main() {
    let mut g = generator(grow).boxed();
    println!("{:?}", g.next());
}
