//! Compiled patterns: they tell which lines match, and which parts of them.

mod longest;

use std::iter;
use std::ops::Range;
use std::str;

use grep_matcher::Matcher as _;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use regex_automata::util::syntax;

use crate::locale::Charset;
use crate::options::Patterns;
use longest::Longest;

/// A pattern that never matches.
const NEVER: &str = "[a&&b]";

/// All patterns, compiled.
#[derive(Debug)]
pub(crate) struct Pattern {
    lines: RegexMatcher,
    parts: Parts,
}

impl Pattern {
    /// Compiles the patterns; an error tells the user what is wrong with one.
    pub(crate) fn new(patterns: &Patterns, charset: Charset) -> Result<Self, String> {
        let sources = sources(patterns, charset)?;
        let syntax = syntax(patterns, charset);
        for source in &sources {
            // Otherwise the error would show the pattern as the compilers see it: joined with others, and in brackets.
            syntax::parse_with(source, &syntax).map_err(|error| format!("grep: {error}"))?;
        }
        let failed = |error: &dyn std::fmt::Display| format!("grep: {error}");
        let mut builder = builder(patterns, charset);
        let starts = builder.build_many(&sources).map_err(|e| failed(&e))?;
        builder.word(patterns.words && !patterns.lines);
        builder.whole_line(patterns.lines);
        let lines = builder.build_many(&sources).map_err(|e| failed(&e))?;
        let longest = Longest::new(&sources, &syntax).map_err(|e| failed(&e))?;
        let words = patterns.words && !patterns.lines;
        let words = words.then_some(charset);
        let parts = Parts {
            starts,
            longest,
            words,
        };
        Ok(Self { lines, parts })
    }

    /// Finds matching lines.
    pub(crate) fn lines(&self) -> &RegexMatcher {
        &self.lines
    }

    /// Finds the matching parts of a line.
    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }
}

/// Finds the matching parts of a line: of those that start first, the longest, as in POSIX.
///
/// The crate `regex` prefers the earlier alternative, so it is only asked where a part starts.
#[derive(Debug)]
pub(crate) struct Parts {
    starts: RegexMatcher,
    longest: Longest,
    /// If present: parts must be words made of these characters.
    words: Option<Charset>,
}

impl Parts {
    /// The first part at or after `from`. It may be empty.
    pub(crate) fn find(&self, line: &[u8], from: usize) -> Option<Range<usize>> {
        let mut at = from;
        loop {
            let start = self.starts.find_at(line, at).ok()??.start();
            let end = self.longest.end(line, start, line.len())?;
            let Some(charset) = self.words else {
                return Some(start..end);
            };
            if let Some(word) = self.word(line, start..end, from, charset) {
                return Some(word);
            }
            at = start + 1;
            if at > line.len() {
                return None;
            }
        }
    }

    /// All parts that are not empty.
    pub(crate) fn nonempty(&self, line: &[u8]) -> impl Iterator<Item = Range<usize>> {
        let mut from = 0;
        iter::from_fn(move || {
            loop {
                let part = self.find(line, from)?;
                // After an empty part, the next one may start at the next byte.
                from = part.end.max(part.start + 1);
                if !part.is_empty() {
                    return Some(part);
                }
                if from > line.len() {
                    return None;
                }
            }
        })
    }

    /// The longest word that starts where `part` does, and does not exceed it.
    ///
    /// As in GNU grep, an empty word is not tried after others, and a shorter word ends `from` bytes earlier than
    /// necessary.
    fn word(
        &self,
        line: &[u8],
        mut part: Range<usize>,
        from: usize,
        charset: Charset,
    ) -> Option<Range<usize>> {
        while !is_word(line, &part, charset) {
            let limit = part.end.checked_sub(from + 1)?;
            part.end = self.longest.end(line, part.start, limit)?;
            if part.is_empty() {
                return None;
            }
        }
        Some(part)
    }
}

/// Whether there is no word character on either side.
fn is_word(line: &[u8], part: &Range<usize>, charset: Charset) -> bool {
    let before = charset.last(&line[..part.start]);
    let after = charset.first(&line[part.end..]);
    ![before, after]
        .into_iter()
        .flatten()
        .any(|c| charset.in_word(c))
}

fn builder(patterns: &Patterns, charset: Charset) -> RegexMatcherBuilder {
    let mut builder = RegexMatcherBuilder::new();
    builder
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .unicode(charset == Charset::Utf8)
        .case_insensitive(patterns.ignore_case);
    builder
}

/// The same for `regex-automata`.
fn syntax(patterns: &Patterns, charset: Charset) -> syntax::Config {
    syntax::Config::new()
        .multi_line(true)
        .utf8(false)
        .unicode(charset == Charset::Utf8)
        .case_insensitive(patterns.ignore_case)
}

/// The patterns in the syntax of the crate `regex`.
fn sources(patterns: &Patterns, charset: Charset) -> Result<Vec<String>, String> {
    if patterns.list.is_empty() {
        return Ok(vec![NEVER.to_owned()]);
    }
    let source = |pattern: &Vec<u8>| source(pattern, patterns.fixed, charset);
    let sources: Option<Vec<_>> = patterns.list.iter().map(source).collect();
    sources.ok_or_else(|| "grep: the pattern is not UTF-8".to_owned())
}

/// The source of a pattern. If each byte is a character, a byte beyond ASCII is written like `\xe9`.
fn source(pattern: &[u8], fixed: bool, charset: Charset) -> Option<String> {
    let escape = |text: &str| {
        if fixed {
            regex_syntax::escape(text)
        } else {
            text.to_owned()
        }
    };
    match charset {
        Charset::Utf8 => str::from_utf8(pattern).ok().map(escape),
        Charset::Bytes => Some(
            pattern
                .iter()
                .map(|byte| match *byte {
                    byte if byte.is_ascii() => escape(char::from(byte).encode_utf8(&mut [0])),
                    byte => format!(r"\x{byte:02x}"),
                })
                .collect(),
        ),
    }
}
