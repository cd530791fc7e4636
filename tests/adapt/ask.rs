//! Requests that fix the type of their reply (malachite #683, #931: effects as coroutines need each request to accept
//! only its own reply type). The documentation of `Co::ask` shows that a reply of the wrong type does not compile.

use cogen::adapt::WrongAnswer;
use cogen::{Co, DriveError, Frame, GeneratorExt, ReplyTo, answers, generator};
use futures::executor::block_on;

use crate::support::{Oops, pending_once};

enum Request {
    Read(usize, To<Vec<u8>>),
    Write(Vec<u8>, To<()>),
    Flush(To<()>),
}

type To<T> = ReplyTo<T, Answers>;

answers! {
    #[derive(Debug)]
    enum Answers {
        Bytes(Vec<u8>),
        Done(()),
    }
}

/// Copies its input, three bytes at a time.
fn copy() -> Frame<'static, Request, cogen::Answer<Answers>, impl Future<Output = usize>> {
    generator(|co: Co<'_, Request, _>| async move {
        let mut copied = 0;
        loop {
            let bytes = co.ask(|to| Request::Read(3, to)).await;
            if bytes.is_empty() {
                co.ask(Request::Flush).await;
                return copied;
            }
            copied += bytes.len();
            co.ask(|to| Request::Write(bytes, to)).await;
        }
    })
}

#[derive(Default)]
struct World {
    output: Vec<u8>,
    flushed: usize,
}

#[test]
fn each_request_has_a_reply_of_its_own_type() {
    let (mut input, mut world) = (&b"abcdefgh"[..], World::default());
    let copied = copy().drive(|request| match request {
        Request::Read(max, to) => {
            let (bytes, rest) = input.split_at(max.min(input.len()));
            input = rest;
            to.with(bytes.to_vec())
        }
        Request::Write(bytes, to) => {
            world.output.extend(bytes);
            to.with(())
        }
        Request::Flush(to) => {
            world.flushed += 1;
            to.with(())
        }
    });
    assert_eq!(copied.unwrap(), 8);
    assert_eq!((&*world.output, world.flushed), (&b"abcdefgh"[..], 1));
}

#[test]
fn async_and_fallible_handlers_answer_in_the_same_way() {
    let mut output = Vec::new();
    let mut input = vec![b"cd".to_vec(), b"ab".to_vec()];
    let copied = block_on(copy().try_drive_async(async |request| {
        pending_once().await;
        Ok(match request {
            Request::Read(_, to) => to.with(input.pop().unwrap_or_default()),
            Request::Write(bytes, to) => {
                output.extend(bytes);
                to.with(())
            }
            Request::Flush(_) => return Err(Oops(1)),
        })
    }));
    assert!(matches!(copied, Err(DriveError::Raised(error)) if error.is::<Oops>()));
    assert_eq!(output, b"abcd");
}

#[test]
fn one_type_of_reply_needs_no_enum() {
    struct Double(u32, ReplyTo<u32, u32>);
    let g = generator(|co: Co<'_, Double, _>| async move {
        let four = co.ask(|to| Double(2, to)).await;
        co.ask(|to| Double(four, to)).await
    });
    assert_eq!(g.drive(|Double(n, to)| to.with(2 * n)).unwrap(), 8);
}

#[test]
fn the_place_of_an_earlier_request_is_an_exception_if_the_types_differ() {
    let g = generator(|co: Co<'_, Request, _>| async move {
        let refused = co.catch(co.ask(|to| Request::Read(3, to))).await;
        assert!(refused.unwrap_err().is::<Oops>());
        co.ask(Request::Flush).await;
    });
    let mut kept = None;
    let outcome = g.try_drive(|request| match request {
        Request::Read(_, to) => {
            kept = Some(to);
            Err(Oops(1))
        }
        _ => Ok(kept.take().unwrap().with(Vec::new())),
    });
    assert!(matches!(outcome, Err(DriveError::Raised(error)) if error.is::<WrongAnswer>()));
}

#[test]
fn requests_asked_at_the_same_time_each_have_their_own() {
    let g = generator(|co: Co<'_, Request, _>| async move {
        futures::join!(
            co.ask(|to| Request::Read(1, to)),
            co.ask(Request::Flush),
            co.ask(|to| Request::Read(2, to)),
        )
    });
    let replies = g.drive(|request| match request {
        Request::Read(n, to) => to.with(vec![0; n]),
        Request::Write(_, to) | Request::Flush(to) => to.with(()),
    });
    assert_eq!(replies.unwrap(), (vec![0], (), vec![0, 0]));
}
