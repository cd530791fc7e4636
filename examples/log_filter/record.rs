use std::fmt;
use std::str::{self, FromStr};

use thiserror::Error;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) time: String,
    pub(crate) level: Level,
    pub(crate) target: String,
    pub(crate) message: String,
}

/// How much a record matters, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Why a line is not a record.
#[derive(Debug, Error)]
pub(crate) enum ParseError {
    #[error("expected TIME LEVEL TARGET MESSAGE")]
    Fields,
    #[error("not UTF-8")]
    NoText,
    #[error("unknown level {0:?}: use trace, debug, info, warn or error")]
    Level(String),
}

impl FromStr for Level {
    type Err = ParseError;

    fn from_str(name: &str) -> Result<Self, ParseError> {
        match &*name.to_ascii_lowercase() {
            "trace" => Ok(Self::Trace),
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warn" => Ok(Self::Warn),
            "error" => Ok(Self::Error),
            _ => Err(ParseError::Level(name.to_owned())),
        }
    }
}

impl Record {
    pub(crate) fn from_bytes(line: &[u8]) -> Result<Self, ParseError> {
        let line = str::from_utf8(line).map_err(|_| ParseError::NoText)?;
        line.strip_suffix('\r').unwrap_or(line).parse()
    }
}

impl FromStr for Record {
    type Err = ParseError;

    fn from_str(line: &str) -> Result<Self, ParseError> {
        let mut fields = line.splitn(4, ' ');
        let mut field = || fields.next().map(str::to_owned).ok_or(ParseError::Fields);
        let (time, level, target, message) = (field()?, field()?, field()?, field()?);
        Ok(Self {
            time,
            level: level.parse()?,
            target,
            message,
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        })
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.level, self.target, self.message)
    }
}
