use std::env;
use std::ffi::OsString;

use regex::bytes::Regex;

use crate::input::Source;

const USAGE: &str = "usage: grep [--] PATTERN [PATH]...";

/// What the command line says.
pub(crate) struct Arguments {
    pub(crate) pattern: Regex,
    /// Never empty.
    pub(crate) sources: Vec<Source>,
}

impl Arguments {
    /// The arguments of this process, or what to tell the user.
    pub(crate) fn parse() -> Result<Self, String> {
        let mut operands = operands(env::args_os().skip(1))?.into_iter();
        let pattern = operands.next().ok_or(USAGE)?;
        let pattern = pattern.to_str().ok_or("grep: the pattern is not UTF-8")?;
        let pattern = Regex::new(pattern).map_err(|error| format!("grep: {error}"))?;
        let mut sources: Vec<_> = operands.map(Source::new).collect();
        if sources.is_empty() {
            sources.push(Source::Stdin);
        }
        Ok(Self { pattern, sources })
    }
}

/// All but `--`. There are no options: what looks like one is refused.
fn operands(arguments: impl Iterator<Item = OsString>) -> Result<Vec<OsString>, String> {
    let mut operands = Vec::new();
    let mut all_operands = false;
    for argument in arguments {
        let bytes = argument.as_encoded_bytes();
        if all_operands || bytes == b"-" || !bytes.starts_with(b"-") {
            operands.push(argument);
        } else if bytes == b"--" {
            all_operands = true;
        } else {
            return Err(format!(
                "grep: unknown option {}\n{USAGE}",
                argument.display()
            ));
        }
    }
    Ok(operands)
}
