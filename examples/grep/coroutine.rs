use std::io::{self, Write};

use cogen::{GeneratorExit, LocalBoxGen, generator};
use regex::bytes::Regex;

/// Where the matches of one source go.
pub(crate) struct Report<'a> {
    /// The source, for a message.
    pub(crate) name: &'a str,
    /// What stands before each line, if anything.
    pub(crate) prefix: Option<&'a [u8]>,
    pub(crate) out: &'a mut dyn Write,
}

/// The coroutine: it is sent lines and prints those that match, as the tutorial's does.
///
/// It yields each line back, so that its buffer is used again. Closing it is how it learns that
/// there are no more lines; it answers with whether one matched. In a `binary` source, and after a
/// line with a NUL byte, it ends at the first match, with a message instead of the line.
///
/// The error is that of the output.
pub(crate) fn grep<'a>(
    pattern: &'a Regex,
    mut binary: bool,
    mut report: Report<'a>,
) -> LocalBoxGen<'a, Vec<u8>, Vec<u8>, io::Result<bool>> {
    generator(move |co| async move {
        let mut matched = false;
        let mut line = Vec::new();
        loop {
            let sent = co.catch_as::<GeneratorExit, _>(co.yield_(line)).await;
            let Ok(next) = sent else { return Ok(matched) };
            line = next;
            binary |= line.contains(&0);
            if !pattern.is_match(&line) {
                continue;
            }
            matched = true;
            if binary {
                report.binary()?;
                return Ok(matched);
            }
            report.line(&line)?;
        }
    })
    .boxed_local()
}

impl Report<'_> {
    fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(prefix) = self.prefix {
            self.out.write_all(prefix)?;
            self.out.write_all(b":")?;
        }
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }

    fn binary(&mut self) -> io::Result<()> {
        self.out.flush()?;
        eprintln!("grep: {}: binary file matches", self.name);
        Ok(())
    }
}
