//! `RecursiveCo::call`: recursion, scopes across calls, what is beside a call, and dropping.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use cogen::{
    Call, Exception, Generator, NextError, RecursiveCo, State, Step, ThrowError, recursive,
};
use support::{Drops, Oops, pending_once};

#[cfg(not(miri))]
const DEEP: u32 = 1_000_000;
#[cfg(miri)]
const DEEP: u32 = 200;

/// Yields `depth`, …, 1 on the way down, and 0 at the bottom; returns the depth.
async fn descend(co: RecursiveCo<'_, u32>, depth: u32) -> u32 {
    co.yield_(depth).await;
    if depth == 0 {
        return 0;
    }
    1 + co.call(descend(co, depth - 1)).await
}

/// Goes down at once, and yields at the bottom and on the way up.
async fn ascend(co: RecursiveCo<'_, u32>, depth: u32, height: u32) {
    if depth > 0 {
        co.call(ascend(co, depth - 1, height + 1)).await;
    }
    co.yield_(depth).await;
}

#[test]
fn a_called_body_yields_and_returns_through_its_caller() {
    fn check<G: Generator<Yield = u32, Send = (), Return = u32> + Unpin>(form: &str, mut g: G) {
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
fn an_exception_goes_to_the_scope_around_the_call() {
    async fn inner(co: RecursiveCo<'_, u32>) {
        co.yield_(1).await;
        co.yield_(2).await;
    }
    async fn middle(co: RecursiveCo<'_, u32>) {
        co.call(inner(co)).await;
    }
    fn check<G: Generator<Yield = u32, Send = (), Return = i32> + Unpin>(form: &str, mut g: G) {
        assert_eq!(g.next().unwrap(), Step::Yielded(1), "{form}");
        assert_eq!(g.throw(Oops(7)).unwrap(), Step::Yielded(9), "{form}");
        assert_eq!(g.next().unwrap(), Step::Complete(7), "{form}");
    }
    in_all_forms!(
        recursive(|co: RecursiveCo<'_, u32>| async move {
            let caught = co.catch(co.call(middle(co))).await;
            co.yield_(9).await;
            caught.unwrap_err().downcast::<Oops>().unwrap().0
        }),
        check
    );
}

#[test]
fn an_exception_goes_to_the_innermost_of_scopes_at_several_levels() {
    async fn level(co: RecursiveCo<'_, u32>, depth: u32) -> i32 {
        if depth == 0 {
            co.yield_(0).await;
            return -1;
        }
        if depth % 2 == 1 {
            return co.call(level(co, depth - 1)).await;
        }
        match co.catch(co.call(level(co, depth - 1))).await {
            Ok(value) => value,
            Err(exception) => {
                co.yield_(depth).await;
                co.raise(exception).await
            }
        }
    }
    let mut g = pin!(recursive(|co| level(co, 5)));
    g.next().unwrap();
    assert_eq!(g.throw(Oops(1)).unwrap(), Step::Yielded(2));
    assert_eq!(
        g.throw(Oops(2)).unwrap(),
        Step::Yielded(4),
        "another one, from there"
    );
    let Err(NextError::Raised(exception)) = g.next() else {
        panic!()
    };
    assert_eq!(exception.downcast::<Oops>().unwrap(), Oops(2));
}

#[test]
fn a_raise_in_a_called_body_goes_to_the_scope_around_the_call() {
    async fn fail(co: RecursiveCo<'_, u32>, depth: u32) {
        if depth > 0 {
            return co.call(fail(co, depth - 1)).await;
        }
        co.raise(Oops(3)).await;
    }
    let mut g = pin!(recursive(|co: RecursiveCo<'_, u32>| async move {
        let caught = co.catch(co.call(fail(co, 3))).await;
        co.yield_(1).await;
        assert!(caught.unwrap_err().is::<Oops>());
        co.call(fail(co, 3)).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    assert!(matches!(g.next(), Err(NextError::Raised(e)) if e.is::<Oops>()));
    assert_eq!(g.state(), State::Closed);
}

#[test]
fn finally_runs_across_calls_when_it_is_closed() {
    async fn level(co: RecursiveCo<'_, u32>, depth: u32, log: Rc<RefCell<Vec<u32>>>) {
        let clean = log.clone();
        let inside = async move {
            if depth > 0 {
                co.call(level(co, depth - 1, log)).await;
            }
            co.yield_(depth).await;
        };
        co.finally(inside, async move { clean.borrow_mut().push(depth) })
            .await;
    }
    let log = Rc::<RefCell<Vec<u32>>>::default();
    let inside = log.clone();
    let mut g = recursive(|co| level(co, 3, inside)).boxed_local();
    assert_eq!(g.next().unwrap(), Step::Yielded(0));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    drop(g);
    assert_eq!(*log.borrow(), [0, 1, 2, 3]);
}

/// Pushes its number when it is dropped.
struct Logged(u32, Rc<RefCell<Vec<u32>>>);

impl Drop for Logged {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

async fn logged(co: RecursiveCo<'_, u32>, depth: u32, log: Rc<RefCell<Vec<u32>>>) {
    let _logged = Logged(depth, log.clone());
    if depth > 0 {
        co.call(logged(co, depth - 1, log)).await;
    }
    co.yield_(depth).await;
}

#[test]
fn called_bodies_are_dropped_innermost_first() {
    for end in ["close", "throw", "catch"] {
        let log = Rc::<RefCell<Vec<u32>>>::default();
        let inside = log.clone();
        let mut g = Box::pin(recursive(move |co: RecursiveCo<'_, u32>| async move {
            if end == "catch" {
                let _caught = co.catch(co.call(logged(co, 3, inside))).await;
            } else {
                co.call(logged(co, 3, inside)).await;
            }
        }));
        g.next().unwrap();
        match end {
            "close" => assert!(g.close().unwrap().is_none()),
            "throw" => assert!(g.throw(Oops(1)).is_err()),
            _ => assert_eq!(g.throw(Oops(1)).unwrap(), Step::Complete(())),
        }
        assert_eq!(*log.borrow(), [0, 1, 2, 3], "{end}");
    }
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
fn calls_in_join_are_polled_beside_each_other() {
    async fn two(co: RecursiveCo<'_, u32>, n: u32) {
        co.yield_(n).await;
        co.call(async move { co.yield_(n + 1).await }).await;
    }
    async fn two_plain(co: RecursiveCo<'_, u32>, n: u32) {
        co.yield_(n).await;
        co.yield_(n + 1).await;
    }
    let plain = |co: RecursiveCo<'static, u32>| async move {
        futures::join!(two_plain(co, 10), two_plain(co, 20));
    };
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        futures::join!(co.call(two(co, 10)), co.call(two(co, 20)));
    }));
    let mut h = Box::pin(recursive(plain));
    let expected: Vec<_> = h.iter().collect();
    assert_eq!(g.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_yield_beside_a_call_has_its_turn() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32, u32>| async move {
        let called = co.call(async move { co.yield_(1).await + co.yield_(2).await });
        futures::join!(called, co.yield_(10))
    }));
    let mut seen = Vec::new();
    let mut step = g.start().unwrap();
    let results = loop {
        match step {
            Step::Yielded(n) => {
                seen.push(n);
                step = g.send(n * 100).unwrap();
            }
            Step::Complete(results) => break results,
        }
    };
    assert_eq!(seen, [1, 10, 2]);
    assert_eq!(results, (300, 1000));
}

#[test]
fn what_a_call_waits_for_may_be_beside_it() {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let (tell, told) = futures::channel::oneshot::channel();
        let waits = co.call(async move { co.yield_(told.await.unwrap()).await });
        let tells = co.call(async move { tell.send(5).unwrap() });
        futures::join!(waits, tells);
    }));
    assert_eq!(g.iter().collect::<Vec<_>>(), [5]);
}

#[test]
fn what_is_awaited_beside_a_call_is_not_forgotten() {
    async fn forever(co: RecursiveCo<'_, u32>) {
        for n in 0.. {
            co.yield_(n).await;
        }
    }
    let ready = Rc::new(Cell::new(false));
    let waker = Rc::new(RefCell::new(None::<Waker>));
    let (is_ready, keep) = (ready.clone(), waker.clone());
    let mut g = Box::pin(recursive(move |co: RecursiveCo<'static, u32>| async move {
        let signal = poll_fn(move |cx| {
            *keep.borrow_mut() = Some(cx.waker().clone());
            if is_ready.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        futures::future::select(pin!(co.call(forever(co))), pin!(signal)).await;
    }));
    futures::executor::block_on(async {
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(0));
        ready.set(true);
        for _ in 0..200 {
            if g.anext().await.unwrap() == Step::Complete(()) {
                return;
            }
        }
        panic!("the signal was not seen");
    });
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
fn a_call_under_a_foreign_waker_is_polled_there() {
    use futures::stream::{FuturesUnordered, StreamExt};
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut calls: FuturesUnordered<_> = (0..3).map(|n| co.call(descend(co, n))).collect();
        let mut sum = 0;
        while let Some(depth) = calls.next().await {
            sum += depth;
        }
        sum
    }));
    let mut seen: Vec<_> = g.iter().collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 0, 0, 1, 1, 2]);
    assert_eq!(g.take_return().unwrap().unwrap(), 3);
}

#[test]
fn a_call_that_is_dropped_is_gone() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut call = Box::pin(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
        }));
        let polled = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await;
        assert!(polled.is_pending());
        drop(call);
        co.yield_(2).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(2), "it had not begun");
    assert_eq!(drops.count(), 1);
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

#[test]
fn a_call_may_be_taken_out_of_its_body() {
    type Stolen = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>>;
    let drops = Drops::default();
    let stolen = Stolen::default();
    let (guard, steal) = (drops.guard(), stolen.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        *steal.borrow_mut() = Some(Box::pin(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
            co.yield_(2).await;
        })));
        poll_fn(|cx| match &mut *steal.borrow_mut() {
            Some(call) => call.as_mut().poll(cx),
            None => Poll::Ready(()),
        })
        .await;
        co.yield_(3).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    stolen.take();
    assert_eq!(drops.count(), 1);
    assert_eq!(g.next().unwrap(), Step::Yielded(3));
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

#[test]
fn a_call_may_outlive_its_generator() {
    let drops = Drops::default();
    let stolen = Rc::new(RefCell::new(None::<Call<'static, u32, (), _>>));
    let (guard, steal) = (drops.guard(), stolen.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        *steal.borrow_mut() = Some(co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
        }));
        poll_fn(|cx| match &mut *steal.borrow_mut() {
            Some(call) => Pin::new(call).poll(cx),
            None => Poll::Ready(()),
        })
        .await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    drop(g);
    stolen.take();
    assert_eq!(drops.count(), 1);
}

#[test]
#[cfg_attr(miri, ignore = "leaks on purpose")]
fn a_body_that_is_not_send_is_not_polled_on_another_thread() {
    let polled = poll_once_and_forget();
    assert_eq!(polled, 2);
}

/// The frame is `Send`: what it has called is not part of its body any more.
fn poll_once_and_forget() -> u32 {
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let mut first = true;
        poll_fn(move |cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            let here = std::thread::current().id();
            let local = Rc::new(());
            let mut call = Box::pin(co.call(async move {
                co.yield_(1).await;
                drop(local);
                assert_eq!(std::thread::current().id(), here, "not Send");
                co.yield_(99).await;
            }));
            let polled = call.as_mut().poll(cx);
            std::mem::forget(call);
            polled
        })
        .await;
        co.yield_(2).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    std::thread::spawn(move || match g.next().unwrap() {
        Step::Yielded(n) => n,
        Step::Complete(()) => 0,
    })
    .join()
    .unwrap()
}

#[test]
fn a_panic_in_a_called_body_closes_the_generator() {
    async fn fail(co: RecursiveCo<'_, u32>, depth: u32, drops: Drops) {
        let _guard = drops.guard();
        if depth > 0 {
            return co.call(fail(co, depth - 1, drops)).await;
        }
        co.yield_(1).await;
        panic!("broken");
    }
    let drops = Drops::default();
    let inside = drops.clone();
    let mut g = Box::pin(recursive(|co| fail(co, 3, inside)));
    g.next().unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| g.next().is_ok())).is_err());
    assert_eq!(g.state(), State::Closed);
    assert!(matches!(g.next(), Err(NextError::Finished)));
    drop(g);
    assert_eq!(drops.count(), 4);
}

#[test]
fn a_call_of_another_generator_panics() {
    let stray = RefCell::new(None);
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| {
        *stray.borrow_mut() = Some(co);
        async move { co.yield_(1).await }
    }));
    g.next().unwrap();
    let outer = stray.borrow_mut().take().unwrap();
    let mut h = Box::pin(recursive(|_: RecursiveCo<'static, u32>| async move {
        outer.call(async {}).await;
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| h.next().is_ok())).is_err());
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
        let stepped = g.as_mut().poll_resume(Some(cx));
        assert_eq!(stepped.unwrap(), Step::Yielded(n));
    }
}

#[test]
fn exceptions_pass_many_levels() {
    async fn level(co: RecursiveCo<'_, u32>, depth: u32) {
        if depth > 0 {
            return co.call(level(co, depth - 1)).await;
        }
        co.yield_(0).await;
    }
    let mut g = pin!(recursive(|co: RecursiveCo<'_, u32>| async move {
        let mut caught = 0;
        loop {
            if co.catch(co.call(level(co, 50))).await.is_ok() {
                return caught;
            }
            caught += 1;
        }
    }));
    g.next().unwrap();
    for _ in 0..3 {
        assert_eq!(g.throw(Exception::new("again")).unwrap(), Step::Yielded(0));
    }
    assert_eq!(g.next().unwrap(), Step::Complete(3));
}
