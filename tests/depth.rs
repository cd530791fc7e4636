//! Generators that resume each other too deeply for the thread's stack: this is an error, and nothing is lost.

use std::env;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use cogen::{
    BoxGen, CloseError, Co, Exception, Frame, Generator, GeneratorExt, LocalBoxGen, NextError,
    RecursionError, SendError, StartError, State, Step, ThrowError, generator,
};
use futures::StreamExt;
use futures::executor::block_on;

// Miri has no bound, and no stack that overflows.
const DEEP: u32 = if cfg!(miri) { 20 } else { 10_000 };
const FITS: u32 = if cfg!(miri) { 20 } else { 100 };

/// The usual stack of a thread. (A sanitizer makes frames larger, and so the stack.)
fn small_stack() -> usize {
    let times = env::var("COGEN_STACK_TIMES").map_or(1, |times| times.parse().unwrap());
    times * (2 << 20)
}

fn on_small_stack<R: Send>(test: impl FnOnce() -> R + Send) -> R {
    on_stack(small_stack(), test)
}

fn on_stack<R: Send>(size: usize, test: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(size);
        thread.spawn_scoped(scope, test).unwrap().join().unwrap()
    })
}

/// Calls `there` where hardly anything is left of a small stack but the 256 KiB that are kept free.
fn far_down<R>(there: &mut dyn FnMut() -> R) -> R {
    #[inline(never)]
    fn down<R>(end: usize, there: &mut dyn FnMut() -> R) -> R {
        let here = std::hint::black_box([0_u8; 1 << 10]);
        let result = if here.as_ptr().addr() > end {
            down(end, there)
        } else {
            there()
        };
        std::hint::black_box(&here);
        result
    }
    let top = 0_u8;
    let used = small_stack() - (200 << 10);
    down((&raw const top).addr() - used, there)
}

fn is_recursion(exception: &Exception) -> bool {
    exception.is::<RecursionError>() && exception.to_string() == "maximum recursion depth exceeded"
}

type PinnedBox = Pin<Box<Frame<'static, u32, u32, Pin<Box<dyn Future<Output = u32>>>>>>;

/// Echoes what it is sent; at a 0 it returns the sum of all that, plus one for each level.
async fn echo(co: Co<'_, u32, u32>) -> u32 {
    let (mut reply, mut sum) = (0, 0);
    loop {
        reply = co.yield_(reply).await;
        if reply == 0 {
            return sum;
        }
        sum += reply;
    }
}

fn box_chain(n: u32) -> BoxGen<'static, u32, u32, u32> {
    generator(move |co| async move {
        match n {
            0 => echo(co).await,
            n => co.yield_from(box_chain(n - 1)).await + 1,
        }
    })
    .boxed()
}

fn local_chain(n: u32) -> LocalBoxGen<'static, u32, u32, u32> {
    generator(move |co| async move {
        match n {
            0 => echo(co).await,
            n => co.yield_from(local_chain(n - 1)).await + 1,
        }
    })
    .boxed_local()
}

fn pinned_chain(n: u32) -> PinnedBox {
    Box::pin(generator(move |co| {
        let body: Pin<Box<dyn Future<Output = u32>>> = Box::pin(async move {
            match n {
                0 => echo(co).await,
                n => co.yield_from(pinned_chain(n - 1)).await + 1,
            }
        });
        body
    }))
}

fn shared_chain(n: u32) -> cogen::Shared<LocalBoxGen<'static, u32, u32, u32>> {
    generator(move |co| async move {
        match n {
            0 => echo(co).await,
            n => co.yield_from(shared_chain(n - 1)).await + 1,
        }
    })
    .boxed_local()
    .shared()
}

/// Checks that a chain that is short enough runs, and that one that is too long is an error.
fn check<G>(chain: fn(u32) -> G)
where
    G: Generator<Yield = u32, Resume = u32, Return = u32> + Unpin,
{
    on_small_stack(move || {
        let mut fits = chain(FITS);
        fits.start().unwrap();
        assert_eq!(fits.send(7).unwrap(), Step::Yielded(7));
        assert_eq!(fits.send(0).unwrap(), Step::Complete(7 + FITS));
        let mut thrown = chain(FITS);
        thrown.start().unwrap();
        let error = thrown.throw(std::fmt::Error).unwrap_err();
        assert!(error.into_exception().is::<std::fmt::Error>());
        let mut closed = chain(FITS);
        closed.start().unwrap();
        assert!(matches!(closed.close(), Ok(None)));
        let mut dropped = chain(FITS);
        dropped.start().unwrap();
        drop(dropped);

        if cfg!(miri) {
            return;
        }
        let mut long = chain(DEEP);
        let Err(StartError::Raised(exception)) = long.start() else {
            panic!("the chain has no room for so many")
        };
        assert!(is_recursion(&exception));
        assert_eq!(long.state(), State::Closed);
    });
}

#[test]
fn a_long_chain_of_boxes_is_a_recursion_error() {
    check(box_chain);
}

#[test]
fn a_long_chain_of_local_boxes_is_a_recursion_error() {
    check(local_chain);
}

#[test]
fn a_long_chain_of_pinned_boxes_is_a_recursion_error() {
    check(pinned_chain);
}

#[test]
fn a_long_chain_of_shared_generators_is_a_recursion_error() {
    check(shared_chain);
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_larger_stack_goes_deeper() {
    let deep = || box_chain(DEEP).start().is_ok();
    assert!(!on_small_stack(deep));
    assert!(on_stack(512 << 20, deep));
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_body_can_catch_it_and_go_on() {
    fn chain(n: u32) -> BoxGen<'static, u32> {
        generator(move |co| async move {
            if n == 0 {
                return co.yield_(0).await;
            }
            let deeper = co.catch_as::<RecursionError, _>(co.yield_from(chain(n - 1)));
            if deeper.await.is_err() {
                co.yield_(n).await;
            }
        })
        .boxed()
    }
    on_small_stack(|| {
        let reached: Vec<_> = chain(DEEP).iter().collect();
        assert_eq!(reached.len(), 1);
        assert!(
            (DEEP - 2_000..DEEP - 200).contains(&reached[0]),
            "{reached:?}"
        );
    });
}

/// The bodies drive what is inside them by hand.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn what_was_sent_comes_back() {
    #[derive(Debug)]
    struct Token(Arc<()>);
    fn chain(n: u32) -> BoxGen<'static, Option<Token>, Token, Token> {
        generator(move |co| async move {
            let mut token = co.yield_(None).await;
            if n == 0 {
                return token;
            }
            let mut inner = chain(n - 1);
            if let Err(error) = inner.start() {
                assert!(matches!(error, StartError::TooDeep));
                return token;
            }
            match inner.send(token) {
                Ok(Step::Complete(back)) => token = back,
                Ok(Step::Yielded(_)) => unreachable!("the body returns"),
                Err(SendError::TooDeep(back)) => {
                    assert_eq!(inner.state(), State::Suspended);
                    token = back;
                }
                Err(error) => panic!("{error}"),
            }
            token
        })
        .boxed()
    }
    on_small_stack(|| {
        let count = Arc::new(());
        let mut outer = chain(DEEP);
        outer.start().unwrap();
        let Step::Complete(token) = outer.send(Token(count.clone())).unwrap() else {
            panic!()
        };
        assert!(Arc::ptr_eq(&token.0, &count));
    });
}

/// Checks every operation where there is no room: nothing happens, and the operation can be done later.
fn refuses<G>(make: impl Fn() -> G + Send + Sync)
where
    G: Generator<Yield = u32, Resume = u32, Return = u32> + Unpin,
{
    on_small_stack(|| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut g = make();
        assert!(matches!(
            far_down(&mut || g.start()),
            Err(StartError::TooDeep)
        ));
        assert_eq!(g.state(), State::Created);
        assert!(matches!(
            far_down(&mut || pin!(g.astart()).poll(&mut cx)),
            Poll::Ready(Err(StartError::TooDeep))
        ));
        assert_eq!(g.start().unwrap(), Step::Yielded(0));

        let Err(SendError::TooDeep(5)) = far_down(&mut || g.send(5)) else {
            panic!()
        };
        let Poll::Ready(Err(SendError::TooDeep(6))) =
            far_down(&mut || pin!(g.asend(6)).poll(&mut cx))
        else {
            panic!()
        };
        assert_eq!(g.send(5).unwrap(), Step::Yielded(5));

        let Err(ThrowError::TooDeep(back)) = far_down(&mut || g.throw(std::fmt::Error)) else {
            panic!()
        };
        assert!(back.is::<std::fmt::Error>());
        let Poll::Ready(Err(error)) =
            far_down(&mut || pin!(g.athrow(std::fmt::Error)).poll(&mut cx))
        else {
            panic!()
        };
        let recursion = error.into_exception().downcast::<RecursionError>().unwrap();
        assert!(recursion.into_thrown().unwrap().is::<std::fmt::Error>());

        assert!(matches!(
            far_down(&mut || g.close()),
            Err(CloseError::TooDeep)
        ));
        assert!(matches!(
            far_down(&mut || pin!(g.aclose()).poll(&mut cx)),
            Poll::Ready(Err(CloseError::TooDeep))
        ));
        assert!(matches!(
            far_down(&mut || Pin::new(&mut g).resume_continue(None)),
            Err(NextError::TooDeep)
        ));
        assert_eq!(g.state(), State::Suspended);
        assert_eq!(g.send(0).unwrap(), Step::Complete(5));
    });
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_box_is_not_resumed_without_room_and_stays_as_it_was() {
    refuses(|| generator(echo).boxed());
    refuses(|| generator(echo).boxed_local());
    refuses(|| generator(echo).boxed().shared());
    refuses(|| generator(echo).boxed().closing());
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn next_and_anext_are_refused_without_room() {
    on_small_stack(|| {
        let mut cx = Context::from_waker(Waker::noop());
        let mut g = generator(|co: Co<'_, u32>| async move {
            co.yield_(1).await;
            co.yield_(2).await;
        })
        .boxed();
        assert!(matches!(
            far_down(&mut || g.next()),
            Err(NextError::TooDeep)
        ));
        assert_eq!(g.next().unwrap(), Step::Yielded(1));
        assert!(matches!(
            far_down(&mut || pin!(g.anext()).poll(&mut cx)),
            Poll::Ready(Err(NextError::TooDeep))
        ));
        assert_eq!(g.next().unwrap(), Step::Yielded(2));
    });
}

/// A delegation to a reference: the inner generator was not resumed, and goes on elsewhere.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_delegation_without_room_leaves_what_it_borrows_as_it_was() {
    on_small_stack(|| {
        let mut inner = generator(echo).boxed();
        {
            let inner = &mut inner;
            let mut outer = pin!(generator(|co: Co<'_, u32, u32>| co.yield_from(inner)));
            outer.start().unwrap();
            let Err(SendError::Raised(exception)) = far_down(&mut || outer.as_mut().send(3)) else {
                panic!()
            };
            assert!(is_recursion(&exception));
        }
        assert_eq!(inner.send(4).unwrap(), Step::Yielded(4));
        // The error holds the exception that could not be thrown.
        let mut outer = pin!(generator(|co: Co<'_, u32, u32>| {
            co.yield_from(generator(echo).boxed())
        }));
        outer.start().unwrap();
        let Err(ThrowError::Raised(exception)) =
            far_down(&mut || outer.as_mut().throw(std::fmt::Error))
        else {
            panic!()
        };
        let recursion = exception.downcast::<RecursionError>().unwrap();
        assert!(recursion.into_thrown().unwrap().is::<std::fmt::Error>());
        let mut outer = pin!(generator(|co: Co<'_, u32, u32>| {
            co.yield_from(generator(echo).boxed())
        }));
        outer.start().unwrap();
        let Err(CloseError::Raised(exception)) = far_down(&mut || outer.as_mut().close()) else {
            panic!()
        };
        assert!(is_recursion(&exception));
    });
}

/// A loop cannot give an error, and must not end as if the generator had.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_loop_without_room_panics() {
    on_small_stack(|| {
        let mut g = generator(|co: Co<'_, u32>| async move { co.yield_(1).await }).boxed();
        let looped = far_down(&mut || {
            panic::catch_unwind(AssertUnwindSafe(|| g.iter().count())).unwrap_err()
        });
        let message = looped.downcast_ref::<String>().unwrap();
        assert!(message.starts_with("maximum recursion depth exceeded"));
        assert_eq!(g.iter().count(), 1);
    });
}

/// The recursive sieve of CPython's `test_generators`: filters in filters. The loop must not end as if the generator
/// had: a chain that is too deep inside raises, and the loop panics with that.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_loop_over_a_chain_that_is_too_deep_inside_panics() {
    fn chain(n: u32) -> BoxGen<'static, u32> {
        generator(move |co| async move {
            if n > 0 {
                co.yield_from(chain(n - 1)).await;
            }
            co.yield_(n).await;
        })
        .boxed()
    }
    on_small_stack(|| {
        let mut deep = chain(20_000);
        let looped = panic::catch_unwind(AssertUnwindSafe(|| deep.iter().count()));
        assert!(looped.is_err());
        let Some(Err(exception)) = deep.take_return() else {
            panic!("the exception must be kept")
        };
        // It went through 20,000 delegations, so nothing was put around it.
        let recursion = exception.downcast::<RecursionError>().unwrap();
        assert!(recursion.into_thrown().is_none());
        let mut stream = Box::pin(chain(20_000).into_stream());
        let looped = panic::catch_unwind(AssertUnwindSafe(|| block_on(stream.next())));
        assert!(looped.is_err());
    });
}

#[test]
fn a_recursive_sieve_runs_as_deep_as_the_stack_goes() {
    type Numbers = BoxGen<'static, u32>;
    fn integers() -> Numbers {
        generator(|co| async move { co.yield_all(2..).await }).boxed()
    }
    fn exclude(n: u32, mut numbers: Numbers) -> Numbers {
        generator(move |co| async move {
            loop {
                match numbers.next() {
                    Ok(Step::Yielded(number)) if number % n == 0 => {}
                    Ok(Step::Yielded(number)) => co.yield_(number).await,
                    Ok(Step::Complete(())) => return,
                    Err(error) => co.raise(error.into_exception()).await,
                }
            }
        })
        .boxed()
    }
    fn sieve(mut numbers: Numbers) -> Numbers {
        generator(move |co| async move {
            let prime = match numbers.next() {
                Ok(Step::Yielded(prime)) => prime,
                Ok(Step::Complete(())) => return,
                Err(error) => co.raise(error.into_exception()).await,
            };
            co.yield_(prime).await;
            co.yield_from(sieve(exclude(prime, numbers))).await;
        })
        .boxed()
    }
    let primes = |stack, n: usize| {
        on_stack(stack, move || {
            let mut primes = sieve(integers());
            let look = AssertUnwindSafe(|| primes.iter().take(n).last());
            let last = panic::catch_unwind(look).unwrap_or_default();
            (last, primes.take_return().and_then(Result::err))
        })
    };
    if cfg!(miri) {
        assert_eq!(primes(2 << 20, 5).0, Some(11));
        return;
    }
    assert_eq!(primes(2 << 20, 60).0, Some(281));
    assert_eq!(primes(64 << 20, 300).0, Some(1987));
    let (_, error) = primes(2 << 20, 3_000);
    assert!(is_recursion(&error.unwrap()));
}

/// Counts the drops of bodies.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

const WRAPPED: usize = if cfg!(miri) { 40 } else { 100_000 };

/// A chain that is wrapped from the inside out, and never started.
fn wrapped(n: usize, count: &Arc<AtomicUsize>) -> BoxGen<'static, u32> {
    let innermost = generator(|co: Co<'_, u32>| async move { co.yield_(1).await }).boxed();
    (0..n).fold(innermost, |inner, _| {
        let counted = Counted(count.clone());
        generator(move |co| async move {
            let _counted = counted;
            co.yield_from(inner).await;
        })
        .boxed()
    })
}

#[test]
fn boxes_in_boxes_are_dropped_on_a_small_stack() {
    let count = Arc::new(AtomicUsize::new(0));
    on_small_stack(|| drop(wrapped(WRAPPED, &count)));
    assert_eq!(count.load(Ordering::Relaxed), WRAPPED);
}

#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn boxes_in_boxes_are_started_and_dropped_on_a_small_stack() {
    let count = Arc::new(AtomicUsize::new(0));
    on_small_stack(|| {
        let mut g = wrapped(WRAPPED, &count);
        let Err(NextError::Raised(exception)) = g.next() else {
            panic!()
        };
        assert!(is_recursion(&exception));
        assert_eq!(count.load(Ordering::Relaxed), WRAPPED);
    });
}

/// The chain is suspended where there is room, and closed or dropped where there is less. Every scope sees the end.
#[test]
fn a_long_suspended_chain_is_dropped_on_a_small_stack() {
    fn chain(n: u32, count: Arc<AtomicUsize>) -> BoxGen<'static, u32> {
        generator(move |co| async move {
            let clean_up = async {
                count.fetch_add(1, Ordering::Relaxed);
            };
            let inside = async {
                match n {
                    0 => co.yield_(0).await,
                    n => co.yield_from(chain(n - 1, count.clone())).await,
                }
            };
            co.finally(inside, clean_up).await;
        })
        .boxed()
    }
    let n = if cfg!(miri) { 10 } else { 5_000 };
    let count = Arc::new(AtomicUsize::new(0));
    let mut long = on_stack(512 << 20, || {
        let mut long = chain(n, count.clone());
        assert_eq!(long.next().unwrap(), Step::Yielded(0));
        long
    });
    if !cfg!(miri) {
        let closed = on_small_stack(|| {
            let closed = long.close();
            // Each body has run its clean-up, and got the recursion error.
            assert_eq!(count.load(Ordering::Relaxed), n as usize + 1);
            closed
        });
        let Err(CloseError::Raised(exception)) = closed else {
            panic!()
        };
        assert!(is_recursion(&exception));
    }
    on_small_stack(|| drop(long));
    assert_eq!(count.load(Ordering::Relaxed), n as usize + 1);
}

/// Boxes that must stay on their thread are leaked where there is no room to drop them.
#[test]
fn local_boxes_in_boxes_are_dropped_on_a_small_stack() {
    on_small_stack(|| {
        let innermost = generator(|co: Co<'_, u32>| async move { co.yield_(1).await });
        let wrapped = (0..WRAPPED).fold(innermost.boxed_local(), |inner, _| {
            generator(move |co| async move { co.yield_from(inner).await }).boxed_local()
        });
        if cfg!(miri) {
            return drop(wrapped);
        }
        drop(wrapped);
    });
}

/// A panic on the other thread comes out of the drop here.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn a_panic_in_a_deep_drop_goes_on() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    on_small_stack(|| {
        let panics = Panics;
        let innermost = generator(move |co: Co<'_, u32>| async move {
            let _panics = panics;
            co.yield_(1).await;
        });
        let wrapped = (0..WRAPPED).fold(innermost.boxed(), |inner, _| {
            generator(move |co| async move { co.yield_from(inner).await }).boxed()
        });
        let panic = panic::catch_unwind(AssertUnwindSafe(|| drop(wrapped))).unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"dropped"));
    });
}
