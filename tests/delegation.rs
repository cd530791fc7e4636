//! Delegation and shared handles, in cases without a conformance test: futures, streams, errors.

mod support;

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};

use cogen::{
    BoxGen, CloseError, Closing, Co, Generator, NextError, SendError, Shared, StartError, State,
    Step, ThrowError, WeakShared, from_iter, generator,
};
use support::{Oops, adder, pending_once};

fn count(to: u32) -> BoxGen<'static, u32> {
    generator(move |co| async move { co.yield_all(1..=to).await }).boxed()
}

#[test]
fn every_form_can_be_delegated_to() {
    let mut outer = pin!(generator(|co: Co<'_, i32, i32>| async move {
        let mut sum = co.yield_from(adder()).await;
        sum += co.yield_from(pin!(adder())).await;
        sum += co.yield_from(Box::pin(adder())).await;
        sum += co.yield_from(adder().boxed()).await;
        sum += co.yield_from(&mut adder().boxed_local()).await;
        sum += co.yield_from(adder().shared()).await;
        let closing: Closing<_> = Box::pin(adder()).closing();
        sum + co.yield_from(closing).await
    }));
    outer.start().unwrap();
    let mut step = Step::Yielded(0);
    for _ in 0..7 * 3 {
        step = outer.send(1).unwrap();
    }
    assert_eq!(step, Step::Complete(7 * 3));
}

#[test]
fn a_started_generator_goes_on() {
    let mut outer = pin!(generator(|co: Co<'_, u32>| async move {
        for taken in 1..=3 {
            let mut sub = count(3);
            for _ in 0..taken {
                sub.next().unwrap();
            }
            co.yield_from(&mut sub).await;
            assert_eq!(sub.state(), State::Closed);
        }
        let mut shared = count(2).shared();
        shared.next().unwrap();
        co.yield_from(shared).await;
        let mut items = from_iter([7, 8, 9]);
        items.next().unwrap();
        co.yield_from(items.boxed()).await;
    }));
    assert_eq!(outer.iter().collect::<Vec<_>>(), [2, 3, 3, 2, 8, 9]);
}

#[test]
fn a_generator_that_awaits_goes_on() {
    let waits = || {
        generator(|co: Co<'_, u32, u32>| async move {
            pending_once().await;
            co.yield_(1).await
        })
        .boxed()
    };
    let mut outer = pin!(generator(|co: Co<'_, u32, u32>| async move {
        let mut sub = waits();
        assert!(matches!(sub.start(), Err(StartError::Pending)));
        co.yield_from(sub).await
    }));
    assert_eq!(outer.start().unwrap(), Step::Yielded(1));
    assert_eq!(outer.send(5).unwrap(), Step::Complete(5));
}

/// CPython gives `None`.
#[test]
fn a_finished_generator_gives_what_it_returned_at_once() {
    let lengths = || {
        generator(|co: Co<'_, u32>| async move {
            co.yield_(1).await;
            "end".to_owned()
        })
        .boxed()
    };
    let mut outer = pin!(generator(|co: Co<'_, u32>| async move {
        let mut looped = lengths();
        looped.iter().for_each(drop);
        assert_eq!(co.yield_from(&mut looped).await, "end");
        // It was given once.
        let again = co
            .catch_as::<StartError, _>(co.yield_from(&mut looped))
            .await;
        assert!(matches!(again, Err(StartError::Finished)));

        let mut unit = count(1);
        unit.next().unwrap();
        unit.next().unwrap();
        co.yield_from(&mut unit).await;
        co.yield_from(&mut unit).await;
    }));
    assert_eq!(outer.next().unwrap(), Step::Complete(()));
}

#[test]
fn a_started_generator_that_is_sent_values_is_refused() {
    let mut outer = pin!(generator(|co: Co<'_, u32, u32>| async move {
        let mut sub = Box::pin(generator(|co: Co<'_, u32, u32>| async move {
            co.yield_(1).await
        }));
        sub.start().unwrap();
        let caught = co.catch_as::<StartError, _>(co.yield_from(&mut sub)).await;
        assert!(matches!(caught, Err(StartError::AlreadyStarted)));
        assert_eq!(co.yield_from_with(&mut sub, 1).await, 5);
    }));
    assert_eq!(outer.start().unwrap(), Step::Yielded(1));
    assert_eq!(outer.send(5).unwrap(), Step::Complete(()));
}

#[test]
fn a_sub_generator_that_yields_when_it_is_closed_is_an_error_in_the_outer_one() {
    let stubborn = || {
        generator(|co: Co<'_, u32>| async move {
            let _ignored = co.try_yield(1).await;
            co.yield_(2).await;
        })
    };
    let mut outer = pin!(generator(|co: Co<'_, u32>| async move {
        let caught = co.catch(co.yield_from(stubborn())).await;
        let error = caught.unwrap_err().downcast::<CloseError<()>>().unwrap();
        assert!(matches!(error, CloseError::Ignored(())));
    }));
    outer.next().unwrap();
    assert_eq!(outer.close().unwrap(), Some(()));
}

#[test]
fn a_sub_generator_is_driven_as_the_outer_one_is() {
    fn make() -> impl Generator<Yield = u32, Resume = (), Return = ()> + Unpin {
        let waits = || {
            generator(|co: Co<'_, u32>| async move {
                pending_once().await;
                let caught = co.catch(co.yield_(1)).await;
                pending_once().await;
                co.yield_(if caught.is_ok() { 2 } else { 3 }).await;
            })
        };
        let outer = move |co: Co<'static, u32>| async move { co.yield_from(waits()).await };
        Box::pin(generator(outer))
    }
    let mut g = make();
    assert!(matches!(g.next(), Err(NextError::Pending)));
    assert_eq!(g.next().unwrap(), Step::Yielded(1), "it goes on");
    assert!(matches!(g.throw(Oops(1)), Err(ThrowError::Pending)));
    assert_eq!(g.next().unwrap(), Step::Yielded(3));
    futures::executor::block_on(async {
        let mut g = make();
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(1));
        assert_eq!(g.anext().await.unwrap(), Step::Yielded(2));
        assert_eq!(g.anext().await.unwrap(), Step::Complete(()));
    });
}

#[test]
fn an_exception_goes_to_a_sub_generator_that_awaits() {
    let mut g = Box::pin(generator(|co: Co<'_, u32>| async move {
        let sub = generator(|co: Co<'_, u32>| async move {
            let caught = co.catch(std::future::pending::<()>()).await;
            co.yield_(caught.unwrap_err().is::<Oops>().into()).await;
        });
        co.yield_from(sub).await;
    }));
    assert!(matches!(g.next(), Err(NextError::Pending)));
    assert_eq!(g.throw(Oops(1)).unwrap(), Step::Yielded(1));
}

#[test]
fn delegations_beside_each_other_take_turns() {
    let mut g = Box::pin(generator(|co: Co<'static, u32>| async move {
        futures::join!(co.yield_from(count(2)), co.yield_from(count(2)));
    }));
    let mut seen: Vec<_> = g.iter().collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 1, 2, 2]);
}

#[test]
fn a_stream_that_is_ready_needs_no_async_drive() {
    let mut g = Box::pin(generator(|co: Co<'_, u32>| async move {
        co.yield_all_stream(futures::stream::iter(0..100)).await;
    }));
    assert!(
        g.iter().eq(0..100),
        "a stream that is ready needs no async drive"
    );
}

#[test]
fn a_primed_generator_is_at_its_first_yield() {
    let (g, first) = count(2).primed().unwrap();
    assert_eq!((g.state(), first), (State::Suspended, Step::Yielded(1)));
    let (_, first) = count(0).primed().unwrap();
    assert_eq!(first, Step::Complete(()));
    let mut g = count(1);
    g.next().unwrap();
    assert!(matches!((&mut g).primed(), Err(StartError::AlreadyStarted)));
}

type Handle = Shared<BoxGen<'static, u32, u32>>;
type Weak = WeakShared<BoxGen<'static, u32, u32>>;

#[test]
fn every_call_of_a_running_generator_is_an_error() {
    static OWN: OnceLock<Weak> = OnceLock::new();
    let mut g: Handle = generator(|co: Co<'_, u32, u32>| async move {
        let mut me = OWN.get().unwrap().upgrade().unwrap();
        assert_eq!(me.state(), State::Running);
        assert!(matches!(me.start(), Err(StartError::Running)));
        assert!(matches!(me.send(5), Err(SendError::Running(5))));
        assert!(matches!(me.throw(Oops(1)), Err(ThrowError::Running(e)) if e.is::<Oops>()));
        assert!(matches!(me.close(), Err(CloseError::Running)));
        drop(me);
        co.yield_(1).await;
    })
    .boxed()
    .shared();
    OWN.set(g.downgrade()).unwrap();
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    let other = g.clone();
    drop(g);
    assert_eq!(other.state(), State::Suspended);
    drop(other);
    assert!(OWN.get().unwrap().upgrade().is_none());
}

#[test]
fn the_last_handle_closes_the_generator() {
    let (tell, told) = std::sync::mpsc::channel();
    let mut g = generator(|co: Co<'_, u32>| async move {
        co.finally(co.yield_(1), async move { tell.send(()).unwrap() })
            .await;
    })
    .shared();
    g.next().unwrap();
    let other = g.clone();
    drop(g);
    assert!(told.try_recv().is_err());
    drop(other);
    told.try_recv().unwrap();
}

#[test]
fn a_shared_generator_whose_body_panicked_is_finished() {
    let mut g = generator(|co: Co<'_, u32>| async move {
        co.yield_(1).await;
        panic!("broken");
    })
    .shared();
    g.next().unwrap();
    let mut other = g.clone();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other.next().is_ok()));
    assert!(panicked.is_err());
    assert!(matches!(g.next(), Err(NextError::Finished)));
}

#[derive(Default)]
struct Woken(std::sync::atomic::AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn all_owners_that_await_are_woken() {
    let (tell, told) = futures::channel::oneshot::channel();
    let mut one = generator(|co: Co<'_, u32>| async move {
        co.yield_(told.await.unwrap()).await;
        co.yield_(8).await;
    })
    .shared();
    let mut other = one.clone();
    let woken = [Arc::<Woken>::default(), Arc::default()];
    let wakers = woken.clone().map(Waker::from);
    let (mut first, mut second) = (one.anext(), other.anext());
    assert!(
        pin!(&mut first)
            .poll(&mut Context::from_waker(&wakers[0]))
            .is_pending()
    );
    assert!(
        pin!(&mut second)
            .poll(&mut Context::from_waker(&wakers[1]))
            .is_pending()
    );
    tell.send(7).unwrap();
    let count = |at: usize| woken[at].0.load(std::sync::atomic::Ordering::Relaxed);
    assert!(count(0) > 0 && count(1) > 0);
    let polled = pin!(&mut first).poll(&mut Context::from_waker(&wakers[0]));
    assert!(matches!(polled, Poll::Ready(Ok(Step::Yielded(7)))));
    let polled = pin!(&mut second).poll(&mut Context::from_waker(&wakers[1]));
    assert!(matches!(polled, Poll::Ready(Ok(Step::Yielded(8)))));
}

/// Polls `anext` once, with a waker that counts, and drops it; whether it was pending.
fn awaits<G: Generator<Resume = ()> + Unpin>(owner: &mut G, woken: &Arc<Woken>) -> bool {
    let waker = Waker::from(woken.clone());
    pin!(owner.anext())
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
}

fn wakes(woken: &Woken) -> usize {
    woken.0.load(std::sync::atomic::Ordering::Relaxed)
}

/// The sync call polls what the body awaits with a waker that wakes nothing, and then returns.
#[test]
fn a_sync_call_that_is_pending_wakes_the_owners_that_await() {
    let (tell, told) = futures::channel::oneshot::channel();
    let mut one = generator(|co: Co<'_, u32>| async move {
        co.yield_(told.await.unwrap()).await;
    })
    .shared();
    let (mut other, woken) = (one.clone(), Arc::<Woken>::default());
    assert!(awaits(&mut one, &woken));
    assert!(matches!(other.next(), Err(NextError::Pending)));
    assert_eq!(wakes(&woken), 1);
    assert!(awaits(&mut one, &woken), "the woken owner polls again");
    tell.send(7).unwrap();
    assert_eq!(wakes(&woken), 2);
    assert_eq!(one.next().unwrap(), Step::Yielded(7));
}

/// The same, where the sync caller is a generator whose body makes an async call.
#[test]
fn an_async_call_in_a_sync_resume_wakes_the_owners_that_await() {
    let (_tell, told) = futures::channel::oneshot::channel::<u32>();
    let mut one = generator(|co: Co<'_, u32>| async move {
        co.yield_(told.await.unwrap()).await;
    })
    .shared();
    let (mut other, woken) = (one.clone(), Arc::<Woken>::default());
    assert!(awaits(&mut one, &woken));
    let mut outer = pin!(generator(
        |_: Co<'_, u32>| async move { other.anext().await }
    ));
    assert!(matches!(outer.next(), Err(NextError::Pending)));
    assert_eq!(wakes(&woken), 1);
}

#[test]
fn a_sync_call_that_has_the_item_wakes_the_owners_that_await() {
    for panics in [false, true] {
        let ready = Arc::<std::sync::atomic::AtomicBool>::default();
        let told = ready.clone();
        let mut one = generator(|co: Co<'_, u32>| async move {
            // This future wakes nothing.
            std::future::poll_fn(|_| {
                if told.load(std::sync::atomic::Ordering::Relaxed) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            assert!(!panics, "told to");
            co.yield_(7).await;
        })
        .shared();
        let (mut other, woken) = (one.clone(), Arc::<Woken>::default());
        assert!(awaits(&mut one, &woken));
        ready.store(true, std::sync::atomic::Ordering::Relaxed);
        let next = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other.next().is_ok()));
        assert_eq!(next.ok(), (!panics).then_some(true));
        assert_eq!(wakes(&woken), 1, "the owner must see that the item is gone");
    }
}
