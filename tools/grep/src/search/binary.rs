use std::cell::Cell;

/// How much GNU grep reads at a time. It takes each such block as a whole as binary or as text.
pub(super) const BLOCK: usize = 96 * 1024;

/// The place from which an input is binary: the block with its first NUL byte.
///
/// As in GNU grep, NUL bytes end lines from there on.
#[derive(Debug, Default)]
pub(crate) struct Binary {
    from: Cell<Option<Start>>,
}

#[derive(Clone, Copy, Debug)]
struct Start {
    block: u64,
    nul: u64,
}

impl Binary {
    /// Looks at the next bytes of an input, which start at `offset`, and ends lines at NUL bytes.
    pub(super) fn look(&self, bytes: &mut [u8], offset: u64) {
        let Some(first) = memchr::memchr(0, bytes) else {
            return;
        };
        if !self.is_binary() {
            let nul = offset + first as u64;
            let block = nul - nul % BLOCK as u64;
            self.from.set(Some(Start { block, nul }));
        }
        for byte in &mut bytes[first..] {
            if *byte == 0 {
                *byte = b'\n';
            }
        }
    }

    pub(super) fn is_binary(&self) -> bool {
        self.from.get().is_some()
    }

    /// Whether a line that ends at `end` does so in the binary part.
    pub(super) fn reaches(&self, end: u64) -> bool {
        self.from.get().is_some_and(|from| end > from.block)
    }

    /// Where the first NUL byte is.
    pub(crate) fn nul(&self) -> Option<u64> {
        self.from.get().map(|from| from.nul)
    }
}
