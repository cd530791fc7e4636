//! `grep PATTERN [FILE]…`: the second program of section 2 of the tutorial, as a stage of a pipeline.
//!
//! Names of files → their lines → those that contain the pattern → standard output. The pattern is a literal
//! text, not a regular expression. Without a file, or for the file `-`, standard input is read. The program ends
//! with 0 if it found a line, with 1 if it found none, with 2 if it could not read or write something.
//! The package `cogen-grep` is the whole tool, with the patterns and the options of GNU grep.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::{cell::Cell, env, error::Error, ffi::OsString, fs::File, process::ExitCode, rc::Rc};

use cogen::pipeline::{Ends, Pipeline, sink, source};

/// A line without its end, and the name of its file.
struct Line {
    file: Rc<str>,
    text: Vec<u8>,
}

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let pattern = arguments.next().map(OsString::into_encoded_bytes);
    let Some(pattern) = pattern.filter(|pattern| !pattern.starts_with(b"-")) else {
        eprintln!("usage: grep PATTERN [FILE]... (for options: cargo run -p cogen-grep)");
        return ExitCode::from(2);
    };
    search(&pattern, arguments.collect()).unwrap_or_else(|error| {
        eprintln!("grep: {error}");
        ExitCode::from(2)
    })
}

fn search(pattern: &[u8], mut files: Vec<OsString>) -> Result<ExitCode, Box<dyn Error>> {
    let named = files.len() > 1;
    if files.is_empty() {
        files.push("-".into());
    }
    let failed = Cell::new(false);
    // The sink asks for a line, so `grep` asks for lines until one matches, so `read` asks for a file.
    let found = source(files)
        .stage(|io| read(io, &failed))
        .stage(|io| grep(io, pattern))
        .run(sink(|io| print(io, named)))??;
    let code = if failed.get() { 2 } else { u8::from(!found) };
    Ok(ExitCode::from(code))
}

/// Receives names of files, and emits their lines. Reports a file that it cannot read, and goes on with the next.
async fn read(io: Ends<'_, OsString, Line>, failed: &Cell<bool>) {
    while let Some(file) = io.recv().await {
        if let Err(error) = lines(&io, &file).await {
            eprintln!("grep: {}: {error}", file.to_string_lossy());
            failed.set(true);
        }
    }
}

async fn lines(io: &Ends<'_, OsString, Line>, file: &OsString) -> io::Result<()> {
    let lines: Box<dyn BufRead> = match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file)?)),
    };
    let file = Rc::from(file.to_string_lossy());
    for text in lines.split(b'\n') {
        let (file, text) = (Rc::clone(&file), text?);
        io.emit(Line { file, text }).await;
    }
    Ok(())
}

/// The tutorial's coroutine: receives lines, and emits those that contain the pattern.
async fn grep(io: Ends<'_, Line, Line>, pattern: &[u8]) {
    let matches = |text: &[u8]| text.windows(pattern.len()).any(|part| part == pattern);
    while let Some(line) = io.recv().await {
        if pattern.is_empty() || matches(&line.text) {
            io.emit(line).await;
        }
    }
}

/// Receives lines, and prints them. Returns whether there were any. When it returns, the stages above are closed.
async fn print(io: Ends<'_, Line>, named: bool) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut found = false;
    while let Some(Line { file, text }) = io.recv().await {
        found = true;
        let prefix = if named {
            format!("{file}:")
        } else {
            String::new()
        };
        match out.write_all(&[prefix.as_bytes(), &text, b"\n"].concat()) {
            // The reader of the pipe has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
            written => written?,
        }
    }
    Ok(found)
}
