//! A frame in place, which has to be pinned.

use cogen::{Co, Generator, generator};

async fn count(co: Co<'_, u32>) {
    for n in 0..3 {
        co.yield_(n).await;
    }
}

fn main() {
    let mut g = generator(count);
    println!("{:?}", g.next());
}
