//! GNU grep's default colours, byte for byte.

pub(crate) const MATCH: &str = "01;31";
pub(crate) const NAME: &str = "35";
pub(crate) const NUMBER: &str = "32";
pub(crate) const SEPARATOR: &str = "36";

/// Colours text, or leaves it as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }

    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    pub(crate) fn put(self, out: &mut Vec<u8>, color: &str, text: &[u8]) {
        self.start(out, color);
        out.extend_from_slice(text);
        self.end(out);
    }

    pub(crate) fn start(self, out: &mut Vec<u8>, color: &str) {
        if self.on {
            for part in ["\x1b[", color, "m\x1b[K"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
    }

    pub(crate) fn end(self, out: &mut Vec<u8>) {
        if self.on {
            out.extend_from_slice(b"\x1b[m\x1b[K");
        }
    }
}
