//! A loop over a frame in place that is to be kept, and so has to be pinned. (By value it would be boxed.)

use cogen::generator;

fn main() {
    let mut g = generator(|co| async move {
        for n in 0..3u32 {
            co.yield_(n).await;
        }
    });
    for n in &mut g {
        println!("{n}");
    }
}
