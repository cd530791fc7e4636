//! Exceptions that are thrown or raised across calls, and panics.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;

use cogen::{Exception, Generator, NextError, RecursiveCo, State, Step, recursive};

use crate::in_all_forms;
use crate::support::{Drops, Oops};

#[test]
fn an_exception_goes_to_the_scope_around_the_call() {
    async fn inner(co: RecursiveCo<'_, u32>) {
        co.yield_(1).await;
        co.yield_(2).await;
    }
    async fn middle(co: RecursiveCo<'_, u32>) {
        co.call(inner(co)).await;
    }
    fn check<G: Generator<Yield = u32, Resume = (), Return = i32> + Unpin>(form: &str, mut g: G) {
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

/// Pushes its number when dropped.
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
