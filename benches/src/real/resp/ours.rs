//! cogen's ways.

use super::{Bytes, Event, Number, Reply, Store};
use crate::real::{Done, Input};
use cogen::{BoxGen, Co, Generator, Step, generator};
use futures_lite::future::block_on;
use std::hint::black_box;
use std::ops::Range;
use std::pin::pin;

type Chunk = &'static [u8];

pub(super) fn pinned(input: &'static Input) -> Done {
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, Event, Chunk>| serve!([async move] [co.yield_] [.await]);
    let mut generator = pin!(generator(body));
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(event)) = step {
        let chunk = done.event(event, &mut chunks);
        step = generator.send(chunk).ok();
    }
    done
}

pub(super) fn boxed(input: &'static Input) -> Done {
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, Event, Chunk>| serve!([async move] [co.yield_] [.await]);
    let mut generator: BoxGen<'_, Event, Chunk> = black_box(generator(body).boxed());
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(event)) = step {
        let chunk = done.event(event, &mut chunks);
        step = generator.send(chunk).ok();
    }
    done
}

pub(super) fn asend(input: &'static Input) -> Done {
    block_on(async {
        let mut chunks = input.chunks();
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, Event, Chunk>| serve!([async move] [co.yield_] [.await]);
        let mut generator = pin!(generator(body));
        let mut step = generator.astart().await.ok();
        while let Some(Step::Yielded(event)) = step {
            let chunk = done.event(event, &mut chunks);
            step = generator.asend(chunk).await.ok();
        }
        done
    })
}

/// The reason why no request was read.
enum End {
    Closed,
    Malformed,
}

/// The way that one would write it: the functions that read are given `co`.
pub(super) fn helpers(input: &'static Input) -> Done {
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let mut generator = pin!(generator(serve));
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(event)) = step {
        let chunk = done.event(event, &mut chunks);
        step = generator.send(chunk).ok();
    }
    done
}

async fn serve(co: Co<'_, Event, Chunk>) {
    let mut bytes = Bytes::default();
    let mut words = Vec::new();
    let mut store = Store::default();
    loop {
        match request(co, &mut bytes, &mut words).await {
            Ok(()) => {
                let reply = store.execute(&bytes, &words);
                words.clear();
                bytes.forget();
                co.yield_(Event::Reply(reply)).await;
            }
            Err(End::Closed) => return,
            Err(End::Malformed) => {
                co.yield_(Event::Reply(Reply::Malformed)).await;
                return;
            }
        }
    }
}

async fn request(
    co: Co<'_, Event, Chunk>,
    bytes: &mut Bytes,
    words: &mut Vec<Range<usize>>,
) -> Result<(), End> {
    for _ in 0..number(co, bytes, b'*').await? {
        let length = number(co, bytes, b'$').await?;
        while bytes.unread() < length + 2 {
            more(co, bytes).await?;
        }
        words.push(bytes.take(length));
    }
    Ok(())
}

async fn number(co: Co<'_, Event, Chunk>, bytes: &mut Bytes, mark: u8) -> Result<usize, End> {
    loop {
        match bytes.number(mark) {
            Number::Is(number) => return Ok(number),
            Number::Partial => more(co, bytes).await?,
            Number::Malformed => return Err(End::Malformed),
        }
    }
}

async fn more(co: Co<'_, Event, Chunk>, bytes: &mut Bytes) -> Result<(), End> {
    let chunk = co.yield_(Event::More).await;
    if chunk.is_empty() {
        return Err(End::Closed);
    }
    bytes.feed(chunk);
    Ok(())
}
