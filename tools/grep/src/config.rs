//! What all threads share.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::color::Paint;
use crate::identity::Identity;
use crate::options::{Context, Options, Output};
use crate::pattern::Pattern;
use crate::progress::Progress;

/// How much output is passed on at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// What all threads share: it does not change, except for [`stop`](Self::stop).
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) options: Options,
    pub(crate) pattern: Pattern,
    pub(crate) progress: Progress,
    /// Output is passed on when it is this long.
    pub(crate) chunk: usize,
    /// The file that output goes to, if reading it would never end.
    output: Option<Identity>,
    stopped: AtomicBool,
}

impl Config {
    /// On a terminal, a person sees each line at once.
    pub(crate) fn new(options: Options, pattern: Pattern, terminal: bool) -> Self {
        let printed = matches!(
            options.output,
            Output::Lines | Output::Matches | Output::Json
        );
        let endless = printed && options.max_count != Some(1);
        Self {
            output: endless.then(Identity::of_stdout).flatten(),
            options,
            pattern,
            progress: Progress::new(terminal),
            chunk: if terminal { 1 } else { CHUNK },
            stopped: AtomicBool::new(false),
        }
    }

    /// Nothing more is printed: searches that still run need not go on.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// How text is coloured.
    pub(crate) fn paint(&self) -> Paint {
        Paint::new(self.options.color)
    }

    /// The lines to print around selected ones.
    pub(crate) fn context(&self) -> Context {
        match self.options.output {
            Output::Lines | Output::Matches | Output::Json => self.options.context,
            Output::Count | Output::Names | Output::Nothing => Context::default(),
        }
    }

    /// Whether groups of lines have `--` between them.
    pub(crate) fn separated(&self) -> bool {
        self.options.output != Output::Json && self.context().separated
    }

    /// Whether lines are printed with numbers.
    pub(crate) fn numbered(&self) -> bool {
        match self.options.output {
            Output::Lines | Output::Matches => self.options.prefix.number,
            Output::Json => true,
            Output::Count | Output::Names | Output::Nothing => false,
        }
    }

    /// Whether what is found in a part of a file depends on that part alone, and is short.
    pub(crate) fn divisible(&self) -> bool {
        let options = &self.options;
        let plain = options.output != Output::Json && !options.invert;
        plain && !self.numbered() && !self.context().any() && options.threads > 1
    }

    /// Whether output goes to this file.
    pub(crate) fn is_output(&self, file: &File) -> bool {
        self.output.is_some() && self.output == Identity::of(file)
    }
}
