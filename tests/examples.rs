//! The examples, run as their users run them.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// The example, built: `cargo test` does that before all tests, but `cargo test --test examples`
/// leaves it missing or old.
fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let test = env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    BUILT.get_or_init(|| build_examples(folder));
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    folder.join("examples").join(file)
}

/// Builds them into `folder`: the target folder's, named after the profile.
fn build_examples(folder: &Path) {
    let profile = folder.file_name().unwrap();
    let profile = if profile == "debug" {
        "dev".as_ref()
    } else {
        profile
    };
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--package=cogen", "--examples", "--target-dir"])
        .arg(folder.parent().unwrap())
        .arg("--profile")
        .arg(profile)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the examples do not build:\n{log}");
}

/// What a program did, as text: what is no UTF-8 is shown as `\xe9`.
#[derive(Debug, PartialEq)]
struct Ran {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => error.as_bytes().escape_ascii().to_string(),
        };
        Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code(),
        }
    }
}

#[track_caller]
fn assert_ran(ran: &Ran, stdout: &str, stderr: &str, code: i32) {
    assert_eq!(
        (&*ran.stdout, &*ran.stderr, ran.code),
        (stdout, stderr, Some(code))
    );
}

mod producer_consumer {
    use super::*;

    fn run(arguments: &[&str]) -> Ran {
        Command::new(example("producer_consumer"))
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    const TRANSCRIPT: &str = "\
[PRODUCER] Producing 1...
[CONSUMER] Consuming 1...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 2...
[CONSUMER] Consuming 2...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 3...
[CONSUMER] Consuming 3...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 4...
[CONSUMER] Consuming 4...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 5...
[CONSUMER] Consuming 5...
[PRODUCER] Consumer return: OK
";

    #[test]
    fn prints_the_tutorials_transcript() {
        assert_ran(&run(&[]), TRANSCRIPT, "", 0);
    }

    #[test]
    fn a_count_says_how_many() {
        let two: String = TRANSCRIPT.split_inclusive('\n').take(6).collect();
        assert_ran(&run(&["2"]), &two, "", 0);
        assert_ran(&run(&["0"]), "", "", 0);
    }

    #[test]
    fn a_bad_count_is_refused() {
        for bad in ["x", "", "-1", "2.5", "99999999999"] {
            let message =
                format!("producer_consumer: the count must be a whole number, not {bad:?}\n");
            assert_ran(&run(&[bad]), "", &message, 2);
        }
    }
}

/// A directory of inputs in which greps are run.
struct Inputs {
    folder: TempDir,
}

impl Inputs {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files: [(&str, &[u8]); 9] = [
            ("love", b"I love you\nI love coroutine instead!\n"),
            ("other", b"nothing\nno coroutine without yield\n"),
            ("no_newline", b"first\nlast"),
            ("empty", b""),
            ("blank", b"\n\n"),
            ("nul", b"text\nte\0xt\nmore text\n"),
            (
                "late_nul",
                &[&b"text\n".repeat(30_000)[..], b"\0text\ntext\n"].concat(),
            ),
            ("latin1", b"caf\xe9\nthe\n"),
            ("crlf", b"one\r\ntwo\r\n"),
        ];
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        fs::create_dir(folder.path().join("folder")).unwrap();
        Self { folder }
    }

    fn run(&self, program: &OsStr, arguments: &[&OsStr], stdin: &[u8]) -> Ran {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // One that does not read it may be gone by now. Small enough for a pipe's buffer.
        let _may_be_closed = child.stdin.take().unwrap().write_all(stdin);
        child.wait_with_output().unwrap().into()
    }

    fn grep(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
        self.run(example("grep").as_os_str(), &arguments, stdin)
    }
}

mod grep {
    use super::*;

    #[test]
    fn the_tutorials_two_lines() {
        let ran = Inputs::new().grep(&["coroutine"], b"I love you\nI love coroutine instead!\n");
        assert_ran(&ran, "I love coroutine instead!\n", "", 0);
    }

    #[test]
    fn nothing_that_matches_is_1() {
        assert_ran(&Inputs::new().grep(&["thread", "love"], b""), "", "", 1);
        assert_ran(&Inputs::new().grep(&["", "empty"], b""), "", "", 1);
    }

    #[test]
    fn several_paths_have_prefixes() {
        let ran = Inputs::new().grep(&["coroutine", "love", "other"], b"");
        let both = "love:I love coroutine instead!\nother:no coroutine without yield\n";
        assert_ran(&ran, both, "", 0);
    }

    #[test]
    fn what_cannot_be_read_is_reported_and_the_rest_goes_on() {
        let ran = Inputs::new().grep(&["coroutine", "missing", "folder", "love"], b"");
        let reported = "\
grep: missing: No such file or directory
grep: folder: Is a directory
";
        assert_ran(&ran, "love:I love coroutine instead!\n", reported, 2);
    }

    #[test]
    fn standard_input_is_a_dash_among_paths() {
        let ran = Inputs::new().grep(&["coroutine", "other", "-"], b"a coroutine");
        let both = "other:no coroutine without yield\n(standard input):a coroutine\n";
        assert_ran(&ran, both, "", 0);
    }

    #[test]
    fn the_last_line_may_have_no_newline() {
        assert_ran(
            &Inputs::new().grep(&["last", "no_newline"], b""),
            "last\n",
            "",
            0,
        );
    }

    #[test]
    fn a_binary_file_is_not_printed() {
        let inputs = Inputs::new();
        let message = |name| format!("grep: {name}: binary file matches\n");
        assert_ran(&inputs.grep(&["text", "nul"], b""), "", &message("nul"), 0);
        assert_ran(
            &inputs.grep(&["t"], b"t\0\n"),
            "",
            &message("(standard input)"),
            0,
        );
        assert_ran(&inputs.grep(&["none", "nul"], b""), "", "", 1);
        let Ran {
            stdout,
            stderr,
            code,
        } = inputs.grep(&["text", "late_nul"], b"");
        assert!(stdout == "text\n".repeat(30_000), "{} bytes", stdout.len());
        assert_eq!((stderr, code), (message("late_nul"), Some(0)));
    }

    #[test]
    fn latin_1_is_text() {
        let inputs = Inputs::new();
        assert_ran(&inputs.grep(&["caf", "latin1"], b""), r"caf\xe9\n", "", 0);
        assert_ran(
            &inputs.grep(&[r"(?-u)f\xe9$", "latin1"], b""),
            r"caf\xe9\n",
            "",
            0,
        );
    }

    #[test]
    fn a_bad_pattern_is_pointed_at() {
        let ran = Inputs::new().grep(&["a(b", "love"], b"");
        let message = "\
grep: regex parse error:
    a(b
     ^
error: unclosed group
";
        assert_ran(&ran, "", message, 2);
    }

    #[test]
    fn a_missing_pattern_and_an_option_show_the_usage() {
        let inputs = Inputs::new();
        let usage = "usage: grep [--] PATTERN [PATH]...\n";
        assert_ran(&inputs.grep(&[], b""), "", usage, 2);
        let refused = format!("grep: unknown option -x\n{usage}");
        assert_ran(&inputs.grep(&["-x", "love"], b""), "", &refused, 2);
        assert_ran(&inputs.grep(&["--", "-x"], b"a-x\n"), "a-x\n", "", 0);
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        let inputs = Inputs::new();
        let mut child = Command::new(example("grep"))
            .args(["text", "late_nul"])
            .current_dir(inputs.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // 150 kB are more than a pipe holds, so it has yet to write when this end goes.
        drop(child.stdout.take());
        assert_ran(&child.wait_with_output().unwrap().into(), "", "", 0);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let inputs = Inputs::new();
        let output = Command::new(example("grep"))
            .args(["love", "love"])
            .current_dir(inputs.folder.path())
            .stdout(File::create("/dev/full").unwrap())
            .output()
            .unwrap();
        assert_ran(
            &output.into(),
            "",
            "grep: write error: No space left on device\n",
            2,
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_need_not_be_utf_8() {
        use std::os::unix::ffi::OsStringExt as _;

        let inputs = Inputs::new();
        let path = OsString::from_vec(b"caf\xe9".to_vec());
        fs::write(inputs.folder.path().join(&path), "love\n").unwrap();
        let arguments = [OsStr::new("love"), &path, OsStr::new("love")];
        let ran = inputs.run(example("grep").as_os_str(), &arguments, b"");
        let lines = r"caf\xe9:love\nlove:I love you\nlove:I love coroutine instead!\n";
        assert_ran(&ran, lines, "", 0);
        let bad = inputs.run(example("grep").as_os_str(), &[&path], b"");
        assert_ran(&bad, "", "grep: the pattern is not UTF-8\n", 2);
    }
}

mod as_gnu_grep {
    use super::*;

    /// Patterns and paths, with what is on standard input.
    const TABLE: &[(&[&str], &[u8])] = &[
        (&["coroutine", "love"], b""),
        (&["coroutine", "love", "other"], b""),
        (&["^I love (you|me)$", "love", "other"], b""),
        (&["love", "love", "love"], b""),
        (&["absent", "love", "other"], b""),
        (&["", "love"], b""),
        (&["", "empty"], b""),
        (&["", "blank"], b""),
        (&["^$", "blank", "no_newline"], b""),
        (&["t", "no_newline", "crlf"], b""),
        (&["o$", "crlf"], b""),
        (&["text", "nul"], b""),
        (&["^more", "nul", "love"], b""),
        (&["absent", "nul"], b""),
        (&["caf", "latin1"], b""),
        (&["e$", "latin1", "love"], b""),
        (&["love", "missing"], b""),
        (&["love", "missing", "love"], b""),
        (&["absent", "missing", "love"], b""),
        (&["love", "folder"], b""),
        (&["love", "folder", "love"], b""),
        (&["a(b", "love"], b""),
        (&["[", "love"], b""),
        (&[], b""),
        (&["a"], b""),
        (&["a"], b"a"),
        (&["a"], b"b\nba\n\na"),
        (&["a", "-"], b"a\n"),
        (&["a", "-", "love"], b"a\n"),
        (&["o", "love", "-"], b"o\n"),
        (&["a"], b"a\0\na\n"),
        (&["a"], b"a\n\0\na\n"),
        (&["a", "love", "-"], b"\0\na\n"),
        (&["--", "-"], b"a-b\n"),
        (&["[0-9]{2,3}"], b"1\n22\nx4444\n"),
        (&["a|b"], b"a|b\nc\n"),
        (&["x+y?"], b"xx\ny\n"),
    ];

    fn has_gnu_grep() -> bool {
        let version = Command::new("grep").arg("--version").output();
        version.is_ok_and(|output| Ran::from(output).stdout.contains("GNU grep"))
    }

    #[test]
    fn prints_the_same_and_ends_the_same() {
        if !has_gnu_grep() {
            eprintln!("SKIPPED: this system has no GNU grep to compare with");
            return;
        }
        let inputs = Inputs::new();
        for (arguments, stdin) in TABLE {
            let ours = inputs.grep(arguments, stdin);
            let extended: Vec<_> = ["-E"].iter().chain(*arguments).map(OsStr::new).collect();
            let theirs = inputs.run("grep".as_ref(), &extended, stdin);
            assert_eq!(
                (ours.stdout, ours.code),
                (theirs.stdout, theirs.code),
                "{arguments:?} with {:?}",
                stdin.escape_ascii().to_string()
            );
        }
    }
}
