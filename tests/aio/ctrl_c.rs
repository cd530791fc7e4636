//! Ctrl-c, in a process of its own: this test binary, which runs one test again.

use cogen::aio::{self, Error, sleep};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

const CHILD: &str = "COGEN_TEST_CTRL_C";

fn spawn(mode: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ctrl_c::child", "--nocapture"])
        .env(CHILD, mode)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

/// Reads to the line that ends with `text`.
fn wait_for(lines: &mut BufReader<ChildStdout>, text: &str) {
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        if line.trim_end().ends_with(text) {
            return;
        }
        line.clear();
    }
    panic!("no line {text:?}");
}

/// What the other tests run in a process of its own.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else {
        return;
    };
    let outcome = aio::run(async {
        let work = async {
            println!("\nstarted");
            sleep(Duration::from_hours(1)).await;
        };
        aio::finally(work, async {
            println!("\ncleaning up");
            if mode == "stubborn" {
                sleep(Duration::from_hours(1)).await;
            }
        })
        .await;
    });
    println!("\nended {}", matches!(outcome, Err(Error::Interrupted)));
}

#[test]
fn the_first_one_cancels_main() {
    let (mut child, mut lines) = spawn("clean");
    wait_for(&mut lines, "started");
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    wait_for(&mut lines, "ended true");
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_second_one_kills() {
    let (mut child, mut lines) = spawn("stubborn");
    wait_for(&mut lines, "started");
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}
