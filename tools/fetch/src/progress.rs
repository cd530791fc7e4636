use indicatif::{ProgressBar, ProgressStyle};

/// A bar on a terminal; nothing elsewhere.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(pages: usize) -> Self {
        let style =
            ProgressStyle::with_template("{bar:40} {pos}/{len} pages, {per_sec}, {eta} left");
        let bar = ProgressBar::new(pages as u64);
        bar.set_style(style.expect("the template is a constant"));
        Self { bar }
    }

    pub(crate) fn page(&self) {
        self.bar.inc(1);
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
