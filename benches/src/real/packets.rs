//! Records from packets that must be waited for: an async source, which suspends for each packet, and gives the records
//! in it.

use super::{Done, Input, Random, Work};
use device::{Device, Line, Read, block_on};
use futures_lite::{Stream, StreamExt};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// The body, in `$wrap`: it gives each record to the code between `$give` and `$end`.
macro_rules! records {
    ([$($wrap:tt)*] [$($give:tt)*] [$($end:tt)*] $device:ident) => { $($wrap)* {
        while let Some(packet) = $device.read().await {
            for line in packet.lines() {
                match line.split_once('=') {
                    Some((name, value)) => {
                        $($give)* (Record::Value(name, value.len())) $($end)*;
                    }
                    None => {
                        $($give)* (Record::Gap(line)) $($end)*;
                    }
                }
            }
        }
    } };
}

mod device;
mod ours;
mod peers;

pub(super) const WORK: Work = Work {
    name: "packets",
    item: "record",
    prepare: |items| Input::text(records(items)),
    ways: ways! {
        hand;
        ours::{anext, anext_boxed, stream};
        peers::{genawaiter_rc, genawaiter_sync, genawaiter_dyn, fauxgen, async_stream, asynk_strim}
    },
};

#[derive(Debug)]
enum Record<'a> {
    /// A name, and the length of its value.
    Value(&'a str, usize),
    Gap(&'a str),
}

impl Done {
    #[inline]
    #[allow(clippy::needless_pass_by_value, reason = "as the other items")]
    fn record(&mut self, record: Record<'_>) {
        self.add(match record {
            Record::Value(name, length) => (name.len() << 8 | length) as u64,
            Record::Gap(line) => line.len() as u64,
        });
    }
}

/// Makes this many lines.
fn records(count: usize) -> String {
    let mut random = Random(31);
    let mut text = String::new();
    for _ in 0..count {
        match random.below(5) {
            0 => text.push_str("a gap\n"),
            1 => text.push_str("name=12\n"),
            2 => text.push_str("longer_name=1\n"),
            _ => text.push_str("n=12345\n"),
        }
    }
    text
}

/// The stream, written by hand.
struct Records {
    device: Device,
    read: Option<Read>,
    lines: std::str::Lines<'static>,
}

impl Stream for Records {
    type Item = Record<'static>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(line) = self.lines.next() {
                return Poll::Ready(Some(match line.split_once('=') {
                    Some((name, value)) => Record::Value(name, value.len()),
                    None => Record::Gap(line),
                }));
            }
            let this = &mut *self;
            let read = this.read.get_or_insert_with(|| this.device.read());
            let packet = ready!(Pin::new(read).poll(context));
            self.read = None;
            match packet {
                Some(packet) => self.lines = packet.lines(),
                None => return Poll::Ready(None),
            }
        }
    }
}

fn hand(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let stream = Records {
        device: Device::new(input, &line),
        read: None,
        lines: "".lines(),
    };
    each_record(&line, stream)
}

/// Takes all records of a stream, and waits when the stream does.
#[inline]
fn each_record(line: &Line, stream: impl Stream<Item = Record<'static>>) -> Done {
    block_on(line, async {
        let mut done = Done::NOTHING;
        let mut stream = pin!(stream);
        while let Some(record) = stream.next().await {
            done.record(record);
        }
        done
    })
}
