//! Runs the cases in a process of their own, so that a case that aborts the process, as a stack overflow or a panic in
//! a destructor does, only fails itself.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use serde_json::json;

use crate::case::Case;
use crate::{features, verdict};

/// Set in a worker process, to the index of its first case.
const FIRST: &str = "COGEN_AIO_FIRST";

/// The result of a case: success, or how it failed.
pub(crate) type Check = Result<(), String>;

/// Does a worker's work if this process is a worker: prints the result of each case on a line.
pub(crate) fn work(cases: &'static [Case]) -> bool {
    let Ok(first) = env::var(FIRST) else {
        return false;
    };
    let first: usize = first.parse().expect("the index of a case");
    for case in &cases[first..] {
        let check = if features::is_built(case) {
            verdict::check(case)
        } else {
            Ok(())
        };
        println!("{}", json!(check.err()));
    }
    true
}

/// The results of all cases. If a worker ends early, the case that it was running has failed, and another worker
/// continues after that case.
pub(crate) fn check_all(cases: &[Case]) -> Vec<Check> {
    let mut checks = Vec::new();
    while checks.len() < cases.len() {
        let status = hire(&mut checks);
        if checks.len() < cases.len() {
            checks.push(Err(format!("it ended the process: {status}")));
        }
    }
    checks
}

fn hire(checks: &mut Vec<Check>) -> ExitStatus {
    let program = env::current_exe().expect("the path of this program");
    let mut worker = Command::new(program)
        .env(FIRST, checks.len().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a worker");
    let output = worker.stdout.take().expect("stdout is piped");
    for line in BufReader::new(output).lines() {
        let line = line.expect("the output of the worker");
        let failure: Option<String> = serde_json::from_str(&line).expect("the result of a case");
        checks.push(failure.map_or(Ok(()), Err));
    }
    worker.wait().expect("the worker ends")
}
