//! Searches a large file in parts, on all cores.
//!
//! A part consists of whole lines without NUL bytes. The results of the parts go, in order, where they would go if the
//! file were searched in one go. From the first part with a NUL byte on, the file is searched in one go.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cogen::pipeline::{Pipeline, Stage, map, parallel, source};
use grep_searcher::{Sink, SinkMatch};

use super::binary::{BLOCK, Binary};
use super::line_searcher;
use super::lines::{Lines, Stop};
use super::windows::{Buffer, Windows};
use crate::config::Config;
use crate::options::Output;
use crate::walk::Input;

/// The approximate length of a part, in bytes.
const PART: u64 = 32 * BLOCK as u64;

/// A file that is large enough for a search in parts.
pub(super) struct LargeFile {
    path: PathBuf,
    size: u64,
}

impl LargeFile {
    pub(super) fn of(input: &Input) -> io::Result<Option<Self>> {
        let Input::File {
            path,
            regular: true,
        } = input
        else {
            return Ok(None);
        };
        let size = fs::metadata(path)?.len();
        let path = path.clone();
        Ok((size >= 4 * PART).then_some(Self { path, size }))
    }

    pub(super) fn open_at(&self, start: u64) -> io::Result<File> {
        open_at(&self.path, start)
    }

    /// Shows the parts to a sink. If a part has a NUL byte, nothing of it is shown, and its start is returned.
    pub(super) fn search(
        &self,
        config: &Arc<Config>,
        sink: &mut impl Lines,
    ) -> Result<Option<u64>, Stop> {
        let ranges = Ranges::new(self)?;
        let search = parallel(config.options.threads, || search(&self.path, config));
        for part in source(ranges).pipe(search) {
            match part? {
                Searched::Text(part) => sink.part(&part)?,
                Searched::Binary(start) => return Ok(Some(start)),
            }
        }
        Ok(None)
    }
}

fn open_at(path: &Path, start: u64) -> io::Result<File> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(file)
}

/// The parts of a file.
struct Ranges {
    file: BufReader<File>,
    size: u64,
    start: u64,
}

impl Ranges {
    fn new(file: &LargeFile) -> io::Result<Self> {
        Ok(Self {
            // This reader only finds the ends of lines.
            file: BufReader::with_capacity(512, file.open_at(0)?),
            size: file.size,
            start: 0,
        })
    }

    /// The start of the first line that starts at `position` or later.
    fn line_at(&mut self, position: u64) -> io::Result<u64> {
        self.file.seek(SeekFrom::Start(position - 1))?;
        let skipped = self.file.skip_until(b'\n')?;
        Ok(position - 1 + skipped as u64)
    }
}

impl Iterator for Ranges {
    type Item = io::Result<Range<u64>>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.start;
        if start == u64::MAX {
            return None;
        }
        let end = start + PART;
        // The last part goes to the end of the file, wherever that is when the part is read.
        let end = if end < self.size {
            self.line_at(end)
        } else {
            Ok(u64::MAX)
        };
        self.start = *end.as_ref().unwrap_or(&u64::MAX);
        Some(end.map(|end| start..end))
    }
}

/// The result of searching a part.
enum Searched {
    Text(Part),
    /// The part has a NUL byte; holds where the part starts.
    Binary(u64),
}

/// What was found in a part.
#[derive(Default)]
pub(super) struct Part {
    /// The number of selected lines.
    pub(super) count: u64,
    /// The part's length, in bytes.
    pub(super) length: u64,
    /// Whether the lines are kept for printing.
    kept: bool,
    /// The selected lines, one after the other.
    text: Vec<u8>,
    /// The place of each line in the part, and its length.
    lines: Vec<(u64, usize)>,
}

impl Part {
    /// The selected lines, each with its place in the part.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut rest = &self.text[..];
        self.lines.iter().map(move |&(offset, length)| {
            let line;
            (line, rest) = rest.split_at(length);
            (offset, line)
        })
    }
}

/// The stage that searches each part.
fn search(
    path: &Path,
    config: &Arc<Config>,
) -> impl Stage<In = io::Result<Range<u64>>, Item = Result<Searched, Stop>> + Send + use<> {
    let (path, config) = (path.to_owned(), Arc::clone(config));
    let mut lines = line_searcher(&config);
    let mut buffer = Buffer::default();
    map(move |range: io::Result<Range<u64>>| {
        let Range { start, end } = range?;
        let mut input = open_at(&path, start)?.take(end - start);
        let binary = Binary::default();
        let mut part = Part::new(&config);
        let mut windows = Windows::new(
            &mut input,
            true,
            start,
            &mut buffer,
            &binary,
            &config.progress,
        );
        while !windows.is_last() {
            windows.advance()?;
            if binary.is_binary() {
                return Ok(Searched::Binary(start));
            }
            lines.search_slice(config.pattern.lines(), windows.window(), &mut part)?;
            part.length += windows.window().len() as u64;
        }
        Ok(Searched::Text(part))
    })
}

impl Part {
    fn new(config: &Config) -> Self {
        Self {
            kept: matches!(config.options.output, Output::Lines | Output::Matches),
            ..Self::default()
        }
    }
}

impl Sink for Part {
    type Error = Stop;

    fn matched(
        &mut self,
        _: &grep_searcher::Searcher,
        found: &SinkMatch<'_>,
    ) -> Result<bool, Stop> {
        self.count += 1;
        if self.kept {
            let offset = self.length + found.absolute_byte_offset();
            self.text.extend_from_slice(found.bytes());
            self.lines.push((offset, found.bytes().len()));
        }
        Ok(true)
    }
}
