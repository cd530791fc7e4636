//! The imports that break a rule, and why they are allowed.

/// An import that may close a circle, or go against the order of folders.
#[derive(Debug)]
pub(crate) struct Allowed {
    /// The file that imports, or a folder of such files.
    pub(crate) from: &'static str,
    /// The file that is imported, or a folder.
    pub(crate) to: &'static str,
    /// Whether it may close a circle of files too, not only one of folders.
    pub(crate) in_files: bool,
    pub(crate) why: &'static str,
}

pub(crate) const ALLOWED: &[Allowed] = &[
    Allowed {
        from: "generator/protocol.rs",
        to: "generator",
        in_files: true,
        why: "the trait's methods give types that are made of a generator, as those of `Iterator` do",
    },
    Allowed {
        from: "pipeline/pipeline.rs",
        to: "pipeline",
        in_files: true,
        why: "the trait's methods give types that are made of a pipeline, as those of `Iterator` do",
    },
    Allowed {
        from: "pipeline/sink.rs",
        to: "pipeline",
        in_files: true,
        why: "as `Pipeline`",
    },
    Allowed {
        from: "aio/core/raw",
        to: "aio/core",
        in_files: false,
        why: "unsafe code is kept in one folder, though pointers are below all that is made of them, and cells above",
    },
];
