//! A frame in place, which has to be pinned.

use cogen::{Generator, generator};

fn main() {
    let mut g = generator(|co| async move {
        for n in 0..3u32 {
            co.yield_(n).await;
        }
    });
    println!("{:?}", g.next());
}
