//! An `async fn` that calls itself: `recursive` and `co.call`.

use cogen::{Co, Generator, generator};

async fn walk(co: Co<'_, u32>, n: u32) {
    if n > 0 {
        walk(co, n - 1).await;
    }
    co.yield_(n).await;
}

fn main() {
    let mut g = Box::pin(generator(|co| walk(co, 3)));
    println!("{:?}", g.iter().collect::<Vec<_>>());
}
