//! A directory of files to search.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::ran::Ran;
use crate::random::Random;

/// How much GNU grep reads at a time.
const BLOCK: usize = 96 * 1024;

/// The program under test.
pub(crate) const OURS: &str = env!("CARGO_BIN_EXE_cogen-grep");

/// A directory in which greps are run.
pub(crate) struct Inputs {
    folder: TempDir,
}

/// How a grep is run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) arguments: Vec<OsString>,
    pub(crate) stdin: Vec<u8>,
    pub(crate) locale: &'static str,
}

impl Call {
    pub(crate) fn new<T: Into<OsString>>(arguments: impl IntoIterator<Item = T>) -> Self {
        Self {
            arguments: arguments.into_iter().map(Into::into).collect(),
            stdin: Vec::new(),
            locale: "C",
        }
    }
}

impl Inputs {
    /// An empty directory.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// Files of all kinds.
    pub(crate) fn generated() -> Self {
        let inputs = Self::new();
        for (name, content) in files() {
            inputs.write(name, &content);
        }
        inputs
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and creates the directories that contain it.
    pub(crate) fn write(&self, name: &str, content: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs our grep.
    pub(crate) fn ours(&self, call: &Call) -> Output {
        self.run(OURS.as_ref(), &[], call)
    }

    /// Runs the system's grep.
    pub(crate) fn theirs(&self, call: &Call) -> Output {
        let fixed = |argument: &OsString| argument == "-F" || argument == "--fixed-strings";
        let extended: &[&OsStr] = if call.arguments.iter().any(fixed) {
            &[]
        } else {
            &["-E".as_ref()]
        };
        self.run("grep".as_ref(), extended, call)
    }

    /// Runs our grep with arguments only, for tests that state its output.
    pub(crate) fn grep(&self, arguments: &[&str]) -> Ran {
        self.ours(&Call::new(arguments)).into()
    }

    fn run(&self, program: &OsStr, first: &[&OsStr], call: &Call) -> Output {
        let mut child = Command::new(program)
            .args(first)
            .args(&call.arguments)
            .current_dir(self.path())
            .env("LC_ALL", call.locale)
            .env_remove("GREP_COLORS")
            .env_remove("GREP_COLOR")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A grep that does not read its input may have ended by now. The input fits into a pipe's buffer.
        let _may_be_closed = child.stdin.take().unwrap().write_all(&call.stdin);
        child.wait_with_output().unwrap()
    }
}

/// The names and contents of files of all kinds.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text = b"an abc line\nnothing\nabc\n\nword_abc abc-word\nABC Abc\nb a ab abab\n";
    let mut random = Random::new(7);
    let lines = numbered(2_000, |n| format!("line {n} of text\n"));
    let long = |word: &str| ["x".repeat(500_000), word.into(), "y".repeat(500_000)].concat();
    vec![
        ("text", text.to_vec()),
        ("other", b"abc in the other\nxyz\n".to_vec()),
        ("empty", Vec::new()),
        ("newline", b"\n".to_vec()),
        ("blank", b"\n\n\n".to_vec()),
        ("no_end", b"first abc\nlast abc".to_vec()),
        ("crlf", b"abc\r\nab\r\n\r\nabc".to_vec()),
        ("nul", b"abc\nab\0abc\0\nabc\n".to_vec()),
        ("latin1", b"abc\ncaf\xe9 abc\nabc\nab\n".to_vec()),
        ("utf8", "abc é\nÉabc\nαβγ abc\nü\n".as_bytes().to_vec()),
        ("words", random.lines(400, b"abc _-. AB").into_bytes()),
        ("numbered", lines.clone().into_bytes()),
        (
            "long",
            [&long("abc"), "\nabc\n", &long("xyz"), "\n"]
                .concat()
                .into_bytes(),
        ),
        ("long_no_end", ["ab\n", &long("abc")].concat().into_bytes()),
        ("late_nul", late_nul(&lines, 5)),
        ("nul_at_block", late_nul(&"abcdefg\n".repeat(BLOCK / 8), 1)),
        (
            "short",
            numbered(100_000, |n| format!("{n} ab\n")).into_bytes(),
        ),
    ]
}

/// Lines, made from their numbers.
fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Text, and then NUL bytes between lines.
fn late_nul(text: &str, times: usize) -> Vec<u8> {
    let text = text.repeat(times);
    let tail = "abc\0line 1 of text\nabc\0\nline 2\n";
    [text.as_bytes(), tail.as_bytes(), text.as_bytes()].concat()
}
