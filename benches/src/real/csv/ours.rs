//! cogen's ways.

use crate::real::{Done, Input};
use cogen::{BoxGen, Co, Generator, Step, generator};
use futures_lite::future::block_on;
use std::hint::black_box;
use std::pin::pin;

pub(super) fn pinned(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator = pin!(generator(body));
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(field)) = step {
        let wanted = done.field(field);
        step = generator.send(wanted).ok();
    }
    done
}

pub(super) fn boxed(input: &'static Input) -> Done {
    let text = &input.text[..];
    let mut done = Done::NOTHING;
    let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator: BoxGen<'_, &str, bool> = black_box(generator(body).boxed());
    let mut step = generator.start().ok();
    while let Some(Step::Yielded(field)) = step {
        let wanted = done.field(field);
        step = generator.send(wanted).ok();
    }
    done
}

pub(super) fn asend(input: &'static Input) -> Done {
    let text = &input.text[..];
    block_on(async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _, bool>| fields!([async move] [co.yield_] [.await] text);
        let mut generator = pin!(generator(body));
        let mut step = generator.astart().await.ok();
        while let Some(Step::Yielded(field)) = step {
            let wanted = done.field(field);
            step = generator.asend(wanted).await.ok();
        }
        done
    })
}
