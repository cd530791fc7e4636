use std::cell::Cell;
use std::time::Duration;

use crate::feed::Feed;

/// What all requests share. All of them are on one thread, so it needs no lock.
pub(crate) struct App {
    /// How long a request may take until its answer begins.
    pub(crate) limit: Duration,
    pub(crate) requests: Cell<u64>,
    pub(crate) feed: Feed,
}

impl App {
    pub(crate) fn new(limit: Duration) -> Self {
        Self {
            limit,
            requests: Cell::new(0),
            feed: Feed::new(),
        }
    }
}
