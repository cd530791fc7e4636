//! Make a task of the async API, which is suspended once, and await it.

use cogen::aio;
use cogen_bench::loops::operations;
use std::hint::black_box;
use std::time::Duration;

fn main() {
    let counted = aio::run(async {
        for k in 0..operations() {
            let task = aio::create_task(async move {
                aio::sleep(Duration::ZERO).await;
                k
            });
            black_box(task.await?);
        }
        aio::ok(())
    });
    counted.expect("it does not fail");
}
