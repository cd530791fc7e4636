//! Lines that clients post, for those that read.

use std::cell::RefCell;

use bytes::Bytes;
use cogen::aio::{self, AsyncGenerator, async_generator};
use tokio::sync::broadcast::{self, error::RecvError};

/// How many lines wait for a slow reader before it misses some.
const WAITING: usize = 64;

pub(crate) struct Feed {
    /// Until it is closed.
    lines: RefCell<Option<broadcast::Sender<Bytes>>>,
}

impl Feed {
    pub(crate) fn new() -> Self {
        let (lines, _) = broadcast::channel(WAITING);
        Self {
            lines: RefCell::new(Some(lines)),
        }
    }

    pub(crate) fn readers(&self) -> usize {
        let lines = self.lines.borrow();
        lines.as_ref().map_or(0, broadcast::Sender::receiver_count)
    }

    /// Gives a line to the readers. Returns how many there are.
    pub(crate) fn post(&self, line: &str) -> usize {
        let line = Bytes::from(format!("{}\n", line.trim_end()));
        let lines = self.lines.borrow();
        let sent = lines.as_ref().map(|lines| lines.send(line));
        sent.map_or(0, |readers| readers.unwrap_or(0))
    }

    /// There will be no more lines: the readers' answers end.
    pub(crate) fn close(&self) {
        self.lines.take();
    }

    /// What is posted from now on.
    pub(crate) fn lines(&self) -> AsyncGenerator<Bytes> {
        let receiver = self
            .lines
            .borrow()
            .as_ref()
            .map(broadcast::Sender::subscribe);
        async_generator(move |co| async move {
            let Some(mut receiver) = receiver else { return };
            let read = async {
                co.yield_(Bytes::from_static(b"welcome\n")).await;
                loop {
                    match receiver.recv().await {
                        Ok(line) => co.yield_(line).await,
                        Err(RecvError::Lagged(n)) => co.yield_(missed(n)).await,
                        Err(RecvError::Closed) => break,
                    }
                }
                co.yield_(Bytes::from_static(b"goodbye\n")).await;
            };
            // Clean-up may await, however the answer ends.
            aio::finally(read, async {
                aio::sleep(std::time::Duration::ZERO).await;
                println!("a reader left");
            })
            .await;
        })
    }
}

fn missed(lines: u64) -> Bytes {
    Bytes::from(format!("({lines} lines were missed)\n"))
}
