//! Two tasks of the async API take turns: one suspension.

use cogen::aio;
use cogen_bench::loops::operations;
use std::time::Duration;

async fn naps(n: u64) {
    for _ in 0..n {
        aio::sleep(Duration::ZERO).await;
    }
}

fn main() {
    let half = operations() / 2;
    let counted = aio::run(async {
        let other = aio::create_task(naps(half));
        naps(half).await;
        other.await
    });
    counted.expect("it does not fail");
}
