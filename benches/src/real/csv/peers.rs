//! The ways of other crates. The argument of the first resume of each is not used.

use crate::real::{Done, Input};
use corosensei::{Coroutine, CoroutineResult, Yielder};
use diapause::{Coroutine as _, CoroutineState};
use fauxgen::{Generator as _, GeneratorToken};
use genawaiter::GeneratorState::{Complete, Yielded};
use genawaiter::{rc, sync};
use generator::{Gn, Scope, done};
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};

/// Answers each field that `resume` gives.
#[inline]
pub(super) fn each_answered<'a>(mut resume: impl FnMut(bool) -> Option<&'a str>) -> Done {
    let mut done = Done::NOTHING;
    let mut wanted = true;
    while let Some(field) = resume(wanted) {
        wanted = done.field(field);
    }
    done
}

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = |co: rc::Co<_, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator = rc::Gen::new(body);
    each_answered(|wanted| match generator.resume_with(wanted) {
        Yielded(field) => Some(field),
        Complete(()) => None,
    })
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = |co: sync::Co<_, bool>| fields!([async move] [co.yield_] [.await] text);
    let mut generator = sync::Gen::new(body);
    each_answered(|wanted| match generator.resume_with(wanted) {
        Yielded(field) => Some(field),
        Complete(()) => None,
    })
}

pub(super) fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
    let text = &input.text[..];
    let generator: rc::Gen<&str, bool, Body<'_>> = rc::Gen::new(|co: rc::Co<_, bool>| {
        let body: Body<'_> = Box::pin(fields!([async move] [co.yield_] [.await] text));
        body
    });
    let mut generator = black_box(generator);
    each_answered(|wanted| match generator.resume_with(wanted) {
        Yielded(field) => Some(field),
        Complete(()) => None,
    })
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    let text = &input.text[..];
    let generator = fauxgen::r#gen!(
        |token: GeneratorToken<&'static str, bool>| fields!([] [token.yield_] [.await] text)
    );
    let mut generator = pin!(generator);
    each_answered(|wanted| match generator.as_mut().resume(wanted) {
        fauxgen::GeneratorState::Yielded(field) => Some(field),
        fauxgen::GeneratorState::Complete(()) => None,
    })
}

fields!(
    [
        #[diapause::coroutine(yield = &'a str, resume = bool)]
        fn fields<'a>(text: &'a str)
    ]
    [] [text.as_bytes()] [yield_!] [] text
);

pub(super) fn diapause(input: &'static Input) -> Done {
    let mut coroutine = fields(&input.text);
    let mut done = Done::NOTHING;
    let mut state = coroutine.start();
    while let CoroutineState::Yielded(field) = state {
        let wanted = done.field(field);
        state = coroutine.resume(wanted);
    }
    done
}

pub(super) fn corosensei(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body =
        move |yielder: &Yielder<bool, &'static str>, _: bool| fields!([] [yielder.suspend] [] text);
    let mut coroutine = Coroutine::new(body);
    each_answered(|wanted| match coroutine.resume(wanted) {
        CoroutineResult::Yield(field) => Some(field),
        CoroutineResult::Return(()) => None,
    })
}

pub(super) fn generator(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = move |mut scope: Scope<'_, 'static, bool, &'static str>| {
        fields!([] [scope.yield_] [.unwrap_or_default()] text);
        done!()
    };
    let mut generator = Gn::new_scoped(body);
    each_answered(|wanted| generator.raw_send(Some(wanted)))
}
