//! Scopes, async generators, context managers, decorators.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::time::{Duration, Instant};

use cogen::aio::decorators::{Backoff, logged, retry, timed, within};
use cogen::aio::{self, AsyncContext, AsyncGenerator, Error, async_generator, sleep_until};
use futures::StreamExt;
use futures::channel::mpsc;

use super::{Kind, Row, of, row, when};

pub(super) const SCOPES: &[Row] = &[
    row("anext", |_, until| {
        let generator = slow(until);
        of(move || {
            let generator = generator.clone();
            async move { generator.anext().await.and_then(item) }
        })
    }),
    row("asend", |_, until| {
        let generator: AsyncGenerator<u8, u8> = async_generator(move |co| async move {
            loop {
                let sent = co.yield_(1).await;
                assert_eq!(sent, 2);
                sleep_until(until).await;
            }
        });
        of(move || {
            let generator = generator.clone();
            async move {
                if generator.state() == cogen::State::Created {
                    generator.astart().await?;
                }
                generator.asend(2).await.and_then(item)
            }
        })
    }),
    row("athrow", |_, until| {
        let generator: AsyncGenerator<u8> = async_generator(move |co| async move {
            let thrown = co.try_yield(1).await;
            assert!(thrown.is_err());
            sleep_until(until).await;
            co.yield_(2).await;
        });
        of(move || {
            let generator = generator.clone();
            async move {
                generator.anext().await?;
                generator.athrow(Error::new("thrown")).await.and_then(item)
            }
        })
    })
    .that(Kind::Once),
    row("aclose", |_, until| {
        let generator: AsyncGenerator<u8> = async_generator(move |co| async move {
            aio::finally(co.yield_(1), sleep_until(until)).await;
        });
        of(move || {
            let generator = generator.clone();
            async move {
                generator.anext().await?;
                generator.aclose().await
            }
        })
    })
    .that(Kind::Closes),
    row("items of a generator", |_, until| {
        let generator = slow(until);
        of(move || {
            let mut items = generator.items();
            async move { item(items.next().await.transpose()?) }
        })
    }),
    row("an async for over a stream", |_, until| {
        let (sender, receiver) = mpsc::unbounded::<u8>();
        when(until, move || drop(sender.unbounded_send(1)));
        let receiver = Rc::new(RefCell::new(receiver));
        of(move || {
            let receiver = receiver.clone();
            async move {
                while poll_fn(|cx| receiver.borrow_mut().poll_next_unpin(cx))
                    .await
                    .is_some()
                {}
                aio::ok(())
            }
        })
    }),
    row("finally", |ledger, until| {
        let ledger = ledger.clone();
        of(move || ledger.task(until))
    })
    .that(Kind::Owns),
    row("catch_cancelled", |_, until| {
        of(move || async move {
            match aio::catch_cancelled(sleep_until(until)).await {
                Ok(()) => aio::ok(()),
                Err(cancelled) => cancelled.raise().await,
            }
        })
    }),
    row("catch", |_, until| {
        of(move || async move {
            match aio::catch(sleep_until(until)).await {
                Ok(()) => aio::ok(()),
                Err(error) => error.raise().await,
            }
        })
    }),
    row("catch_exception", |_, until| {
        of(move || async move { aio::catch_exception(sleep_until(until)).await })
    }),
    row("async with, entering", |_, until| {
        of(move || async move {
            let manager = aio::context_manager(move |co| async move {
                sleep_until(until).await;
                co.yield_(()).await;
            });
            manager.with(async |()| {}).await.map(drop)
        })
    }),
    row("async with, leaving", |_, until| {
        of(move || async move {
            let manager = aio::context_manager(move |co| async move {
                co.yield_(()).await;
                sleep_until(until).await;
            });
            manager.with(async |()| {}).await.map(drop)
        })
    }),
    row("exit_stack", |_, until| {
        of(move || async move {
            aio::exit_stack(async |stack| stack.callback(async move || sleep_until(until).await))
                .await
                .map(drop)
        })
    })
    .that(Kind::Once),
    row("retry", |_, until| {
        of(move || async move {
            let failed = Cell::new(0);
            let tries = retry(Backoff::attempts(3).delay(Duration::ZERO), async |()| {
                failed.set(failed.get() + 1);
                if failed.get() < 3 {
                    return Err(Error::new("not yet"));
                }
                sleep_until(until).await;
                aio::ok(())
            });
            tries(()).await
        })
    }),
    row("retry, between attempts", |_, until| {
        of(move || async move {
            let failed = Cell::new(false);
            let delay = until - aio::now();
            let tries = retry(
                Backoff::attempts(2).delay(delay).longest(delay),
                async |()| {
                    if failed.replace(true) {
                        Ok(())
                    } else {
                        Err(Error::new("not yet"))
                    }
                },
            );
            tries(()).await
        })
    }),
    row("decorators", |_, until| {
        of(move || async move {
            let plain = async |until: Instant| sleep_until(until).await;
            let inside = within(
                || aio::nullcontext(()),
                timed(|_| {}, logged(|_| {}, plain)),
            );
            inside(until).await
        })
    }),
    row("aclosing", |_, until| {
        of(move || async move {
            let body = async |_: AsyncGenerator<u8>| sleep_until(until).await;
            aio::aclosing(slow(until)).with(body).await.map(drop)
        })
    }),
    row("suppress", |_, until| {
        of(move || async move {
            let body = async |()| sleep_until(until).await;
            aio::suppress::<std::fmt::Error>()
                .with(body)
                .await
                .map(drop)
        })
    }),
];

/// A generator with one item, at that time.
fn slow(until: Instant) -> AsyncGenerator<u8> {
    async_generator(move |co| async move {
        sleep_until(until).await;
        co.yield_(1).await;
    })
}

fn item(item: Option<u8>) -> Result<(), Error> {
    item.map(drop).ok_or_else(|| Error::new("no item"))
}
