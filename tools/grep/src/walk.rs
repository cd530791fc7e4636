//! The first stage: finds what to search, in order.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

use ignore::{DirEntry, Walk, WalkBuilder};

use crate::message::reason;
use crate::options::Options;

/// One thing to search.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) input: Input,
    /// Whether its name is printed before its lines.
    pub(crate) named: bool,
    /// Whether there are no other jobs.
    pub(crate) alone: bool,
}

/// The source of the lines.
#[derive(Debug)]
pub(crate) enum Input {
    Stdin,
    File {
        path: PathBuf,
        /// Whether a read never has to wait for something to be written.
        regular: bool,
    },
}

impl Input {
    /// Its name, as bytes.
    pub(crate) fn name(&self) -> &[u8] {
        match self {
            Self::Stdin => b"(standard input)",
            Self::File { path, .. } => path.as_os_str().as_encoded_bytes(),
        }
    }
}

/// Something that cannot be searched, and why.
#[derive(Debug)]
pub(crate) struct Unreadable(pub(crate) String);

/// The jobs of the operands, in order; those of a directory are ordered by name.
pub(crate) fn walk(options: &Options) -> impl Iterator<Item = Result<Job, Unreadable>> {
    let many = options.operands.len() > 1;
    let operands = options.operands.iter();
    operands.flat_map(move |operand| Operand::new(operand, many, options))
}

/// The jobs of an operand.
enum Operand {
    Single(Option<Job>),
    Directory {
        walk: Box<Walk>,
        named: bool,
        here: bool,
    },
}

impl Operand {
    fn new(operand: &OsString, many: bool, options: &Options) -> Self {
        let named = options.prefix.name;
        if operand == "-" {
            return Self::single(Input::Stdin, named, many);
        }
        let here = operand.is_empty();
        let path = PathBuf::from(if here { OsStr::new(".") } else { operand });
        let kind = fs::metadata(&path).map(|metadata| metadata.file_type());
        if kind.as_ref().is_ok_and(fs::FileType::is_dir) {
            let walk = Box::new(directory(path, options));
            let named = named.unwrap_or(true);
            return Self::Directory { walk, named, here };
        }
        // If the file is missing, opening it will say so.
        let regular = kind.is_ok_and(|kind| kind.is_file());
        Self::single(Input::File { path, regular }, named, many)
    }

    fn single(input: Input, named: Option<bool>, many: bool) -> Self {
        Self::Single(Some(Job {
            input,
            named: named.unwrap_or(many),
            alone: !many,
        }))
    }
}

impl Iterator for Operand {
    type Item = Result<Job, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Single(job) => job.take().map(Ok),
            Self::Directory { walk, named, here } => loop {
                match walk.next()? {
                    Ok(entry) if is_file(&entry) => return Some(Ok(job(entry, *named, *here))),
                    Ok(_other) => {}
                    Err(error) => return Some(Err(unreadable(&error))),
                }
            },
        }
    }
}

fn directory(path: PathBuf, options: &Options) -> Walk {
    WalkBuilder::new(path)
        .standard_filters(!options.no_ignore)
        .require_git(false)
        .sort_by_file_name(OsStr::cmp)
        .build()
}

/// In a directory, only regular files are searched: links, devices and pipes are skipped, as `grep -r` does.
fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

/// The job of a file in a directory; its path has no `./` if no path was given and the working directory is searched.
fn job(entry: DirEntry, named: bool, here: bool) -> Job {
    let mut path = entry.into_path();
    if here && let Ok(rest) = path.strip_prefix(".") {
        path = rest.to_owned();
    }
    let regular = true;
    Job {
        input: Input::File { path, regular },
        named,
        alone: false,
    }
}

fn unreadable(error: &ignore::Error) -> Unreadable {
    let words = match (path_of(error), error.io_error()) {
        (Some(path), Some(error)) => format!("{}: {}", path.display(), reason(error)),
        _ => error.to_string(),
    };
    Unreadable(words)
}

fn path_of(error: &ignore::Error) -> Option<&PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            path_of(err)
        }
        _ => None,
    }
}
