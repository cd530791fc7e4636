//! A loop over a frame in place that is to be kept, and so has to be pinned. (By value it would be boxed.)

use cogen::{Co, generator};

async fn count(co: Co<'_, u32>) {
    for n in 0..3 {
        co.yield_(n).await;
    }
}

fn main() {
    let mut g = generator(count);
    for n in &mut g {
        println!("{n}");
    }
}
