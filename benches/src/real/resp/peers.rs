//! The ways of other crates. The argument of the first resume of each is not used.

use super::{Bytes, Event, Number, Reply, Store};
use crate::real::{Done, Input};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use diapause::{Coroutine as _, CoroutineState};
use fauxgen::{Generator as _, GeneratorToken};
use genawaiter::GeneratorState::{Complete, Yielded};
use genawaiter::{rc, sync};
use generator::{Gn, Scope, done};
use std::future::Future;
use std::hint::black_box;
use std::ops::Range;
use std::pin::{Pin, pin};

pub(super) type Chunk = &'static [u8];

/// Sends the input to the server behind `resume`.
#[inline]
pub(super) fn each_chunk(
    input: &'static Input,
    mut resume: impl FnMut(Chunk) -> Option<Event>,
) -> Done {
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let mut chunk: Chunk = &[];
    while let Some(event) = resume(chunk) {
        chunk = done.event(event, &mut chunks);
    }
    done
}

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    let body = |co: rc::Co<_, Chunk>| serve!([async move] [co.yield_] [.await]);
    let mut generator = rc::Gen::new(body);
    each_chunk(input, |chunk| match generator.resume_with(chunk) {
        Yielded(event) => Some(event),
        Complete(()) => None,
    })
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    let body = |co: sync::Co<_, Chunk>| serve!([async move] [co.yield_] [.await]);
    let mut generator = sync::Gen::new(body);
    each_chunk(input, |chunk| match generator.resume_with(chunk) {
        Yielded(event) => Some(event),
        Complete(()) => None,
    })
}

pub(super) fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body = Pin<Box<dyn Future<Output = ()>>>;
    let generator: rc::Gen<Event, Chunk, Body> = rc::Gen::new(|co: rc::Co<_, Chunk>| {
        let body: Body = Box::pin(serve!([async move] [co.yield_] [.await]));
        body
    });
    let mut generator = black_box(generator);
    each_chunk(input, |chunk| match generator.resume_with(chunk) {
        Yielded(event) => Some(event),
        Complete(()) => None,
    })
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    let generator =
        fauxgen::r#gen!(|token: GeneratorToken<Event, Chunk>| serve!([] [token.yield_] [.await]));
    let mut generator = pin!(generator);
    each_chunk(input, |chunk| match generator.as_mut().resume(chunk) {
        fauxgen::GeneratorState::Yielded(event) => Some(event),
        fauxgen::GeneratorState::Complete(()) => None,
    })
}

/// The body once more: diapause cannot handle labels that come from a macro.
#[diapause::coroutine(yield = Event, resume = &'static [u8])]
fn server() {
    let mut bytes: Bytes = Bytes::default();
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut store: Store = Store::default();
    let malformed: bool = 'all: loop {
        let count: usize = loop {
            match bytes.number(b'*') {
                Number::Is(count) => break count,
                Number::Partial => {}
                Number::Malformed => break 'all true,
            }
            let chunk: &'static [u8] = yield_!(Event::More);
            if chunk.is_empty() {
                break 'all false;
            }
            bytes.feed(chunk);
        };
        for _ in 0_usize..count {
            let length: usize = loop {
                match bytes.number(b'$') {
                    Number::Is(length) => break length,
                    Number::Partial => {}
                    Number::Malformed => break 'all true,
                }
                let chunk: &'static [u8] = yield_!(Event::More);
                if chunk.is_empty() {
                    break 'all false;
                }
                bytes.feed(chunk);
            };
            while bytes.unread() < length + 2 {
                let chunk: &'static [u8] = yield_!(Event::More);
                if chunk.is_empty() {
                    break 'all false;
                }
                bytes.feed(chunk);
            }
            words.push(bytes.take(length));
        }
        let reply = store.execute(&bytes, &words);
        words.clear();
        bytes.forget();
        yield_!(Event::Reply(reply));
    };
    if malformed {
        yield_!(Event::Reply(Reply::Malformed));
    }
}

/// Diapause has a method of its own for the first step.
pub(super) fn diapause(input: &'static Input) -> Done {
    let mut coroutine = server();
    let mut chunks = input.chunks();
    let mut done = Done::NOTHING;
    let mut state = coroutine.start();
    while let CoroutineState::Yielded(event) = state {
        let chunk = done.event(event, &mut chunks);
        state = coroutine.resume(chunk);
    }
    done
}

pub(super) fn corosensei(input: &'static Input) -> Done {
    let body = move |yielder: &Yielder<Chunk, Event>, _: Chunk| serve!([] [yielder.suspend] []);
    let mut coroutine = Coroutine::new(body);
    each_chunk(input, |chunk| match coroutine.resume(chunk) {
        CoroutineResult::Yield(event) => Some(event),
        CoroutineResult::Return(()) => None,
    })
}

pub(super) fn generator(input: &'static Input) -> Done {
    let body = move |mut scope: Scope<'_, 'static, Chunk, Event>| {
        serve!([] [scope.yield_] [.unwrap_or_default()]);
        done!()
    };
    let mut generator = Gn::new_scoped(body);
    each_chunk(input, |chunk| generator.raw_send(Some(chunk)))
}
