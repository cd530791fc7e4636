use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;

/// How much is looked at before the first line, in bytes.
const BLOCK: usize = 96 * 1024;

const STDIN: &str = "(standard input)";

/// Where lines come from.
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// What an argument names: `-` is standard input.
    pub(crate) fn new(argument: OsString) -> Self {
        if argument == "-" {
            Self::Stdin
        } else {
            Self::File(argument.into())
        }
    }

    /// Its name in a message.
    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Stdin => STDIN.into(),
            Self::File(path) => path.to_string_lossy(),
        }
    }

    /// Its name before a line: the bytes of the path as they are.
    pub(crate) fn label(&self) -> &[u8] {
        match self {
            Self::Stdin => STDIN.as_bytes(),
            Self::File(path) => path.as_os_str().as_encoded_bytes(),
        }
    }

    pub(crate) fn open(&self) -> io::Result<Lines> {
        let read: Box<dyn Read> = match self {
            Self::Stdin => Box::new(io::stdin().lock()),
            Self::File(path) => Box::new(File::open(path)?),
        };
        Ok(Lines {
            reader: BufReader::with_capacity(BLOCK, read),
        })
    }
}

/// The lines of a source.
pub(crate) struct Lines {
    reader: BufReader<Box<dyn Read>>,
}

impl Lines {
    /// Whether the next block has a NUL byte.
    pub(crate) fn look_binary(&mut self) -> io::Result<bool> {
        self.reader.fill_buf().map(|block| block.contains(&0))
    }

    /// Reads the next line into `line`, without its newline: `false` at the end.
    pub(crate) fn read(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let length = self.reader.read_until(b'\n', line)?;
        line.pop_if(|last| *last == b'\n');
        Ok(length > 0)
    }
}

/// The system's words, without Rust's "(os error 2)".
pub(crate) fn reason(error: &io::Error) -> String {
    let message = error.to_string();
    message
        .split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
