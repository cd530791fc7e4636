use std::time::Duration;

use clap::Parser;

/// A server with a feed that clients post to and read.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// The port on 127.0.0.1; the system picks one if it is 0.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Milliseconds until a request must have an answer.
    #[arg(long, default_value = "10000", value_name = "MS", value_parser = milliseconds)]
    pub(crate) limit: Duration,
    /// Milliseconds that requests may take to end after the first signal.
    #[arg(long, default_value = "10000", value_name = "MS", value_parser = milliseconds)]
    pub(crate) grace: Duration,
    /// Milliseconds until a connection is closed on which no request comes.
    #[arg(long, default_value = "60000", value_name = "MS", value_parser = milliseconds)]
    pub(crate) idle: Duration,
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}
