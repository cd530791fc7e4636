//! Stages that do random things.

use std::future::{Future, poll_fn};
use std::task::Poll;

use cogen::Exception;
use cogen::pipeline::{self, Body, Ends};

use super::value::{Val, act, act_in, below, chance, explode, keep};

pub fn exception() -> Exception {
    Exception::new("an error of the attack")
}

/// A random stage; `awaits` says whether its body may await foreign futures.
pub fn stage(
    awaits: bool,
) -> Body<'static, Val, Val, impl Future<Output = Result<(), Exception>> + Send> {
    pipeline::stage(move |io: Ends<'static, Val, Val>| async move {
        keep(io);
        let own = Val::new();
        loop {
            let received = if chance(4) {
                let Some(received) = half(io).await else {
                    continue;
                };
                received
            } else {
                io.recv().await
            };
            own.check();
            let Some(value) = received else {
                return Ok(());
            };
            value.check();
            if awaits {
                pause().await;
            }
            if chance(3) {
                act();
            }
            explode(25);
            if chance(25) {
                io.raise(exception()).await;
            }
            if chance(4) {
                io.catch(io.emit(value)).await?;
            } else {
                io.emit(value).await;
            }
            if chance(20) {
                return Err(exception());
            }
        }
    })
}

/// Polls a `recv` a few times, and then drops it.
async fn half(io: Ends<'static, Val, Val>) -> Option<Option<Val>> {
    let mut receiving = Box::pin(io.recv());
    let mut polls = 2 + below(2);
    poll_fn(|cx| {
        if chance(3) {
            act_in(cx);
        }
        if let Poll::Ready(received) = receiving.as_mut().poll(cx) {
            return Poll::Ready(Some(received));
        }
        polls -= 1;
        if polls == 0 {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    })
    .await
}

/// Awaits something now and then, and acts meanwhile.
pub async fn pause() {
    if !chance(3) {
        return;
    }
    let mut polls = 2;
    poll_fn(|cx| {
        polls -= 1;
        if chance(2) {
            act_in(cx);
        }
        if polls == 0 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
