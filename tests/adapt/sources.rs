//! `from_iter` and `from_stream`.

use cogen::{
    BoxGen, Co, Generator, GeneratorExt, NextError, Step, from_iter, from_stream, generator,
};
use futures::StreamExt;
use futures::executor::block_on;

use crate::in_all_forms;
use crate::support::{Drops, Oops, pending_once};

#[test]
fn an_iterator_is_a_generator() {
    fn check<G: Generator<Yield = u8, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        assert_eq!(g.next().unwrap(), Step::Yielded(1), "{form}");
        assert_eq!(g.iter().collect::<Vec<_>>(), [2, 3], "{form}");
        assert!(matches!(g.next(), Err(NextError::Finished)), "{form}");
    }
    in_all_forms!(from_iter([1, 2, 3]), check);
}

#[test]
fn a_throw_drops_the_iterator_and_comes_back() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = from_iter((0..3).inspect(move |_| _ = &guard)).boxed_local();
    g.next().unwrap();
    assert_eq!(g.throw(Oops(1)).unwrap_err().to_string(), "oops 1");
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_stream_is_an_async_generator_and_back() {
    let stream = futures::stream::iter(1..=3).then(|n| async move {
        pending_once().await;
        n
    });
    let g: BoxGen<'_, i32> = from_stream(stream).boxed();
    assert_eq!(block_on(g.into_stream().collect::<Vec<_>>()), [1, 2, 3]);
}

#[test]
fn a_stream_that_is_not_ready_is_pending_for_sync_calls() {
    let mut g = Box::pin(from_stream(futures::stream::pending::<u8>()));
    assert!(matches!(g.next(), Err(NextError::Pending)));
}

/// What never awaits says so where it is to go on, and that it has finished only when it has.
#[test]
fn a_generator_that_awaits_nothing_says_so() {
    fn check(form: &str, mut g: impl Generator<Yield = u32, Resume = ()> + Unpin) {
        for _ in 0..2 {
            assert!(
                matches!(g.try_continue(), Err(NextError::NotAwaiting)),
                "{form}"
            );
            assert!(matches!(g.next(), Ok(Step::Yielded(_))), "{form}");
        }
        assert!(
            matches!(g.try_continue(), Err(NextError::NotAwaiting)),
            "{form}"
        );
        assert!(matches!(g.next(), Ok(Step::Complete(_))), "{form}");
        assert!(
            matches!(g.try_continue(), Err(NextError::Finished)),
            "{form}"
        );
    }

    let body = |co: Co<'static, u32>| async move { co.yield_all([1, 2]).await };
    check("an iterator", from_iter([1, 2]));
    check("an iterator in a box", from_iter([1, 2]).boxed());
    check("a body", Box::pin(generator(body)));
    check("a body in a box", generator(body).boxed());
    check("a side of a tee", from_iter([1, 2]).tee().0);
    #[cfg(feature = "genawaiter")]
    check(
        "a coroutine",
        cogen::from_coroutine(::genawaiter::rc::Gen::new(|co| async move {
            co.yield_(1).await;
            co.yield_(2).await;
        })),
    );
}
