//! A server of the Redis protocol without I/O: it asks for chunks of requests, which are split anywhere, and gives replies.

use super::{Chunks, Done, Input, Random, Work};
use bytes::{Bytes, Number};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// The body, in `$wrap`: it gives each event to the code between `$give` and `$end`.
macro_rules! serve {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*]) => { $($wrap)* {
        let mut bytes: Bytes = Bytes::default();
        let mut words: Vec<Range<usize>> = Vec::new();
        let mut store: Store = Store::default();
        let malformed: bool = 'all: loop {
            let count: usize = loop {
                match bytes.number(b'*') {
                    Number::Is(count) => break count,
                    Number::Partial => {}
                    Number::Malformed => break 'all true,
                }
                let chunk: &'static [u8] = $($give)* (Event::More) $($end)*;
                if chunk.is_empty() {
                    break 'all false;
                }
                bytes.feed(chunk);
            };
            for _ in 0_usize..count {
                let length: usize = loop {
                    match bytes.number(b'$') {
                        Number::Is(length) => break length,
                        Number::Partial => {}
                        Number::Malformed => break 'all true,
                    }
                    let chunk: &'static [u8] = $($give)* (Event::More) $($end)*;
                    if chunk.is_empty() {
                        break 'all false;
                    }
                    bytes.feed(chunk);
                };
                while bytes.unread() < length + 2 {
                    let chunk: &'static [u8] = $($give)* (Event::More) $($end)*;
                    if chunk.is_empty() {
                        break 'all false;
                    }
                    bytes.feed(chunk);
                }
                words.push(bytes.take(length));
            }
            let reply = store.execute(&bytes, &words);
            words.clear();
            bytes.forget();
            $($give)* (Event::Reply(reply)) $($end)*;
        };
        if malformed {
            $($give)* (Event::Reply(Reply::Malformed)) $($end)*;
        }
    } };
}

mod bytes;
#[cfg(nightly_coroutines)]
mod nightly;
mod ours;
mod peers;

pub(super) const WORK: Work = Work {
    name: "resp",
    item: "reply",
    prepare: |items| Input::text(requests(items)),
    ways: ways! {
        hand;
        ours::{pinned, boxed, helpers, asend};
        peers::{
            genawaiter_rc, genawaiter_sync, genawaiter_dyn, fauxgen, diapause, corosensei, generator,
        }
        + nightly
    },
};

/// What a server yields.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub enum Event {
    /// It wants a chunk; an empty one means the end.
    More,
    /// A reply; the server ignores the answer to it.
    Reply(Reply),
}

/// A reply to a request.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub enum Reply {
    Pong,
    Set,
    Text(Vec<u8>),
    Missing,
    Malformed,
}

impl Done {
    /// Handles an event; gives the answer to the server.
    #[inline]
    fn event(&mut self, event: Event, chunks: &mut Chunks<'static>) -> &'static [u8] {
        match event {
            Event::More => chunks.next(),
            Event::Reply(reply) => {
                self.reply(reply);
                &[]
            }
        }
    }

    #[inline]
    #[allow(clippy::needless_pass_by_value, reason = "as the other items")]
    fn reply(&mut self, reply: Reply) {
        self.add(match reply {
            Reply::Pong => 1,
            Reply::Set => 2,
            Reply::Text(text) => text.iter().map(|&byte| u64::from(byte)).sum::<u64>() << 3,
            Reply::Missing => 3,
            Reply::Malformed => 4,
        });
    }
}

/// Makes this many requests, and one that is malformed.
fn requests(count: usize) -> String {
    let mut random = Random(4711);
    let mut text = String::new();
    for _ in 0..count {
        let key = format!("key:{}", random.below(20));
        match random.below(4) {
            0 => words(&mut text, &["PING"]),
            1 => words(&mut text, &["ECHO", "some text"]),
            2 => words(&mut text, &["SET", &key, &random.below(1000).to_string()]),
            _ => words(&mut text, &["GET", &key]),
        }
    }
    text.push_str("?\r\n");
    text
}

fn words(text: &mut String, words: &[&str]) {
    // Writing to a string does not fail.
    let _ = write!(text, "*{}\r\n", words.len());
    for word in words {
        let _ = write!(text, "${}\r\n{word}\r\n", word.len());
    }
}

/// The data that requests read and change.
#[derive(Debug, Default)]
#[allow(unreachable_pub, reason = "diapause makes its coroutines public")]
pub struct Store(BTreeMap<Vec<u8>, Vec<u8>>);

impl Store {
    /// Executes the request whose words are at these places in `bytes`.
    fn execute(&mut self, bytes: &Bytes, words: &[Range<usize>]) -> Reply {
        let word = |number: usize| words.get(number).map_or(&[][..], |word| bytes.at(word));
        match word(0) {
            b"PING" => Reply::Pong,
            b"ECHO" => Reply::Text(word(1).to_vec()),
            b"SET" => {
                self.0.insert(word(1).to_vec(), word(2).to_vec());
                Reply::Set
            }
            b"GET" => self
                .0
                .get(word(1))
                .map_or(Reply::Missing, |value| Reply::Text(value.clone())),
            _ => Reply::Malformed,
        }
    }
}

/// The server, written by hand.
#[derive(Default)]
struct Server {
    bytes: Bytes,
    words: Vec<Range<usize>>,
    store: Store,
    state: State,
}

/// What the server reads next.
#[derive(Clone, Copy, Default)]
enum State {
    /// The number of words.
    #[default]
    Count,
    /// The length of a word, with this many words to come.
    Length(usize),
    /// A word of this many bytes, with this many words to come.
    Word(usize, usize),
    /// Nothing more.
    Ended,
}

impl Server {
    /// The next reply. `None`: the server wants a chunk, or has ended.
    fn reply(&mut self) -> Option<Reply> {
        loop {
            match self.state {
                State::Count => match self.bytes.number(b'*') {
                    Number::Is(count) => self.state = State::Length(count),
                    Number::Partial => return None,
                    Number::Malformed => return Some(self.malformed()),
                },
                State::Length(0) => {
                    let reply = self.store.execute(&self.bytes, &self.words);
                    self.words.clear();
                    self.bytes.forget();
                    self.state = State::Count;
                    return Some(reply);
                }
                State::Length(left) => match self.bytes.number(b'$') {
                    Number::Is(length) => self.state = State::Word(length, left),
                    Number::Partial => return None,
                    Number::Malformed => return Some(self.malformed()),
                },
                State::Word(length, left) => {
                    if self.bytes.unread() < length + 2 {
                        return None;
                    }
                    self.words.push(self.bytes.take(length));
                    self.state = State::Length(left - 1);
                }
                State::Ended => return None,
            }
        }
    }

    fn malformed(&mut self) -> Reply {
        self.state = State::Ended;
        Reply::Malformed
    }
}

fn hand(input: &'static Input) -> Done {
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let mut server = Server::default();
    loop {
        while let Some(reply) = server.reply() {
            done.reply(reply);
        }
        let chunk = chunks.next();
        if chunk.is_empty() {
            return done;
        }
        server.bytes.feed(chunk);
    }
}
