//! Depth: values, replies, futures; a million levels.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cogen::{Co, Generator, NextError, RecursiveCo, Step, ThrowError, generator, recursive};

use crate::support::{Oops, pending_once};
use crate::{DEEP, ascend, descend, in_all_forms};

#[test]
fn a_called_body_yields_and_returns_through_its_caller() {
    fn check<G: Generator<Yield = u32, Resume = (), Return = u32> + Unpin>(form: &str, mut g: G) {
        let seen: Vec<_> = g.iter().collect();
        assert_eq!(seen, [3, 2, 1, 0], "{form}");
        assert_eq!(g.take_return().unwrap().unwrap(), 3, "{form}");
    }
    in_all_forms!(recursive(|co| descend(co, 3)), check);
}

#[test]
fn what_is_sent_goes_to_the_body_that_runs() {
    async fn sum(co: RecursiveCo<'_, u32, u32>, depth: u32) -> u32 {
        let sent = co.yield_(depth).await;
        if depth == 0 {
            return sent;
        }
        sent + co.call(sum(co, depth - 1)).await
    }
    let mut g = pin!(recursive(|co| sum(co, 2)));
    assert_eq!(g.start().unwrap(), Step::Yielded(2));
    assert_eq!(g.send(1).unwrap(), Step::Yielded(1));
    assert_eq!(g.send(10).unwrap(), Step::Yielded(0));
    assert_eq!(g.send(100).unwrap(), Step::Complete(111));
}

#[test]
fn a_million_levels_down_and_up() {
    let mut g = pin!(recursive(|co| descend(co, DEEP)));
    let seen = g.iter().fold(0, |count, _| count + 1);
    assert_eq!(seen, DEEP + 1);
    assert_eq!(g.take_return().unwrap().unwrap(), DEEP);
    let mut g = recursive(|co| ascend(co, DEEP, 0)).boxed();
    assert!(g.iter().eq(0..=DEEP));
}

#[test]
fn a_million_levels_are_dropped() {
    let mut g = Box::pin(recursive(|co| ascend(co, DEEP, 0)));
    g.next().unwrap();
    drop(g);
    let mut g = recursive(|co| ascend(co, DEEP, 0)).boxed();
    g.next().unwrap();
    assert_eq!(g.close().unwrap(), None);
    let mut g = recursive(|co| ascend(co, DEEP, 0)).boxed();
    g.next().unwrap();
    assert!(matches!(g.throw(Oops(1)), Err(ThrowError::Raised(_))));
}

#[test]
fn a_million_levels_are_dropped_on_another_thread() {
    let mut g = Box::pin(recursive(|co| ascend(co, DEEP, 0)));
    g.next().unwrap();
    std::thread::spawn(move || drop(g)).join().unwrap();
}

#[test]
fn a_million_levels_move_to_another_thread() {
    let mut g = recursive(|co| ascend(co, DEEP, 0)).boxed();
    assert_eq!(g.next().unwrap(), Step::Yielded(0));
    let count = std::thread::spawn(move || g.iter().fold(0, |count, _| count + 1));
    assert_eq!(count.join().unwrap(), DEEP);
}

#[test]
fn it_is_driven_by_hand_with_the_context_of_a_generator_around_it() {
    let mut outer = pin!(generator(|co: Co<'_, u32>| async move {
        let mut g = Box::pin(recursive(|co| descend(co, 2)));
        for _ in 0..3 {
            let stepped = poll_fn(|cx| Poll::Ready(g.as_mut().resume_next(Some(cx)))).await;
            let Step::Yielded(n) = stepped.unwrap() else {
                panic!()
            };
            co.yield_(n).await;
        }
    }));
    assert_eq!(outer.iter().collect::<Vec<_>>(), [2, 1, 0]);
}

#[test]
fn a_borrowed_tree_is_walked() {
    struct Tree(u32, Vec<Tree>);
    async fn walk<'t>(co: RecursiveCo<'t, &'t Tree>, tree: &'t Tree) {
        co.yield_(tree).await;
        for child in &tree.1 {
            co.call(walk(co, child)).await;
        }
    }
    let leaf = |n| Tree(n, vec![]);
    let tree = Tree(1, vec![Tree(2, vec![leaf(3), leaf(4)]), leaf(5)]);
    let mut g = pin!(recursive(|co| walk(co, &tree)));
    let seen: Vec<_> = g.iter().map(|tree| tree.0).collect();
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[test]
fn calls_await_foreign_futures_in_async_drives() {
    async fn level(co: RecursiveCo<'_, u32>, depth: u32) {
        pending_once().await;
        co.yield_(depth).await;
        if depth > 0 {
            co.call(level(co, depth - 1)).await;
        }
        pending_once().await;
    }
    let mut g = Box::pin(recursive(|co| level(co, 5)));
    futures::executor::block_on(async {
        for n in (0..=5).rev() {
            assert_eq!(g.anext().await.unwrap(), Step::Yielded(n));
        }
        assert_eq!(g.anext().await.unwrap(), Step::Complete(()));
    });
    let mut g = Box::pin(recursive(|co| level(co, 5)));
    assert!(matches!(g.next(), Err(NextError::Pending)));
    assert_eq!(g.next().unwrap(), Step::Yielded(5), "it goes on");
}

#[test]
fn a_called_body_may_delegate() {
    async fn level(co: RecursiveCo<'_, u32>, depth: u32) {
        co.yield_all([depth, depth + 100]).await;
        if depth > 0 {
            co.call(level(co, depth - 1)).await;
        }
    }
    let mut g = pin!(recursive(|co: RecursiveCo<'_, u32>| async move {
        let sub = Box::pin(recursive(|co| level(co, 1)));
        co.call(async move { co.yield_from(sub).await }).await;
    }));
    assert_eq!(g.iter().collect::<Vec<_>>(), [1, 101, 0, 100]);
}

#[test]
fn a_call_is_polled_with_a_clone_of_nobodys_waker_by_hand() {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut g = Box::pin(recursive(|co| descend(co, 2)));
    for n in [2, 1, 0] {
        let stepped = g.as_mut().resume_next(Some(cx));
        assert_eq!(stepped.unwrap(), Step::Yielded(n));
    }
}
