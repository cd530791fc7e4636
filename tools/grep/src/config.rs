//! The configuration that all threads share.

use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::color::Paint;
use crate::identity::Identity;
use crate::options::{Context, Options, Output};
use crate::pattern::Pattern;
use crate::progress::Progress;

/// The length from which output is passed on, in bytes.
const CHUNK: usize = 64 * 1024;

/// What all threads share. Only [`stop`](Self::stop) changes it.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) options: Options,
    pub(crate) pattern: Pattern,
    pub(crate) progress: Progress,
    /// The length from which output is passed on.
    pub(crate) chunk: usize,
    /// The file that output goes to, if reading that file would never end.
    output: Option<Identity>,
    stopped: AtomicBool,
}

impl Config {
    /// On a terminal, output is passed on line by line, so that a person sees each line at once.
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

    /// Says that nothing more will be printed, so that running searches can stop.
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

    /// Whether the results of a part of a file depend on that part alone, and are short.
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
