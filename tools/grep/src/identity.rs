//! Which file is which.

use std::fs::File;

/// What makes a regular file the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    /// The file that standard output is, if it is a regular file.
    pub(crate) fn of_stdout() -> Option<Self> {
        use std::os::fd::AsFd as _;

        let stdout = std::io::stdout().as_fd().try_clone_to_owned();
        Self::of(&File::from(stdout.ok()?))
    }

    /// A regular file's.
    pub(crate) fn of(file: &File) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;

        let metadata = file.metadata().ok()?;
        metadata.is_file().then(|| Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        })
    }
}

#[cfg(not(unix))]
impl Identity {
    pub(crate) fn of_stdout() -> Option<Self> {
        None
    }

    pub(crate) fn of(_file: &File) -> Option<Self> {
        None
    }
}
