//! Callbacks: section 5 of the tutorial ("执行回调函数", running a callback).

use std::time::Duration;

use cogen::aio::{self, Error, Task, create_task};

fn callback(task: &Task<&'static str>, n: u32) {
    match task.result() {
        Ok(result) => println!("Result: {result}, {n}"),
        Err(error) => println!("Error: {error}, {n}"),
    }
}

async fn a() -> &'static str {
    aio::sleep(Duration::from_secs(1)).await;
    "A"
}

fn main() -> Result<(), Error> {
    aio::run(async {
        let task = create_task(a());
        // A closure is the `partial`.
        task.add_done_callback(|task| callback(task, 1));
        task.await
    })?;
    Ok(())
}
