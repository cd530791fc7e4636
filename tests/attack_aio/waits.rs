//! All kinds of waits.

use std::future::poll_fn;
use std::mem;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use cogen::aio::{self, AsyncCo, Error, Promise};
use cogen::{Co, Exception, Generator, generator};

use super::act::{self, Noisy};
use super::body::body;
use super::value::{ActOnDrop, Val};
use super::watch::{self, watch};
use super::world::{self, chance, keep, pick, steal};

pub fn seconds() -> Duration {
    Duration::from_secs(u64::from(world::below(4)))
}

/// Waits for something that another task does.
pub async fn on_somebody() -> Result<(), Error> {
    match world::below(8) {
        0 => aio::sleep(seconds()).await,
        1 | 2 => {
            if let Some(task) = pick(|lists| &mut lists.tasks) {
                drop(watch::task(task).await?);
            }
        }
        3 => {
            if let Some(promise) = pick(|lists| &mut lists.promises) {
                drop(watch::promise(promise).await?);
            }
        }
        4 => {
            let promise = Promise::new();
            keep(|lists| &mut lists.promises, promise.clone(), 6);
            drop(aio::timeout(seconds(), watch::promise(promise)).await?);
        }
        5 => {
            if let Some(task) = pick(|lists| &mut lists.tasks) {
                task.cancel();
                if chance(2) {
                    task.uncancel();
                }
            }
        }
        6 => on_generator().await?,
        _ => foreign().await,
    }
    Ok(())
}

async fn on_generator() -> Result<(), Error> {
    let Some(generator) = pick(|lists| &mut lists.generators) else {
        return Ok(());
    };
    match world::below(5) {
        0 => drop(generator.astart().await?),
        1 | 2 => drop(generator.asend(Val::new()).await?),
        3 => drop(generator.athrow(Error::new("thrown")).await?),
        _ => generator.aclose().await?,
    }
    Ok(())
}

/// A foreign wait, which is woken here or on another thread.
async fn foreign() {
    let mut polls = 2;
    poll_fn(|cx| {
        polls -= 1;
        if polls == 0 {
            return Poll::Ready(());
        }
        if chance(2) {
            keep(|lists| &mut lists.wakers, cx.waker().clone(), 8);
        }
        if world::mode().threads && chance(3) {
            act::wake_elsewhere(cx.waker());
        } else {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    })
    .await;
}

/// Waits in line for something that the round shares.
pub async fn in_line() -> Result<(), Error> {
    let Some(places) = world::places() else {
        return Ok(());
    };
    match world::below(7) {
        0 => {
            let same = places.queue.clone();
            let _watched = watch("an item", move || !same.empty());
            drop(places.queue.get().await);
        }
        1 => {
            let same = places.queue.clone();
            let _watched = watch("room in a queue", move || !same.full());
            drop(places.queue.put(Val::new()).await);
        }
        2 => {
            drop(aio::timeout(seconds(), async { places.lifo.get().await }).await);
        }
        3 => {
            drop(places.lifo.put(Val::new()).await);
            drop(places.lifo.task_done());
        }
        4 => {
            let same = places.lock.clone();
            let watched = watch("a lock", move || !same.locked());
            let mut guard = places.lock.lock().await;
            drop(watched);
            guard.check();
            aio::sleep(seconds()).await;
            let old = mem::replace(&mut *guard, Val::new());
            drop(guard);
            drop(old);
        }
        5 => {
            let same = places.semaphore.clone();
            let watched = watch("a permit", move || same.available() > 0);
            let permit = places.semaphore.acquire().await;
            drop(watched);
            aio::sleep(seconds()).await;
            drop(permit);
        }
        _ => condition(&places).await,
    }
    Ok(())
}

async fn condition(places: &world::Places) {
    if chance(2) {
        let event = places.event.clone();
        let same = event.clone();
        let waits = async {
            let _watched = watch("an event", move || same.is_set());
            event.wait().await;
        };
        drop(aio::timeout(seconds(), waits).await);
        if chance(2) {
            event.set();
        } else {
            event.clear();
        }
        return;
    }
    let mut guard = places.condition.lock().await;
    if chance(2) {
        drop(places.condition.notify(1));
    } else {
        let waits = async {
            places.condition.wait(&mut guard).await;
            guard.check();
        };
        drop(aio::timeout(seconds(), waits).await);
    }
}

/// Waits for something that it makes itself.
pub async fn on_own(depth: u32) -> Result<(), Error> {
    match world::below(9) {
        0 => {
            let task = aio::create_task(body(depth));
            keep(|lists| &mut lists.tasks, task.clone(), 12);
            drop(watch::task(task).await?);
        }
        1 => drop(watch::scope(body(depth)).await),
        2 => drop(aio::catch_cancelled(body(depth)).await),
        3 => {
            let cleanup = async {
                aio::sleep(seconds()).await;
                act::act();
            };
            drop(aio::finally(body(depth), cleanup).await?);
        }
        4 => {
            let shield = aio::shield(aio::create_task(body(depth)));
            if chance(4) {
                shield.cancel();
            }
            drop(shield.await?);
        }
        5 => drop(aio::wait_for(body(depth), seconds()).await?),
        6 => {
            let inside = async |timeout| {
                keep(|lists| &mut lists.timeouts, timeout, 4);
                body(depth).await
            };
            drop(aio::timeout_with(seconds(), inside).await?);
        }
        7 => make_generator(depth),
        _ => sync_generator().await,
    }
    Ok(())
}

fn make_generator(depth: u32) {
    let generator = aio::async_generator(move |co: AsyncCo<Val, Val>| async move {
        let _acts = ActOnDrop;
        let own = Val::new();
        for _ in 0..world::below(5) {
            let sent = if chance(2) {
                co.try_yield(Val::new()).await?
            } else {
                co.yield_(Val::new()).await
            };
            sent.check();
            own.check();
            if world::mode().wild && chance(3) {
                drop(body(depth).await);
            } else {
                aio::sleep(seconds()).await;
            }
        }
        Ok::<_, Error>(())
    });
    keep(|lists| &mut lists.generators, generator, 4);
}

/// Drives a sync generator whose body awaits, inside a task.
async fn sync_generator() {
    let mut generator = Box::pin(generator(|co: Co<'_, Val, Val>| async move {
        for _ in 0..3 {
            let inside = async {
                let reply = co.yield_(Val::new()).await;
                reply.check();
                aio::sleep(seconds()).await;
            };
            drop(co.catch(inside).await);
        }
    }));
    drop(generator.as_mut().astart().await);
    if chance(2) {
        drop(generator.as_mut().asend(Val::new()).await);
    }
    if chance(3) {
        drop(generator.as_mut().athrow(Exception::new("thrown")).await);
    }
}

/// Waits for several things at once, or polls a body only half way.
pub async fn beside(depth: u32) -> Result<(), Error> {
    match world::below(6) {
        0 => {
            let (one, two) = futures::join!(body(depth), watch::scope(body(depth)));
            drop((one?, two?));
        }
        1 => {
            // A raise beside a scope.
            let raise = async {
                aio::sleep(seconds()).await;
                watch::raise().await
            };
            let sleep = async {
                aio::sleep(seconds()).await;
                Ok(Val::new())
            };
            let both = async {
                let (one, two) = futures::join!(raise, watch::scope(Box::pin(sleep)));
                one.and(two)
            };
            drop(watch::scope(Box::pin(both)).await);
        }
        2 => drop(futures::future::select(body(depth), body(depth)).await),
        3 if world::mode().wild => half(depth).await,
        4 if world::mode().wild => other_half().await,
        _ => {
            let sleeps = futures::future::join(aio::sleep(seconds()), aio::sleep(seconds()));
            sleeps.await;
        }
    }
    Ok(())
}

/// Polls a body by hand with all kinds of wakers; then drops it, or leaves it to other tasks.
async fn half(depth: u32) {
    let mut future = body(depth);
    let mut polls = world::below(5);
    poll_fn(|cx| {
        let noisy = Waker::from(Arc::new(Noisy(Mutex::new(Some(cx.waker().clone())))));
        let is_ready = act::quietly(|| match world::below(4) {
            0 => future
                .as_mut()
                .poll(&mut Context::from_waker(&noisy))
                .is_ready(),
            1 => future
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
                .is_ready(),
            _ => future.as_mut().poll(cx).is_ready(),
        });
        if polls == 0 || is_ready != Some(false) {
            return Poll::Ready(());
        }
        polls -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    if chance(2) {
        keep(|lists| &mut lists.futures, future, 6);
    } else if world::mode().forgets && chance(2) {
        world::with(|state| state.ledger.loose = true);
        mem::forget(future);
    }
}

async fn other_half() {
    let Some(mut future) = steal(|lists| &mut lists.futures) else {
        return;
    };
    let mut polls = 3;
    let back = poll_fn(|cx| {
        polls -= 1;
        match act::quietly(|| future.as_mut().poll(cx).is_ready()) {
            Some(false) if polls > 0 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(false) => Poll::Ready(true),
            _ => Poll::Ready(false),
        }
    })
    .await;
    if back {
        keep(|lists| &mut lists.futures, future, 6);
    }
}
