//! The ways of other crates: generators that iterate over generators.

use super::{GROUP, Group};
use crate::real::each::{each, each_streamed, resumed};
use crate::real::{Done, Input};
use asynk_strim::{Yielder, stream_fn};
use fauxgen::GeneratorToken;
use futures_lite::StreamExt;
use genawaiter::{rc, sync};
use generator::{Gn, Scope, done};
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::str::SplitAsciiWhitespace;

pub(super) fn genawaiter_rc(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let numbers = |co: rc::Co<u64>| numbers!([async move] [words.next()] [co.yield_] [.await]);
    let mut numbers = rc::Gen::new(numbers).into_iter();
    let differences =
        |co: rc::Co<u64>| differences!([async move] [numbers.next()] [co.yield_] [.await]);
    let mut differences = rc::Gen::new(differences).into_iter();
    let groups =
        |co: rc::Co<Group>| groups!([async move] [differences.next()] [co.yield_] [.await]);
    each(rc::Gen::new(groups), Done::group).of_words(input)
}

pub(super) fn genawaiter_sync(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let numbers = |co: sync::Co<u64>| numbers!([async move] [words.next()] [co.yield_] [.await]);
    let mut numbers = sync::Gen::new(numbers).into_iter();
    let differences =
        |co: sync::Co<u64>| differences!([async move] [numbers.next()] [co.yield_] [.await]);
    let mut differences = sync::Gen::new(differences).into_iter();
    let groups =
        |co: sync::Co<Group>| groups!([async move] [differences.next()] [co.yield_] [.await]);
    each(sync::Gen::new(groups), Done::group).of_words(input)
}

pub(super) fn genawaiter_dyn(input: &'static Input) -> Done {
    type Body = Pin<Box<dyn Future<Output = ()>>>;
    fn boxed<Y>(body: impl FnOnce(rc::Co<Y>) -> Body) -> rc::Gen<Y, (), Body> {
        black_box(rc::Gen::new(body))
    }
    let mut words = input.text.split_ascii_whitespace();
    let numbers = boxed(|co: rc::Co<u64>| {
        Box::pin(numbers!([async move] [words.next()] [co.yield_] [.await]))
    });
    let mut numbers = numbers.into_iter();
    let differences = boxed(|co: rc::Co<u64>| {
        Box::pin(differences!([async move] [numbers.next()] [co.yield_] [.await]))
    });
    let mut differences = differences.into_iter();
    let groups = boxed(|co: rc::Co<Group>| {
        Box::pin(groups!([async move] [differences.next()] [co.yield_] [.await]))
    });
    each(groups, Done::group).of_words(input)
}

pub(super) fn fauxgen(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let numbers = fauxgen::r#gen!(
        |token: GeneratorToken<u64>| numbers!([] [words.next()] [token.yield_] [.await])
    );
    let mut numbers = pin!(numbers);
    let differences = fauxgen::r#gen!(
        |token: GeneratorToken<u64>| differences!([] [numbers.next()] [token.yield_] [.await])
    );
    let mut differences = pin!(differences);
    let groups = fauxgen::r#gen!(
        |token: GeneratorToken<Group>| groups!([] [differences.next()] [token.yield_] [.await])
    );
    each(pin!(groups), Done::group).of_words(input)
}

pub(super) fn async_stream(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let mut numbers = pin!(numbers!([async_stream::stream!] [words.next()] [yield] []));
    let mut differences =
        pin!(differences!([async_stream::stream!] [numbers.next().await] [yield] []));
    let groups = groups!([async_stream::stream!] [differences.next().await] [yield] []);
    each_streamed(groups, Done::group).of_words(input)
}

pub(super) fn asynk_strim(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let mut numbers = pin!(stream_fn(|mut yielder: Yielder<u64>| {
        numbers!([async move] [words.next()] [yielder.yield_item] [.await])
    }));
    let mut differences = pin!(stream_fn(|mut yielder: Yielder<u64>| {
        differences!([async move] [numbers.next().await] [yielder.yield_item] [.await])
    }));
    let groups = stream_fn(
        |mut yielder: Yielder<Group>| groups!([async move] [differences.next().await] [yielder.yield_item] [.await]),
    );
    each_streamed(groups, Done::group).of_words(input)
}

numbers!(
    [
        #[diapause::coroutine(yield = u64)]
        fn numbers_of(mut words: SplitAsciiWhitespace<'static>)
    ]
    [words.next()] [yield_!] []
);

differences!(
    [
        #[diapause::coroutine(yield = u64)]
        fn differences_of<I: Iterator<Item = u64>>(mut numbers: I)
    ]
    [numbers.next()] [yield_!] []
);

groups!(
    [
        #[diapause::coroutine(yield = Group)]
        fn groups_of<I: Iterator<Item = u64>>(mut differences: I)
    ]
    [differences.next()] [yield_!] []
);

pub(super) fn diapause(input: &'static Input) -> Done {
    let numbers = numbers_of(input.text.split_ascii_whitespace());
    let differences = differences_of(numbers.into_iter());
    each(groups_of(differences.into_iter()), Done::group).of_words(input)
}

pub(super) fn corosensei(input: &'static Input) -> Done {
    use corosensei::{Coroutine, Yielder};
    let mut words = input.text.split_ascii_whitespace();
    let numbers =
        move |yielder: &Yielder<(), u64>, ()| numbers!([] [words.next()] [yielder.suspend] []);
    let mut numbers = resumed(Coroutine::new(numbers));
    let differences = move |yielder: &Yielder<(), u64>, ()| differences!([] [numbers.next()] [yielder.suspend] []);
    let mut differences = resumed(Coroutine::new(differences));
    let groups = move |yielder: &Yielder<(), Group>, ()| groups!([] [differences.next()] [yielder.suspend] []);
    each(resumed(Coroutine::new(groups)), Done::group).of_words(input)
}

pub(super) fn generator(input: &'static Input) -> Done {
    let mut words = input.text.split_ascii_whitespace();
    let mut numbers = Gn::new_scoped(move |mut scope: Scope<'_, 'static, (), u64>| {
        numbers!([] [words.next()] [scope.yield_] []);
        done!()
    });
    let mut differences = Gn::new_scoped(move |mut scope: Scope<'_, 'static, (), u64>| {
        differences!([] [numbers.next()] [scope.yield_] []);
        done!()
    });
    let groups = Gn::new_scoped(move |mut scope: Scope<'_, 'static, (), Group>| {
        groups!([] [differences.next()] [scope.yield_] []);
        done!()
    });
    each(groups, Done::group).of_words(input)
}
