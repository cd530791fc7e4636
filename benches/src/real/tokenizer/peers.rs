//! The ways of other crates.

use super::{Token, is_name};
use crate::real::each::{each, each_streamed, resumed};
use crate::real::{Done, Input};
use corosensei::{Coroutine, Yielder};
use fauxgen::GeneratorToken;
use genawaiter::{rc, sync};
use generator::{Gn, Scope, done};
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = |co: rc::Co<_>| tokenize!([async move] [co.yield_] [.await] text);
    each(rc::Gen::new(body), Done::token)
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = |co: sync::Co<_>| tokenize!([async move] [co.yield_] [.await] text);
    each(sync::Gen::new(body), Done::token)
}

pub(super) fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;
    let text = &input.text[..];
    let generator: rc::Gen<Token<'_>, (), Body<'_>> = rc::Gen::new(|co| {
        let body: Body<'_> = Box::pin(tokenize!([async move] [co.yield_] [.await] text));
        body
    });
    each(black_box(generator), Done::token)
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    let text = &input.text[..];
    let generator = fauxgen::r#gen!(
        |token: GeneratorToken<Token<'static>>| tokenize!([] [token.yield_] [.await] text)
    );
    each(pin!(generator), Done::token)
}

pub(super) fn async_stream(input: &'static Input) -> Done {
    let text = &input.text[..];
    let stream = tokenize!([async_stream::stream!] [yield] [] text);
    each_streamed(stream, Done::token)
}

pub(super) fn asynk_strim(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = |mut yielder: asynk_strim::Yielder<_>| tokenize!([async move] [yielder.yield_item] [.await] text);
    each_streamed(asynk_strim::stream_fn(body), Done::token)
}

tokenize!(
    [
        #[diapause::coroutine(yield = Token<'a>)]
        fn tokens<'a>(text: &'a str)
    ]
    [] [text.as_bytes()] [yield_!] [] text
);

pub(super) fn diapause(input: &'static Input) -> Done {
    each(tokens(&input.text), Done::token)
}

pub(super) fn corosensei(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body =
        move |yielder: &Yielder<(), Token<'static>>, ()| tokenize!([] [yielder.suspend] [] text);
    each(resumed(Coroutine::new(body)), Done::token)
}

pub(super) fn generator(input: &'static Input) -> Done {
    let text = &input.text[..];
    let body = move |mut scope: Scope<'_, 'static, (), Token<'static>>| {
        tokenize!([] [scope.yield_] [] text);
        done!()
    };
    each(Gn::new_scoped(body), Done::token)
}
