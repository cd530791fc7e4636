//! Calls and generators that live on different threads.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::task::Poll;
use std::thread;

use cogen::{Generator, RecursiveCo, Step, recursive};

#[derive(Clone, Default)]
struct Drops(Arc<AtomicUsize>);

impl Drops {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

struct Guard(Drops);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

type Parked<T> = Arc<Mutex<Option<Pin<Box<dyn Future<Output = T> + Send>>>>>;

/// Parks `call`, and polls it where it is parked until it is gone.
async fn poll_parked<T>(
    parked: &Parked<T>,
    call: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    *parked.lock().unwrap() = Some(Box::pin(call));
    poll_fn(|cx| {
        // The lock is not held during the poll, as the body may take the call.
        let Some(mut call) = parked.lock().unwrap().take() else {
            return Poll::Ready(None);
        };
        let polled = call.as_mut().poll(cx);
        *parked.lock().unwrap() = Some(call);
        polled.map(Some)
    })
    .await
}

fn drop_elsewhere<T: 'static>(parked: &Parked<T>) {
    let parked = parked.clone();
    thread::spawn(move || {
        let call = parked.lock().unwrap().take();
        assert!(call.is_some());
        drop(call);
    })
    .join()
    .unwrap();
}

/// A generator at the first yield of a body that it has called. The call is parked.
fn in_a_parked_call(
    drops: &Drops,
    parked: &Parked<()>,
) -> Pin<Box<impl Generator<Yield = u32, Resume = (), Return = ()> + use<>>> {
    let (guard, park) = (Guard(drops.clone()), parked.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let call = co.call(async move {
            let _guard = guard;
            co.yield_(1).await;
            co.yield_(99).await;
        });
        assert_eq!(poll_parked(&park, call).await, None);
        co.yield_(2).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    g
}

#[test]
fn the_body_of_a_call_that_was_dropped_elsewhere_is_dropped_in_the_next_resume() {
    let (drops, parked) = (Drops::default(), Parked::default());
    let mut g = in_a_parked_call(&drops, &parked);
    drop_elsewhere(&parked);
    assert_eq!(g.next().unwrap(), Step::Yielded(2));
    assert_eq!(drops.count(), 1);
    assert_eq!(g.next().unwrap(), Step::Complete(()));
}

#[test]
fn the_body_of_a_call_that_was_dropped_elsewhere_is_dropped_with_the_generator() {
    let (drops, parked) = (Drops::default(), Parked::default());
    let g = in_a_parked_call(&drops, &parked);
    drop_elsewhere(&parked);
    drop(g);
    assert_eq!(drops.count(), 1);
}

#[test]
fn a_body_may_have_its_own_call_dropped_elsewhere() {
    for ends in [false, true] {
        let (drops, parked) = (Drops::default(), Parked::default());
        let (guards, park) = ([(); 2].map(|()| Guard(drops.clone())), parked.clone());
        let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
            let (seen, own) = (drops.clone(), park.clone());
            let call = co.call(async move {
                let [local, output] = guards;
                co.yield_(1).await;
                drop_elsewhere(&own);
                assert_eq!(seen.count(), 0, "it is being polled");
                if !ends {
                    co.yield_(99).await;
                }
                drop(local);
                output
            });
            assert!(poll_parked(&park, call).await.is_none());
            assert_eq!(drops.count(), 2);
            co.yield_(2).await;
        }));
        assert_eq!(g.next().unwrap(), Step::Yielded(1));
        if !ends {
            // A value that it gave before it was dropped still comes out.
            assert_eq!(g.next().unwrap(), Step::Yielded(99));
        }
        assert_eq!(g.next().unwrap(), Step::Yielded(2));
        assert_eq!(g.next().unwrap(), Step::Complete(()));
    }
}

#[test]
fn a_call_may_be_dropped_elsewhere_at_any_time() {
    for _ in 0..if cfg!(miri) { 8 } else { 500 } {
        let (drops, parked) = (Drops::default(), Parked::default());
        let (guard, park) = (Guard(drops.clone()), parked.clone());
        let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
            let call = co.call(async move {
                let guard = guard;
                for n in 0..3 {
                    co.yield_(n).await;
                }
                guard
            });
            drop(poll_parked(&park, call).await);
        }));
        let start = Arc::new(Barrier::new(2));
        assert_eq!(g.next().unwrap(), Step::Yielded(0));
        let other = {
            let (start, parked) = (start.clone(), parked.clone());
            thread::spawn(move || {
                start.wait();
                drop(parked.lock().unwrap().take());
            })
        };
        start.wait();
        while let Step::Yielded(_) = g.next().unwrap() {}
        drop(g);
        other.join().unwrap();
        drop(parked.lock().unwrap().take());
        assert_eq!(drops.count(), 1);
    }
}

#[test]
fn a_generator_goes_on_on_other_threads_with_what_it_has_called() {
    async fn down(co: RecursiveCo<'static, u32>, depth: u32, drops: Drops) {
        let _guard = Guard(drops.clone());
        co.yield_(depth).await;
        if depth > 0 {
            co.call(down(co, depth - 1, drops)).await;
        }
        co.yield_(10 + depth).await;
    }
    let drops = Drops::default();
    let mut g = Box::pin(recursive(|co| down(co, 3, drops.clone())));
    let mut seen = Vec::new();
    loop {
        let here = g.next().unwrap();
        let (there, back) = thread::spawn(move || (g.next().unwrap(), g))
            .join()
            .unwrap();
        g = back;
        for step in [here, there] {
            if let Step::Yielded(n) = step {
                seen.push(n);
            }
        }
        if there == Step::Complete(()) {
            break;
        }
        if seen.len() == 6 {
            // The generator is left half way, on yet another thread.
            thread::spawn(move || drop(g)).join().unwrap();
            break;
        }
    }
    assert_eq!(seen, [3, 2, 1, 0, 10, 11]);
    assert_eq!(drops.count(), 4);
}

thread_local! {
    static STOLEN: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(None) };
}

/// The called body is not `Send`, but the generator is, because the call has been taken out of it.
#[test]
fn a_call_that_stays_behind_is_its_threads_alone() {
    for _ in 0..if cfg!(miri) { 8 } else { 500 } {
        let drops = Drops::default();
        let mut guard = Some(Guard(drops.clone()));
        let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
            poll_fn(move |cx| {
                let Some(guard) = guard.take() else {
                    return Poll::Ready(());
                };
                let local = Rc::new(guard);
                let mut call = Box::pin(co.call(async move {
                    co.yield_(1).await;
                    drop(local);
                }));
                let polled = call.as_mut().poll(cx);
                STOLEN.set(Some(call));
                polled
            })
            .await;
        }));
        assert_eq!(g.next().unwrap(), Step::Yielded(1));
        let start = Arc::new(Barrier::new(2));
        let other = {
            let start = start.clone();
            thread::spawn(move || {
                start.wait();
                assert_eq!(g.next().unwrap(), Step::Complete(()));
            })
        };
        start.wait();
        STOLEN.take();
        other.join().unwrap();
        assert_eq!(drops.count(), 1);
    }
}

struct Hostile;

impl Drop for Hostile {
    fn drop(&mut self) {
        panic!("hostile");
    }
}

#[test]
fn a_destructor_that_panics_in_a_body_left_to_the_generator_ends_that() {
    let (drops, parked) = (Drops::default(), Parked::default());
    let (guard, park) = (Guard(drops.clone()), parked.clone());
    let mut g = Box::pin(recursive(|co: RecursiveCo<'static, u32>| async move {
        let call = co.call(async move {
            let _guard = guard;
            let _hostile = Hostile;
            co.yield_(1).await;
        });
        poll_parked(&park, call).await;
    }));
    assert_eq!(g.next().unwrap(), Step::Yielded(1));
    drop_elsewhere(&parked);
    assert!(catch_unwind(AssertUnwindSafe(|| g.next().is_ok())).is_err());
    assert_eq!(drops.count(), 1);
    assert!(g.next().is_err());
}
