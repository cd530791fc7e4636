//! Tells files apart.

use std::fs::File;

/// Is equal for the same regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    /// The identity of standard output, if that is a regular file.
    pub(crate) fn of_stdout() -> Option<Self> {
        use std::os::fd::AsFd as _;

        let stdout = std::io::stdout().as_fd().try_clone_to_owned();
        Self::of(&File::from(stdout.ok()?))
    }

    /// The identity of a file, if it is a regular one.
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
