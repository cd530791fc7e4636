//! `into_stream` and `into_try_stream`.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use cogen::{Co, Exception, Generator, GeneratorExt, generator};
use futures::executor::block_on;
use futures::stream::{FusedStream, StreamExt, TryStreamExt};
use futures::{FutureExt, Stream};

use crate::in_all_forms;
use crate::poll_once;
use crate::support::{Oops, pending_once};

#[test]
fn a_stream_gives_what_is_yielded_and_the_generator_keeps_what_is_returned() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = &'static str> + Unpin>(
        form: &str,
        mut g: G,
    ) {
        let items = block_on((&mut g).into_stream().collect::<Vec<_>>());
        assert_eq!(items, [1, 2, 3], "{form}");
        assert_eq!(g.take_return().unwrap().unwrap(), "done", "{form}");
    }
    in_all_forms!(
        generator(|co| async move {
            for n in 1..=3 {
                pending_once().await;
                co.yield_(n).await;
            }
            "done"
        }),
        check
    );
}

/// gen-iter #7: its iterators are not fused. genawaiter: its streams panic after the end.
#[test]
fn a_stream_is_fused() {
    let mut stream = pin!(generator(|co| async move { co.yield_(1).await }).into_stream());
    assert_eq!(stream.size_hint(), (0, None));
    assert!(!stream.is_terminated());
    assert_eq!(stream.next().now_or_never(), Some(Some(1)));
    for _ in 0..3 {
        assert_eq!(stream.next().now_or_never(), Some(None));
        assert!(stream.is_terminated());
        assert_eq!(stream.size_hint(), (0, Some(0)));
    }
}

#[test]
fn a_raise_panics_in_the_stream_and_is_kept() {
    let g = generator(|co: Co<'_, i32>| async move {
        co.yield_(1).await;
        co.raise(Oops(2)).await;
    });
    let mut stream = Box::pin(g).into_stream();
    assert_eq!(stream.next().now_or_never(), Some(Some(1)));
    let raised = catch_unwind(AssertUnwindSafe(|| stream.next().now_or_never()));
    assert!(raised.is_err());
    assert_eq!(stream.next().now_or_never(), Some(None));
    let kept: Result<(), Exception> = stream.get_mut().take_return().unwrap();
    assert!(kept.unwrap_err().is::<Oops>());
}

#[test]
fn a_dropped_next_loses_nothing() {
    let mut stream = pin!(
        generator(|co| async move {
            for n in 0..3 {
                pending_once().await;
                co.yield_(n).await;
            }
        })
        .into_stream()
    );
    for n in 0..3 {
        assert!(poll_once(pin!(stream.next())).is_pending(), "and dropped");
        assert_eq!(stream.next().now_or_never(), Some(Some(n)));
    }
    assert_eq!(stream.next().now_or_never(), Some(None));
}

#[test]
fn a_started_generator_gives_the_rest() {
    let mut g = Box::pin(generator(|co| async move { co.yield_all([1, 2, 3]).await }));
    g.next().unwrap();
    assert_eq!(block_on(g.into_stream().collect::<Vec<_>>()), [2, 3]);
}

#[test]
fn a_stream_can_be_taken_apart() {
    let mut stream =
        Box::pin(generator(|co| async move { co.yield_all([1, 2]).await })).into_stream();
    assert_eq!(stream.next().now_or_never(), Some(Some(1)));
    assert_eq!(stream.get_ref().state(), cogen::State::Suspended);
    let mut g = stream.into_inner();
    assert_eq!(g.iter().collect::<Vec<_>>(), [2]);
}

/// datafusion #23530, #23407: `?` in the body, and helper functions that yield.
#[test]
fn a_body_with_the_question_mark_is_a_stream_of_results() {
    async fn batch(co: &Co<'_, i32>, text: &str) -> Result<(), std::num::ParseIntError> {
        for word in text.split(' ') {
            co.yield_(word.parse()?).await;
        }
        Ok(())
    }
    fn parse(texts: &'static [&'static str]) -> impl Stream<Item = Result<i32, Exception>> + Send {
        generator(move |co| async move {
            for text in texts {
                batch(&co, text).await?;
            }
            Ok(())
        })
        .into_try_stream()
    }
    let numbers = block_on(parse(&["1 2", "3"]).try_collect::<Vec<_>>());
    assert_eq!(numbers.unwrap(), [1, 2, 3]);
    let mut broken = pin!(parse(&["1 x", "3"]));
    assert_eq!(broken.next().now_or_never().unwrap().unwrap().unwrap(), 1);
    let error = broken.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert!(error.is::<std::num::ParseIntError>());
    for _ in 0..2 {
        assert!(broken.next().now_or_never().unwrap().is_none());
        assert_eq!(broken.size_hint(), (0, Some(0)));
    }
}

#[test]
fn a_raise_is_the_last_item_of_a_stream_of_results() {
    let g = generator(|co: Co<'_, i32>| async move {
        co.yield_(1).await;
        co.raise(Oops(2)).await
    });
    let mut stream = pin!(g.into_try_stream_with(io::Error::other));
    assert_eq!(stream.next().now_or_never().unwrap().unwrap().unwrap(), 1);
    let error = stream.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "oops 2");
    assert!(stream.next().now_or_never().unwrap().is_none());
}
