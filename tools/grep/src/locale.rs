//! How bytes become characters.

use std::env;
use std::str;

/// How bytes are read as characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// Each byte is a character, as in the C locale; all locales that are not UTF-8 are treated so.
    Bytes,
    Utf8,
}

impl Charset {
    /// The character set of the environment, as in POSIX. Whether the system has that locale is not checked.
    pub(crate) fn from_environment() -> Self {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let set = names.iter().filter_map(env::var_os);
        let first = set.into_iter().find(|value| !value.is_empty());
        Self::of_locale(&first.unwrap_or_default().to_string_lossy())
    }

    /// The character set of a locale's name, as in `en_GB.UTF-8@euro`.
    fn of_locale(name: &str) -> Self {
        let codeset = name.split(['.', '@']).nth(1).unwrap_or_default();
        match codeset.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Self::Utf8,
            _ => Self::Bytes,
        }
    }

    /// The first character of a text, if it starts with one.
    pub(crate) fn first(self, text: &[u8]) -> Option<char> {
        match self {
            Self::Bytes => text.first().map(|byte| char::from(*byte)),
            Self::Utf8 => bstr::decode_utf8(text).0,
        }
    }

    /// The last character of a text, if it ends with one.
    pub(crate) fn last(self, text: &[u8]) -> Option<char> {
        match self {
            Self::Bytes => text.last().map(|byte| char::from(*byte)),
            Self::Utf8 => bstr::decode_last_utf8(text).0,
        }
    }

    /// Whether a character may be part of a word.
    pub(crate) fn in_word(self, c: char) -> bool {
        match self {
            Self::Bytes => c == '_' || c.is_ascii_alphanumeric(),
            Self::Utf8 => c == '_' || c.is_alphanumeric(),
        }
    }

    /// Whether a text consists only of characters.
    pub(crate) fn has(self, text: &[u8]) -> bool {
        self == Self::Bytes || str::from_utf8(text).is_ok()
    }
}
