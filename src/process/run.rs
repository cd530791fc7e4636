//! In the worker: how a job is run, from bytes to bytes.
#![allow(missing_docs, reason = "these items are public for the macros alone")]

use std::any::Any;
use std::error::Error as _;
use std::future::poll_fn;
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codec;
use super::function::Function;
use super::wire::{self, Kind};
use crate::aio::{self, Error, Output};

/// How a job ended: the kind of answer, and its content.
pub type Outcome = (KindOf, Vec<u8>);

/// The kind of an answer, which only this crate can make.
#[derive(Clone, Copy, Debug)]
pub struct KindOf(pub(super) Kind);

/// Where the items of a job go.
#[derive(Debug)]
pub struct Answers<'a> {
    socket: &'a UnixStream,
    limit: u64,
}

impl<'a> Answers<'a> {
    pub(super) const fn new(socket: &'a UnixStream, limit: u64) -> Self {
        Self { socket, limit }
    }

    /// Sends an item. If nothing is left to receive it, the process ends.
    fn send(&mut self, item: &[u8]) {
        if wire::write_answer(&mut self.socket, Kind::Item, item).is_err() {
            std::process::exit(1);
        }
    }
}

pub fn run_function<A: DeserializeOwned, N>(
    function: &impl Function<A, N, Value: Output<Ok: Serialize>>,
    arguments: &[u8],
    answers: &mut Answers<'_>,
) -> Outcome {
    run(arguments, answers.limit, |arguments| {
        function.call(arguments).into_result()
    })
}

pub fn run_async<A: DeserializeOwned, N>(
    function: &impl Function<A, N, Value: Future<Output: Output<Ok: Serialize + 'static>>>,
    arguments: &[u8],
    answers: &mut Answers<'_>,
) -> Outcome {
    run(arguments, answers.limit, |arguments| {
        aio::run(function.call(arguments))
    })
}

pub fn run_stream<A: DeserializeOwned, N>(
    function: &impl Function<A, N, Value: Stream<Item: Output<Ok: Serialize>>>,
    arguments: &[u8],
    answers: &mut Answers<'_>,
) -> Outcome {
    let limit = answers.limit;
    let mut unfit = None;
    let outcome = run(arguments, limit, |arguments| {
        aio::run(async {
            let mut stream = pin!(function.call(arguments));
            while let Some(item) = poll_fn(|cx| stream.as_mut().poll_next(cx)).await {
                match encode(&item.into_result()?, limit) {
                    (KindOf(Kind::Value), bytes) => answers.send(&bytes),
                    not => {
                        unfit = Some(not);
                        break;
                    }
                }
            }
            aio::ok(())
        })
    });
    unfit.unwrap_or(outcome)
}

fn run<A: DeserializeOwned, T: Serialize>(
    arguments: &[u8],
    limit: u64,
    call: impl FnOnce(A) -> Result<T, Error>,
) -> Outcome {
    let arguments = match codec::decode(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return unfit("the arguments cannot be read", &error),
    };
    // A panic ends the process: nothing that it left behind is used.
    match panic::catch_unwind(AssertUnwindSafe(|| call(arguments))) {
        Ok(Ok(value)) => encode(&value, limit),
        Ok(Err(Error::Panicked(panicked))) => text(Kind::Panicked, panicked.message()),
        Ok(Err(error)) => text(Kind::Failed, &with_sources(&error)),
        Err(payload) => text(Kind::Panicked, message_of(&*payload)),
    }
}

fn encode<T: Serialize>(value: &T, limit: u64) -> Outcome {
    match codec::encode(value) {
        Ok(bytes) if bytes.len() as u64 > limit => {
            let size = bytes.len() as u64;
            (KindOf(Kind::TooLarge), size.to_le_bytes().to_vec())
        }
        Ok(bytes) => (KindOf(Kind::Value), bytes),
        Err(error) => unfit("the value cannot be sent", &error),
    }
}

fn text(kind: Kind, text: &str) -> Outcome {
    (KindOf(kind), text.as_bytes().to_vec())
}

pub(super) fn unfit(what: &str, error: &str) -> Outcome {
    text(Kind::Unfit, &format!("{what}: {error}"))
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

/// The text of an error, and of what caused it.
fn with_sources(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = match error {
        Error::User(error) => error.source(),
        _ => None,
    };
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
