//! What worker processes are sent, and what they send back.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::options::Options;

/// What one worker has to fetch, and how.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Share {
    /// The URLs, each with the number of its page.
    pub(crate) urls: Vec<(usize, String)>,
    pub(crate) at_a_time: usize,
    pub(crate) attempts: u32,
    pub(crate) backoff: Duration,
    pub(crate) timeout: Duration,
}

impl Share {
    /// Deals the URLs into one share for each worker.
    pub(crate) fn deal(urls: Vec<String>, options: &Options) -> Vec<Self> {
        let empty = Self {
            urls: Vec::new(),
            at_a_time: options.at_a_time.max(1),
            attempts: options.attempts,
            backoff: Duration::from_millis(options.backoff),
            timeout: Duration::from_millis(options.timeout),
        };
        let mut shares = vec![empty; options.processes];
        for (number, url) in urls.into_iter().enumerate() {
            shares[number % options.processes].urls.push((number, url));
        }
        shares
    }
}

/// How a page was fetched, or why it was not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) number: usize,
    /// Why attempts failed, in order.
    pub(crate) errors: Vec<Kind>,
    /// The page's size and the time of the attempt that succeeded, if one did.
    pub(crate) fetched: Option<(u64, Duration)>,
}

/// Why an attempt failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
pub(crate) enum Kind {
    #[error("bad URL")]
    Url,
    #[error("not connected")]
    Connect,
    #[error("connection lost")]
    Lost,
    #[error("status {0}")]
    Status(u16),
    #[error("timed out")]
    Timeout,
}
