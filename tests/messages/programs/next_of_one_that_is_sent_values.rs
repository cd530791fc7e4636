//! `next` sends nothing, and this one is sent numbers.

use cogen::{Co, Generator, generator};

fn main() {
    let mut g = generator(|co: Co<'_, u32, u32>| async move { co.yield_(1).await + 1 }).boxed();
    println!("{:?}", g.next());
}
