//! What a peer asks of its driver, and how bytes become lines and strings.

use std::io;
use std::str;

use cogen::{Answer, Co, DriveError, ReplyTo, answers};

/// What a peer asks of its driver.
pub(crate) enum Request {
    /// Some bytes; none: the other peer has ended.
    Read(ReplyTo<Vec<u8>, Answers>),
    /// These bytes to the other peer.
    Write(Vec<u8>, ReplyTo<(), Answers>),
}

answers! {
    /// What the driver answers.
    pub(crate) enum Answers {
        Bytes(Vec<u8>),
        Done(()),
    }
}

/// The handle of a peer.
pub(crate) type Peer<'g> = Co<'g, Request, Answer<Answers>>;

/// The I/O error that kept a peer from being driven to its end; or any other error, as an I/O error.
pub(crate) fn io_error(error: DriveError<Answer<Answers>>) -> io::Error {
    match error {
        DriveError::Raised(exception) => exception.downcast().unwrap_or_else(io::Error::other),
        other => io::Error::other(other.to_string()),
    }
}

/// The longest line, as in Redis.
const LONGEST_LINE: usize = 64 * 1024;

/// Why bytes are not RESP.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// The bytes that were read and not used yet.
pub(crate) struct Input<'g> {
    peer: Peer<'g>,
    buffer: Vec<u8>,
}

impl<'g> Input<'g> {
    pub(crate) fn new(peer: Peer<'g>) -> Self {
        Self {
            peer,
            buffer: Vec::new(),
        }
    }

    /// The next line without its end. `None`: there is no more.
    pub(crate) async fn line(&mut self) -> Result<Option<Vec<u8>>, Malformed> {
        let mut seen = 0;
        loop {
            let end = self.buffer[seen..].iter().position(|&byte| byte == b'\n');
            let length = end.map_or(self.buffer.len(), |end| seen + end);
            // The limit holds however the line was split.
            if length > LONGEST_LINE {
                return Err(Malformed("too long a line"));
            }
            if end.is_some() {
                let mut line: Vec<u8> = self.buffer.drain(..=length).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(line));
            }
            seen = length;
            if !self.more().await {
                return Ok(None);
            }
        }
    }

    /// The next `length` bytes, and the end of line after them. `None`: there are not that many.
    pub(crate) async fn string(&mut self, length: usize) -> Result<Option<Vec<u8>>, Malformed> {
        while self.buffer.len() < length + 2 {
            if !self.more().await {
                return Ok(None);
            }
        }
        let mut bytes: Vec<u8> = self.buffer.drain(..length + 2).collect();
        if bytes.split_off(length) != b"\r\n" {
            return Err(Malformed("no end of line after a string"));
        }
        Ok(Some(bytes))
    }

    async fn more(&mut self) -> bool {
        let bytes = self.peer.ask(Request::Read).await;
        self.buffer.extend(&bytes);
        !bytes.is_empty()
    }
}

/// A length on a line.
pub(crate) fn length(digits: &[u8], longest: usize) -> Result<usize, Malformed> {
    let number = str::from_utf8(digits)
        .ok()
        .and_then(|digits| digits.parse().ok());
    number
        .filter(|number| *number <= longest)
        .ok_or(Malformed("invalid length"))
}

/// A string on the wire.
pub(crate) fn bulk(bytes: &[u8]) -> Vec<u8> {
    let mut reply = format!("${}\r\n", bytes.len()).into_bytes();
    reply.extend(bytes);
    reply.extend(b"\r\n");
    reply
}
