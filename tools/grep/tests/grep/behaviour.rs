//! What is the same as in GNU grep, shown by examples, and messages in our own words.

use std::process::{Command, Stdio};

use crate::inputs::{Call, Inputs, OURS};
use crate::ran::{Ran, assert_ran};

fn love() -> Inputs {
    let inputs = Inputs::new();
    inputs.write("love", b"I love you\nI love coroutine instead!\n");
    inputs.write("other", b"nothing\nno coroutine without yield\n");
    inputs
}

#[test]
fn the_tutorials_two_lines() {
    let mut call = Call::new(["coroutine"]);
    call.stdin = b"I love you\nI love coroutine instead!\n".to_vec();
    let ran: Ran = love().ours(&call).into();
    assert_ran(&ran, "I love coroutine instead!\n", "", 0);
}

#[test]
fn what_cannot_be_read_is_reported_and_the_rest_goes_on() {
    let ran = love().grep(&["coroutine", "missing", "love"]);
    let reported = "grep: missing: No such file or directory\n";
    assert_ran(&ran, "love:I love coroutine instead!\n", reported, 2);
    let silent = love().grep(&["-s", "coroutine", "missing", "love"]);
    assert_ran(&silent, "love:I love coroutine instead!\n", "", 2);
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_reported_if_it_is_asked_for() {
    let inputs = love();
    std::os::unix::fs::symlink("missing", inputs.path().join("link")).unwrap();
    let reported = "grep: link: No such file or directory\n";
    assert_ran(&inputs.grep(&["you", "link"]), "", reported, 2);
    assert_ran(&inputs.grep(&["you", "."]), "./love:I love you\n", "", 0);
}

/// Standard output and standard error go to one pipe here, as they go to one terminal.
#[cfg(unix)]
#[test]
fn words_come_after_the_lines_before_them() {
    let inputs = love();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut child = Command::new(OURS)
        .args(["coroutine", "love", "missing", "other"])
        .current_dir(inputs.path())
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    let mut both = String::new();
    std::io::Read::read_to_string(&mut reader, &mut both).unwrap();
    let expected = "\
love:I love coroutine instead!
grep: missing: No such file or directory
other:no coroutine without yield
";
    assert_eq!(both, expected);
    assert_eq!(child.wait().unwrap().code(), Some(2));
}

#[test]
fn a_bad_pattern_is_pointed_at() {
    let message = "\
grep: regex parse error:
    a(b
     ^
error: unclosed group
";
    assert_ran(&love().grep(&["a(b", "love"]), "", message, 2);
    assert_ran(
        &love().grep(&["-w", "-e", "fine", "-e", "a(b", "love"]),
        "",
        message,
        2,
    );
    assert_ran(&love().grep(&["-F", "a(b", "love"]), "", "", 1);
}

#[test]
fn without_a_pattern_the_usage_is_shown() {
    let usage = "\
Usage: grep [OPTION]... PATTERN [PATH]...
Try 'grep --help' for more information.
";
    assert_ran(&love().grep(&[]), "", usage, 2);
}

#[test]
fn an_unknown_option_is_an_error() {
    let ran = love().grep(&["--unknown", "love"]);
    assert_eq!((&*ran.stdout, ran.code), ("", Some(2)));
    assert!(ran.stderr.contains("'--unknown'"), "{}", ran.stderr);
}

#[test]
fn help_and_version_are_no_errors() {
    let help = love().grep(&["--help"]);
    assert_eq!((&*help.stderr, help.code), ("", Some(0)));
    assert!(help.stdout.contains("--only-matching"), "{}", help.stdout);
    assert!(help.stdout.contains("submatches"), "{}", help.stdout);
    let version = format!("grep {}\n", env!("CARGO_PKG_VERSION"));
    assert_ran(&love().grep(&["--version"]), &version, "", 0);
}

#[test]
fn without_a_path_recursive_is_here() {
    let inputs = love();
    inputs.write("folder/deep", b"love again\n");
    let lines = "folder/deep:love again\nlove:I love you\nlove:I love coroutine instead!\n";
    assert_ran(&inputs.grep(&["-r", "love"]), lines, "", 0);
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let inputs = love();
    inputs.write("long", &b"text\n".repeat(100_000));
    let mut child = Command::new(OURS)
        .args(["text", "long"])
        .current_dir(inputs.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // 500 kB are more than a pipe holds, so the program still has to write when this end is closed.
    drop(child.stdout.take());
    assert_ran(&child.wait_with_output().unwrap().into(), "", "", 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let output = Command::new(OURS)
        .args(["love", "love"])
        .current_dir(love().path())
        .stdout(std::fs::File::create("/dev/full").unwrap())
        .output()
        .unwrap();
    let message = "grep: write error: No space left on device\n";
    assert_ran(&output.into(), "", message, 2);
}

#[cfg(unix)]
#[test]
fn the_file_that_is_written_is_not_searched() {
    let inputs = love();
    let output = Command::new(OURS)
        .args(["love", "."])
        .current_dir(inputs.path())
        .stdout(std::fs::File::create(inputs.path().join("output")).unwrap())
        .output()
        .unwrap();
    let message = "grep: ./output: input file is also the output\n";
    assert_ran(&output.into(), "", message, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_need_not_be_utf_8() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    let inputs = love();
    let path = OsString::from_vec(b"caf\xe9".to_vec());
    std::fs::write(inputs.path().join(&path), "love\n").unwrap();
    let mut call = Call::new(["love".into(), path.clone(), "love".into()]);
    let lines = r"caf\xe9:love\nlove:I love you\nlove:I love coroutine instead!\n";
    assert_ran(&inputs.ours(&call).into(), lines, "", 0);
    call = Call::new([path]);
    call.locale = "C.UTF-8";
    let refused = "grep: the pattern is not UTF-8\n";
    assert_ran(&inputs.ours(&call).into(), "", refused, 2);
}

#[test]
fn threads_change_nothing() {
    let one = love().grep(&["-n", "-j1", "o", "love", "other"]);
    let many = love().grep(&["-n", "--threads=7", "o", "love", "other"]);
    assert_eq!(one, many);
    assert_eq!(one.code, Some(0));
}

/// On a terminal it would be shown after half a second.
#[test]
fn progress_is_not_shown_in_a_file() {
    let inputs = love();
    inputs.write("long", &b"a\n".repeat(20_000_000));
    assert_ran(&inputs.grep(&["-c", "b", "long"]), "0\n", "", 1);
}
