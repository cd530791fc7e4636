//! Lines as the messages of ripgrep's `--json`.

use std::io::Write as _;
use std::str;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cogen::{GeneratorExit, generator};
use serde_json::{Value, json};

use super::{Formatter, Kind, Line, Reply, Tail, take_chunk};
use crate::config::Config;
use crate::search::Binary;
use crate::walk::Job;

/// Formats lines, between a message that begins the file and one that ends it.
pub(crate) fn json<'a>(config: &'a Config, job: &'a Job, binary: &'a Binary) -> Formatter<'a> {
    generator(move |co| async move {
        let mut page = Page::new(config, job);
        let lines = async {
            let mut line = Line::default();
            loop {
                let chunk = take_chunk(&mut page.out, config);
                line = co.yield_(Reply { spare: line, chunk }).await;
                page.print(&line);
            }
        };
        // The lines end when the coroutine is closed.
        let _closed: Result<(), GeneratorExit> = co.catch_as(lines).await;
        page.tail(binary.nul())
    })
    .boxed_local()
}

/// The output for one job.
struct Page<'a> {
    config: &'a Config,
    path: Value,
    out: Vec<u8>,
    /// Selected lines.
    lines: u64,
    /// Matching parts of those lines.
    matches: u64,
}

impl<'a> Page<'a> {
    fn new(config: &'a Config, job: &Job) -> Self {
        let path = text(job.input.name());
        let mut out = Vec::new();
        put(&mut out, "begin", &json!({ "path": path }));
        Self {
            config,
            path,
            out,
            lines: 0,
            matches: 0,
        }
    }

    fn print(&mut self, line: &Line) {
        let submatches = submatches(self.config, line);
        let selected = line.kind == Kind::Selected;
        if selected {
            self.lines += 1;
            self.matches += submatches.len() as u64;
        }
        let whole = [&line.bytes[..], b"\n"].concat();
        let data = json!({
            "path": self.path,
            "lines": text(&whole),
            "line_number": line.number,
            "absolute_offset": line.offset,
            "submatches": submatches,
        });
        let kind = if selected { "match" } else { "context" };
        put(&mut self.out, kind, &data);
    }

    fn tail(mut self, binary_offset: Option<u64>) -> Tail {
        let stats = json!({ "matched_lines": self.lines, "matches": self.matches });
        let data = json!({ "path": self.path, "binary_offset": binary_offset, "stats": stats });
        put(&mut self.out, "end", &data);
        Tail {
            chunk: self.out,
            binary: false,
            matches: self.matches,
        }
    }
}

/// Puts one message, which is one line.
pub(crate) fn put(out: &mut Vec<u8>, kind: &str, data: &Value) {
    // A write to a vector does not fail. The type comes first, for human readers.
    let _written = writeln!(out, r#"{{"type":"{kind}","data":{data}}}"#);
}

/// The matching parts of a line, if it matches.
fn submatches(config: &Config, line: &Line) -> Vec<Value> {
    if (line.kind == Kind::Selected) == config.options.invert {
        return Vec::new();
    }
    let submatch = |part: std::ops::Range<usize>| {
        let found = text(&line.bytes[part.clone()]);
        json!({ "match": found, "start": part.start, "end": part.end })
    };
    let parts = config.pattern.parts().nonempty(&line.bytes);
    parts.map(submatch).collect()
}

/// A text, or as bytes if it is not UTF-8.
fn text(bytes: &[u8]) -> Value {
    match str::from_utf8(bytes) {
        Ok(text) => json!({ "text": text }),
        Err(_) => json!({ "bytes": BASE64_STANDARD.encode(bytes) }),
    }
}
