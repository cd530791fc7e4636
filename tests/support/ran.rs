//! The results of programs, for the tests that run some.
#![allow(dead_code, reason = "each test program uses a part")]

use std::process::Output;

/// What a program printed, as text, and its exit code. Bytes that are not UTF-8 show as `\xe9` does.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
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
pub(crate) fn assert_ran(ran: &Ran, stdout: &str, stderr: &str, code: i32) {
    assert_eq!(
        (&*ran.stdout, &*ran.stderr, ran.code),
        (stdout, stderr, Some(code))
    );
}
