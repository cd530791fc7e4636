//! `tee`: two generators of one.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use cogen::adapt::Tee;
use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExt, LocalBoxGen, NextError, State, Step, from_iter,
    generator,
};
use futures::executor::block_on;
use futures::{StreamExt, join};

use super::count;

#[derive(Debug, thiserror::Error)]
#[error("broken")]
struct Broken;

#[test]
fn each_side_yields_all_at_its_own_pace() {
    let (mut left, right) = count(4).tee();
    assert_eq!(left.iter().take(3).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(right.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(left.iter().collect::<Vec<_>>(), [4]);
    assert_eq!(left.state(), State::Closed);
    assert_eq!(
        left.generator().unwrap().take_return().unwrap().unwrap(),
        10
    );
}

#[test]
fn both_sides_raise_what_the_body_raises() {
    let (left, right) = generator(|co| async move {
        co.yield_(1).await;
        co.raise(Broken).await
    })
    .boxed()
    .tee();
    for mut side in [left, right] {
        assert_eq!(side.next().unwrap(), Step::<_, ()>::Yielded(1));
        let Err(NextError::Raised(error)) = side.next() else {
            panic!()
        };
        assert!(error.is::<Broken>());
        assert!(matches!(side.next(), Err(NextError::Finished)));
    }
}

#[test]
fn a_side_that_is_gone_keeps_nothing_and_both_close_the_generator() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let logged = log.clone();
    let item = Rc::new(());
    let given = item.clone();
    let (mut left, mut right) = generator(move |co| async move {
        let endless = async {
            loop {
                co.yield_(given.clone()).await;
            }
        };
        co.finally(endless, async { logged.borrow_mut().push("closed") })
            .await
    })
    .boxed_local()
    .tee();
    left.iter().take(5).for_each(drop);
    assert_eq!(Rc::strong_count(&item), 2 + 5);
    let thrown = right.throw(Exception::new("enough")).unwrap_err();
    assert_eq!(thrown.to_string(), "enough");
    assert_eq!(Rc::strong_count(&item), 2);
    left.iter().take(5).for_each(drop);
    assert_eq!(Rc::strong_count(&item), 2);
    assert!(log.borrow().is_empty());
    assert!(matches!(right.next(), Err(NextError::Finished)));
    drop(left);
    assert!(log.borrow().is_empty());
    drop(right);
    assert_eq!(log.take(), ["closed"]);
}

/// It cannot empty its queue then: the other one does.
#[test]
fn a_side_that_goes_while_the_other_is_running_keeps_nothing() {
    type Inside = Rc<RefCell<Option<Tee<LocalBoxGen<'static, Rc<()>>>>>>;
    let inside: Inside = Rc::default();
    let own = inside.clone();
    let item = Rc::new(());
    let given = item.clone();
    let (mut left, right) = generator(move |co| async move {
        for n in 0.. {
            if n == 3 {
                let mut other = own.borrow_mut();
                other.as_mut().unwrap().close().unwrap();
            }
            co.yield_(given.clone()).await;
        }
    })
    .boxed_local()
    .tee();
    *inside.borrow_mut() = Some(right);
    left.iter().take(3).for_each(drop);
    assert_eq!(Rc::strong_count(&item), 2 + 3);
    left.iter().take(10).for_each(drop);
    assert_eq!(Rc::strong_count(&item), 2);
    drop(inside.take());
}

#[test]
fn a_side_inside_the_body_is_running() {
    type Inside = Rc<RefCell<Option<Tee<LocalBoxGen<'static, u32>>>>>;
    let inside: Inside = Rc::default();
    let own = inside.clone();
    let (mut left, right) = generator(move |co| async move {
        let mut me = own.take().unwrap();
        assert!(matches!(me.next(), Err(NextError::Running)));
        drop(me);
        for n in 1..=3 {
            co.yield_(n).await;
        }
    })
    .boxed_local()
    .tee();
    *inside.borrow_mut() = Some(right);
    assert_eq!(left.iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn the_sides_go_to_different_threads() {
    let (left, right) = count(1000).tee();
    let sums = [left, right].map(|mut side| {
        thread::spawn(move || {
            let mut sum = 0;
            loop {
                match side.next() {
                    Ok(Step::Yielded(n)) => sum += n,
                    Ok(Step::Complete(())) => return sum,
                    Err(NextError::Running) => thread::yield_now(),
                    Err(error) => panic!("{error}"),
                }
            }
        })
    });
    assert_eq!(sums.map(|sum| sum.join().unwrap()), [500_500; 2]);
}

#[test]
fn the_sides_are_streams_of_different_tasks() {
    let (left, right) = generator(|co: Co<'_, u32>| async move {
        for n in 0..10 {
            let mut polled = false;
            std::future::poll_fn(|cx| {
                cx.waker().wake_by_ref();
                if std::mem::replace(&mut polled, true) {
                    std::task::Poll::Ready(())
                } else {
                    std::task::Poll::Pending
                }
            })
            .await;
            co.yield_(n).await;
        }
    })
    .boxed()
    .tee();
    let both = async {
        join!(
            left.into_stream().collect::<Vec<_>>(),
            right.into_stream().collect::<Vec<_>>()
        )
    };
    let (left, right) = block_on(both);
    assert_eq!(left, (0..10).collect::<Vec<_>>());
    assert_eq!(left, right);
}

#[test]
fn a_clone_that_panics_reaches_the_side_that_asked() {
    #[derive(Debug)]
    struct Item<'a>(u32, &'a Cell<u32>);
    impl Clone for Item<'_> {
        fn clone(&self) -> Self {
            self.1.set(self.1.get() + 1);
            assert!(self.0 != 2, "two");
            Self(self.0, self.1)
        }
    }
    let clones = Cell::new(0);
    let (mut left, right) = from_iter((1..=3).map(|n| Item(n, &clones))).tee();
    assert_eq!(left.iter().next().unwrap().0, 1);
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| left.iter().next()));
    caught.unwrap_err();
    assert_eq!(left.iter().next().unwrap().0, 3);
    assert_eq!(
        right.into_iter().map(|item| item.0).collect::<Vec<_>>(),
        [1, 3]
    );
    assert_eq!(clones.get(), 3);
}

#[test]
fn a_body_delegates_to_a_side() {
    static CLOSED: AtomicUsize = AtomicUsize::new(0);
    let (left, right) = count(3).tee();
    let mut outer: BoxGen<'_, u32> = generator(|co| async move {
        co.yield_from(left).await;
        CLOSED.fetch_add(1, SeqCst);
        co.yield_from(right).await;
    })
    .boxed();
    assert_eq!(outer.iter().collect::<Vec<_>>(), [1, 2, 3, 1, 2, 3]);
    assert_eq!(CLOSED.load(SeqCst), 1);
    let pinned = pin!(generator(|co| async move { co.yield_(1).await }));
    let (one, other) = pinned.tee();
    assert!(one.into_iter().eq(other));
}
