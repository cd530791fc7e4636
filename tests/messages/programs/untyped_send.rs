//! Nothing says what the generator is sent: `Co<'_, u32>` for the handle does.

use cogen::{Generator, generator};

fn main() {
    let mut g = Box::pin(generator(|co| async move {
        co.yield_(1u32).await;
        co.yield_(2).await;
    }));
    println!("{:?}", g.start());
}
