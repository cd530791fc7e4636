//! The ways of other crates.

use super::{Device, Line, Record, block_on, each_record};
use crate::real::{Done, Input};
use fauxgen::GeneratorToken;
use genawaiter::GeneratorState::Yielded;
use genawaiter::{rc, sync};
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let body = |co: rc::Co<_>| records!([async move] [co.yield_] [.await] device);
    let mut generator = rc::Gen::new(body);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        while let Yielded(record) = generator.async_resume().await {
            done.record(record);
        }
        done
    })
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let body = |co: sync::Co<_>| records!([async move] [co.yield_] [.await] device);
    let mut generator = sync::Gen::new(body);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        while let Yielded(record) = generator.async_resume().await {
            done.record(record);
        }
        done
    })
}

pub(super) fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body = Pin<Box<dyn Future<Output = ()>>>;
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let generator: rc::Gen<Record<'static>, (), Body> = rc::Gen::new(|co| {
        let body: Body = Box::pin(records!([async move] [co.yield_] [.await] device));
        body
    });
    let mut generator = black_box(generator);
    block_on(&line, async {
        let mut done = Done::NOTHING;
        while let Yielded(record) = generator.async_resume().await {
            done.record(record);
        }
        done
    })
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let stream = fauxgen::r#gen!(
        async |token: GeneratorToken<Record<'static>>| records!([] [token.yield_] [.await] device)
    );
    each_record(&line, stream)
}

pub(super) fn async_stream(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let stream = records!([async_stream::stream!] [yield] [] device);
    each_record(&line, stream)
}

pub(super) fn asynk_strim(input: &'static Input) -> Done {
    let line = Rc::new(Line::default());
    let mut device = Device::new(input, &line);
    let body = |mut yielder: asynk_strim::Yielder<_>| records!([async move] [yielder.yield_item] [.await] device);
    each_record(&line, asynk_strim::stream_fn(body))
}
