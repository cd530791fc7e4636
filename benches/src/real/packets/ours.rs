//! cogen's ways.

use super::{Device, Line, Record, block_on};
use crate::real::{Done, Input};
use cogen::{Co, Generator, GeneratorExt, LocalBoxGen, Step, generator};
use futures_lite::StreamExt;
use std::hint::black_box;
use std::pin::pin;
use std::rc::Rc;

pub(super) fn anext(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _>| records!([async move] [co.yield_] [.await] device);
        let mut generator = pin!(generator(body));
        while let Ok(Step::Yielded(record)) = generator.anext().await {
            done.record(record);
        }
        done
    })
}

pub(super) fn anext_boxed(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _>| records!([async move] [co.yield_] [.await] device);
        let mut generator: LocalBoxGen<'_, Record<'_>> = black_box(generator(body).boxed_local());
        while let Ok(Step::Yielded(record)) = generator.anext().await {
            done.record(record);
        }
        done
    })
}

pub(super) fn stream(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        let body = |co: Co<'_, _>| records!([async move] [co.yield_] [.await] device);
        let mut stream = pin!(generator(body).into_stream());
        while let Some(record) = stream.next().await {
            done.record(record);
        }
        done
    })
}
