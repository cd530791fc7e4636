//! A file's tokens, as far as imports need them: names, `::` and single characters.

/// What a file consists of, without comments, literals and lifetimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Name(&'a str),
    /// `::`
    Path,
    Char(char),
}

/// The tokens of `text`, each with the number of its line.
pub(crate) fn tokens(text: &str) -> Vec<(Token<'_>, usize)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        if let Some(length) = skipped(rest) {
            line += rest[..length].matches('\n').count();
            rest = &rest[length..];
        } else if is_of_name(first) {
            let length = name_length(rest);
            let name = rest[..length].trim_start_matches("r#");
            if !first.is_ascii_digit() {
                tokens.push((Token::Name(name), line));
            }
            rest = &rest[length..];
        } else if let Some(after) = rest.strip_prefix("::") {
            tokens.push((Token::Path, line));
            rest = after;
        } else {
            tokens.push((Token::Char(first), line));
            rest = &rest[first.len_utf8()..];
        }
    }
    tokens
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_length(text: &str) -> usize {
    let start = if text.starts_with("r#") { 2 } else { 0 };
    start
        + text[start..]
            .find(|c| !is_of_name(c))
            .unwrap_or(text.len() - start)
}

/// The length of the white space, comment, literal or lifetime at the start of `text`, if there is one.
fn skipped(text: &str) -> Option<usize> {
    if text.starts_with(char::is_whitespace) {
        return Some(
            text.find(|c: char| !c.is_whitespace())
                .unwrap_or(text.len()),
        );
    }
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    string(text).or_else(|| quoted_char(text))
}

/// The length of a block comment, which may contain others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let step = if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// The length of a string of any kind.
fn string(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        let after = text
            .strip_prefix(prefix)
            .map(|after| after.trim_start_matches('#'));
        after.is_some_and(|after| after.starts_with('"'))
    })?;
    let hashes = text[prefix.len()..].find('"')?;
    let start = prefix.len() + hashes + 1;
    if prefix.ends_with('r') {
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(
            text[start..]
                .find(&end)
                .map_or(text.len(), |at| start + at + end.len()),
        );
    }
    if hashes > 0 {
        return None;
    }
    let mut is_escaped = false;
    for (at, c) in text[start..].char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(start + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// The length of a character or byte in quotes, or of a lifetime.
fn quoted_char(text: &str) -> Option<usize> {
    let start = if text.starts_with("b'") { 2 } else { 1 };
    let inside = text
        .strip_prefix("b'")
        .or_else(|| text.strip_prefix('\''))?;
    let mut chars = inside.chars();
    let first = chars.next()?;
    if first == '\\' {
        let escaped = chars.next()?.len_utf8();
        return inside[1 + escaped..]
            .find('\'')
            .map(|at| start + 1 + escaped + at + 1);
    }
    if chars.next() == Some('\'') {
        return Some(start + first.len_utf8() + 1);
    }
    Some(start + name_length(inside))
}
