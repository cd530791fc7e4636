//! `grep PATTERN [PATH]...`: the second program of section 2 of the tutorial, on real input.
//!
//! Each line of the paths (of standard input, if there are none) is sent into a coroutine,
//! [`coroutine::grep`], which prints those that match. It ends with 0 if a line matched, 1 if none
//! did, 2 if there was an error.
//!
//! It behaves as GNU grep 3.8 does in the C locale, but for this: patterns are those of the `regex`
//! crate; there are no options; of a binary file whose first NUL byte comes late, GNU grep prints the
//! lines of the blocks before it, this one all lines before it.

mod arguments;
mod coroutine;
mod input;
mod search;

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use arguments::Arguments;
use search::{Failure, search};

fn main() -> ExitCode {
    let arguments = match Arguments::parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    let (matched, failed) = search_all(&arguments, &mut *output());
    ExitCode::from(if failed { 2 } else { u8::from(!matched) })
}

/// A person sees each line at once; a pipe or a file is written in blocks.
fn output() -> Box<dyn Write> {
    let stdout = io::stdout().lock();
    if stdout.is_terminal() {
        Box::new(stdout)
    } else {
        Box::new(BufWriter::new(stdout))
    }
}

/// Whether a line matched, and whether there was an error.
fn search_all(arguments: &Arguments, out: &mut dyn Write) -> (bool, bool) {
    let (mut matched, mut failed) = (false, false);
    for source in &arguments.sources {
        let prefix = (arguments.sources.len() > 1).then(|| source.label());
        let searched = search(&arguments.pattern, source, prefix, out);
        // What was found is written before the message about what went wrong.
        let flushed = out.flush().map_err(Failure::Output);
        match searched.and_then(|found| flushed.map(|()| found)) {
            Ok(found) => matched |= found,
            Err(Failure::Input(error)) => {
                eprintln!("grep: {}: {}", source.name(), input::reason(&error));
                failed = true;
            }
            // Whoever read our lines has had enough of them.
            Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                return (true, failed);
            }
            Err(Failure::Output(error)) => {
                eprintln!("grep: write error: {}", input::reason(&error));
                return (matched, true);
            }
        }
    }
    (matched, failed)
}
