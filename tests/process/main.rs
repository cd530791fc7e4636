//! Pools of worker processes: values, order, errors, deaths and ends.
#![allow(
    clippy::needless_pass_by_value,
    reason = "a job has its argument for itself"
)]

cogen::process::workers_in_tests!();

mod asynchronous;
mod bad_input;
mod deaths;
mod debug;
mod ends;
mod values;
mod waits;

use cogen::process::ProcessPool;

fn pool(workers: usize) -> ProcessPool {
    ProcessPool::new(workers).unwrap()
}

/// Ends this process as `kill -9` would.
fn kill_me() -> ! {
    kill(std::process::id());
    loop {
        std::thread::park();
    }
}

fn kill(pid: u32) {
    let status = std::process::Command::new("kill")
        .args(["-KILL", &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}
