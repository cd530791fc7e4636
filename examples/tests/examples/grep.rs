//! The small `grep`. The whole tool has tests of its own.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::example::example;
use crate::ran::{Ran, assert_ran};

/// A folder with two files to search, for the test with this name.
fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("grep")
        .join(test);
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("love"),
        "I love you\nI love coroutine instead!\n",
    )
    .unwrap();
    fs::write(folder.join("latin1"), b"caf\xe9 a.b\nthe last: a.b").unwrap();
    folder
}

fn start(test: &str, arguments: &[&str]) -> Child {
    let mut grep = Command::new(example("grep"));
    grep.args(arguments).current_dir(folder(test));
    grep.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn run(test: &str, arguments: &[&str]) -> Ran {
    start(test, arguments).wait_with_output().unwrap().into()
}

#[test]
fn prints_the_tutorials_line() {
    let mut grep = start("tutorial", &["coroutine"]);
    let lines = b"I love you\nI love coroutine instead!\n";
    grep.stdin.take().unwrap().write_all(lines).unwrap();
    let ran = grep.wait_with_output().unwrap().into();
    assert_ran(&ran, "I love coroutine instead!\n", "", 0);
}

#[test]
fn one_file_is_not_named_and_several_are() {
    let one = run("several", &["coroutine", "love"]);
    assert_ran(&one, "I love coroutine instead!\n", "", 0);
    let two = run("several", &["a", "latin1", "love", "-"]);
    let lines = r"latin1:caf\xe9 a.b\nlatin1:the last: a.b\nlove:I love coroutine instead!\n";
    assert_ran(&two, lines, "", 0);
}

#[test]
fn the_pattern_is_literal_and_may_be_empty() {
    assert_ran(&run("literal", &["a.b", "love"]), "", "", 1);
    assert_ran(
        &run("literal", &["t: a.b", "latin1"]),
        "the last: a.b\n",
        "",
        0,
    );
    let all = "I love you\nI love coroutine instead!\n";
    assert_ran(&run("literal", &["", "love"]), all, "", 0);
}

#[test]
fn what_cannot_be_read_is_reported_and_the_rest_goes_on() {
    let ran = run("unreadable", &["you", "missing", ".", "love"]);
    let reported: Vec<_> = ran.stderr.lines().collect();
    assert!(reported[0].starts_with("grep: missing: "), "{ran:?}");
    assert!(reported[1].starts_with("grep: .: "), "{ran:?}");
    assert_eq!((&*ran.stdout, ran.code), ("love:I love you\n", Some(2)));
}

#[test]
fn without_a_pattern_or_with_an_option_it_shows_its_usage() {
    let usage = "usage: grep PATTERN [FILE]... (for options: cargo run -p cogen-grep)\n";
    assert_ran(&run("usage", &[]), "", usage, 2);
    assert_ran(&run("usage", &["-n", "you", "love"]), "", usage, 2);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let mut grep = start("closed", &["text"]);
    drop(grep.stdout.take());
    // This is more than a pipe holds: the program may end before it has read everything.
    let lines = "text\n".repeat(100_000);
    let _broken = grep.stdin.take().unwrap().write_all(lines.as_bytes());
    assert_ran(&grep.wait_with_output().unwrap().into(), "", "", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let output = Command::new(example("grep"))
        .args(["you", "love"])
        .current_dir(folder("full"))
        .stdout(fs::File::create("/dev/full").unwrap())
        .output()
        .unwrap();
    let message = "grep: No space left on device (os error 28)\n";
    assert_ran(&output.into(), "", message, 2);
}
