//! Each scene adds lines to the text.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::cell::Cell;
use core::error::Error;
use core::fmt::{self, Write as _};
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::ptr;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use cogen::{
    Co, Generator, GeneratorExit, GeneratorExt, LocalBoxGen, RecursiveCo, Step, generator,
    recursive,
};

use crate::libc::allocations;

type Outcome = Result<(), Box<dyn Error>>;
type Scene = fn(&mut String) -> Outcome;

pub(crate) fn text() -> String {
    let mut text = String::new();
    let scenes: [(&str, Scene); 9] = [
        ("pinned", pinned),
        ("boxed", boxed),
        ("thrown", thrown),
        ("closed", closed),
        ("delegated", delegated),
        ("joined", joined),
        ("called", called),
        ("driven", driven),
        ("async", asynchronous),
    ];
    for (name, scene) in scenes {
        text += name;
        text += ":\n";
        if let Err(error) = scene(&mut text) {
            text += "error: ";
            text += &error.to_string();
            text += "\n";
        }
    }
    text
}

async fn count(co: Co<'_, u32>, to: u32) {
    for n in 1..=to {
        co.yield_(n).await;
    }
}

fn pinned(text: &mut String) -> Outcome {
    let before = allocations();
    let mut numbers = pin!(generator(|co| count(co, 1000)));
    let mut sum = 0;
    while let Step::Yielded(n) = numbers.next()? {
        sum += n;
    }
    let allocated = allocations() - before;
    writeln!(text, "sum {sum}, {allocated} allocations")?;

    let mut averager = pin!(generator(|co| async move {
        let (mut sum, mut count, mut average) = (0, 0, 0);
        loop {
            sum += co.yield_(average).await;
            count += 1;
            average = sum / count;
        }
    }));
    averager.start()?;
    let (first, second): (Step<i32, ()>, _) = (averager.send(10)?, averager.send(20)?);
    writeln!(text, "{first:?} {second:?}")?;
    Ok(())
}

fn boxed(text: &mut String) -> Outcome {
    let mut words: LocalBoxGen<'_, &str, (), usize> = generator(|co| async move {
        let mut count = 0;
        for word in "one two three".split(' ') {
            co.yield_(word).await;
            count += 1;
        }
        count
    })
    .boxed_local();
    writeln!(text, "{:?}", (&mut words).into_iter().collect::<Vec<_>>())?;
    writeln!(
        text,
        "{:?} {:?}",
        words.take_return(),
        words.next().map_err(|error| error.to_string())
    )?;
    Ok(())
}

#[derive(Debug)]
struct Oops(i32);

impl fmt::Display for Oops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oops {}", self.0)
    }
}

impl Error for Oops {}

fn thrown(text: &mut String) -> Outcome {
    let mut g = pin!(generator(|co: Co<'_, i32>| async move {
        let caught = co.catch(co.yield_(1)).await.unwrap_err();
        let Oops(n) = caught.downcast()?;
        let inner = co.catch(async { co.raise(Oops(n + 1)).await }).await;
        co.yield_(if inner.is_err() { n } else { 0 }).await;
        Ok::<_, cogen::Exception>(n)
    }));
    g.start()?;
    writeln!(text, "{:?}", g.throw(Oops(41))?)?;
    writeln!(text, "{}", g.throw(Oops(2)).unwrap_err())?;
    Ok(())
}

fn closed(text: &mut String) -> Outcome {
    let cleaned = Cell::new(0);
    let cleaned = &cleaned;
    let body = async |co: Co<'_, u32>| {
        co.finally(count(co, 9), async { cleaned.set(cleaned.get() + 1) })
            .await;
    };
    {
        let mut dropped = generator(body).boxed_local();
        dropped.start()?;
    }
    let mut g = pin!(generator(body));
    g.start()?;
    g.close()?;
    writeln!(text, "{} clean-ups, {:?}", cleaned.get(), g.state())?;

    let mut answers = pin!(generator(|co| async move {
        match co.catch_as::<GeneratorExit, _>(co.yield_(())).await {
            Ok(()) => 0,
            Err(_closed) => 42,
        }
    }));
    answers.start()?;
    writeln!(text, "{:?}", answers.close()?)?;
    Ok(())
}

fn delegated(text: &mut String) -> Outcome {
    let inner = generator(|co| count(co, 2)).boxed_local();
    let mut outer = pin!(generator(|co| async move {
        co.yield_all([7, 8]).await;
        co.yield_from(inner).await;
    }));
    writeln!(text, "{:?}", outer.iter().collect::<Vec<_>>())?;
    Ok(())
}

/// Two futures that yield, polled with the same waker, as `join!` polls them.
fn joined(text: &mut String) -> Outcome {
    let mut g = pin!(generator(|co| async move {
        let (mut one, mut other) = (pin!(count(co, 2)), pin!(count(co, 3)));
        let (mut one_over, mut other_over) = (false, false);
        poll_fn(|cx| {
            one_over = one_over || one.as_mut().poll(cx).is_ready();
            other_over = other_over || other.as_mut().poll(cx).is_ready();
            if one_over && other_over {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }));
    writeln!(text, "{:?}", g.iter().collect::<Vec<_>>())?;
    Ok(())
}

fn called(text: &mut String) -> Outcome {
    async fn down(co: RecursiveCo<'_, u32>, n: u32) {
        if n > 0 {
            co.call(down(co, n - 1)).await;
            co.yield_(n).await;
        }
    }
    let sum: u32 = pin!(recursive(|co| down(co, 1000))).iter().sum();
    writeln!(text, "{sum}")?;
    // This one is dropped with some levels of calls.
    let mut left = pin!(recursive(|co| down(co, 100)));
    writeln!(text, "{:?}", left.start()?)?;
    Ok(())
}

fn driven(text: &mut String) -> Outcome {
    let mut answers = ["Robin", "Locksley"].into_iter();
    let who = generator(|co: Co<'_, &str, &str>| async move {
        let name = co.yield_("Your name?").await;
        let town = co.yield_("Your town?").await;
        format!("{name} of {town}")
    })
    .drive(|_question| answers.next().unwrap_or_default())?;
    writeln!(text, "{who}")?;
    Ok(())
}

/// A future that wakes its waker, and is ready at its second poll.
async fn pending_once() {
    let mut polled = false;
    poll_fn(move |cx| {
        if core::mem::replace(&mut polled, true) {
            return Poll::Ready(());
        }
        let kept = cx.waker().clone();
        kept.wake_by_ref();
        Poll::Pending
    })
    .await;
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, ignore);

fn raw(wakes: *const ()) -> RawWaker {
    RawWaker::new(wakes, &VTABLE)
}
unsafe fn clone(wakes: *const ()) -> RawWaker {
    raw(wakes)
}
unsafe fn wake(wakes: *const ()) {
    // SAFETY: the data is a cell that outlives the waker.
    let wakes = unsafe { &*wakes.cast::<Cell<u32>>() };
    wakes.set(wakes.get() + 1);
}
unsafe fn ignore(_: *const ()) {}

fn asynchronous(text: &mut String) -> Outcome {
    let count = Cell::new(0_u32);
    // SAFETY: the waker stays on this stack, and the cell outlives it.
    let waker = unsafe { Waker::from_raw(raw(ptr::from_ref(&count).cast())) };
    let mut cx = Context::from_waker(&waker);
    let mut g = pin!(generator(|co| async move {
        pending_once().await;
        co.yield_(1).await;
    }));
    for _ in 0..2 {
        let polled = pin!(g.as_mut().anext()).poll(&mut cx);
        writeln!(text, "{:?}", polled.map_err(|error| error.to_string()))?;
    }
    writeln!(text, "woken: {}", count.get() > 0)?;

    let mut awaits = pin!(generator(|co: Co<'_, ()>| async move {
        pending_once().await;
        co.yield_(()).await;
    }));
    writeln!(
        text,
        "{:?}",
        awaits.next().map_err(|error| error.to_string())
    )?;
    Ok(())
}

/// Polls a yield with a waker of its own, as a combinator does.
pub(crate) fn foreign_waker() {
    let mut g = pin!(generator(|co: Co<'_, ()>| async move {
        let mut yielding = pin!(co.yield_(()));
        poll_fn(|_| {
            yielding
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
        })
        .await;
    }));
    let _ = g.start();
}
