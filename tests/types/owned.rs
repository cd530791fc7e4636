//! Iterators that own their generator.

use std::pin::pin;

use cogen::{BoxGen, Generator, GeneratorExt, Shared, from_iter, generator, recursive};
use futures::Stream;

use super::count;

fn pairs(list: Vec<u32>) -> impl Iterator<Item = u32> {
    generator(move |co| async move {
        for n in &list {
            co.yield_(*n).await;
            co.yield_(n * 10).await;
        }
    })
    .into_iter()
}

fn boxed_pairs(list: Vec<u32>) -> impl Iterator<Item = u32> + Send {
    generator(move |co| async move { co.yield_all(list.iter().copied()).await })
        .boxed()
        .into_iter()
        .map(|n| n + 1)
}

fn unnamed() -> impl Generator<Yield = u32, Resume = (), Return = u32> + Unpin {
    Box::pin(count(3))
}

fn erased(
    g: impl Generator<Yield = u32, Resume = (), Return = u32> + Unpin,
) -> impl Iterator<Item = u32> {
    g.into_iterator()
}

#[test]
fn a_function_gives_an_iterator() {
    assert_eq!(pairs(vec![1, 2]).collect::<Vec<_>>(), [1, 10, 2, 20]);
    assert_eq!(boxed_pairs(vec![1, 2]).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(erased(unnamed()).sum::<u32>(), 6);
    assert_eq!(erased(&mut count(2)).sum::<u32>(), 3);
}

#[test]
fn a_loop_takes_each_form_by_value() {
    let mut seen = Vec::new();
    for n in generator(|co| async move { co.yield_(1).await }) {
        seen.push(n);
    }
    for n in recursive(|co| async move { co.yield_(2).await }) {
        seen.push(n);
    }
    for n in pin!(generator(|co| async move { co.yield_(3).await })) {
        seen.push(n);
    }
    for n in Box::pin(generator(|co| async move { co.yield_(4).await })) {
        seen.push(n);
    }
    for n in pin!(recursive(|co| async move { co.yield_(5).await })) {
        seen.push(n);
    }
    for n in Box::pin(recursive(|co| async move { co.yield_(6).await })) {
        seen.push(n);
    }
    for n in generator(|co| async move { co.yield_(7).await }).boxed() {
        seen.push(n);
    }
    for n in generator(|co| async move { co.yield_(8).await }).boxed_local() {
        seen.push(n);
    }
    for n in generator(|co| async move { co.yield_(9).await }).shared() {
        seen.push(n);
    }
    for n in recursive(|co| async move { co.yield_(10).await }).boxed() {
        seen.push(n);
    }
    for n in generator(|co| async move { co.yield_(11).await })
        .boxed()
        .closing()
    {
        seen.push(n);
    }
    for n in from_iter([12]) {
        seen.push(n);
    }
    for n in &mut from_iter([13]) {
        seen.push(n);
    }
    assert_eq!(seen, (1..=13).collect::<Vec<_>>());
}

#[test]
fn what_was_returned_is_in_the_iterator() {
    let mut iter = count(3).into_iter();
    assert_eq!(iter.next(), Some(1));
    assert_eq!(iter.by_ref().collect::<Vec<_>>(), [2, 3]);
    assert_eq!(iter.get_ref().state(), cogen::State::Closed);
    assert_eq!(iter.get_mut().take_return().unwrap().unwrap(), 6);

    let mut iter = generator(|co| async move { co.yield_(1).await }).into_iter();
    iter.by_ref().for_each(drop);
    assert!(iter.into_inner().take_return().unwrap().is_ok());
}

#[test]
fn an_iterator_that_stops_early_leaves_its_generator() {
    let mut iter = count(5).into_iter();
    assert_eq!(iter.next(), Some(1));
    let mut g: BoxGen<'_, u32, (), u32> = iter.into_inner();
    assert_eq!(g.iter().take(2).collect::<Vec<_>>(), [2, 3]);
    let mut shared: Shared<_> = g.shared();
    assert_eq!(shared.clone().into_iter().next(), Some(4));
    assert_eq!(shared.next().unwrap().yielded(), Some(5));
}

/// In each form of a generator that knows how much is left.
#[test]
fn an_iterator_passes_on_how_many_items_are_left() {
    let hint = |left| (left, Some(left));
    let mut g = from_iter(vec![1, 2, 3]);
    assert_eq!(g.iter().size_hint(), hint(3));
    g.next().unwrap();
    assert_eq!(g.iter().size_hint(), hint(2));
    assert_eq!((&mut g).boxed().into_iter().size_hint(), hint(2));
    assert_eq!((&mut g).boxed_local().into_iter().size_hint(), hint(2));
    assert_eq!((&mut g).into_stream().size_hint(), hint(2));
    assert_eq!((&mut g).closing().iter().size_hint(), hint(2));
    assert_eq!(Box::pin(from_iter(0..4)).iter().size_hint(), hint(4));
    assert_eq!(from_iter(0..4).shared().iter().size_hint(), hint(4));
    assert_eq!(
        from_iter(0..4).boxed().shared().into_stream().size_hint(),
        hint(4)
    );
    let mut boxed: Box<dyn Generator<Yield = i32, Resume = (), Return = ()> + Unpin> =
        Box::new(from_iter(0..4));
    assert_eq!(boxed.iter().size_hint(), hint(4));
    boxed.iter().for_each(drop);
    assert_eq!(boxed.iter().size_hint(), hint(0));

    let mut body = count(1);
    assert_eq!(body.iter().size_hint(), (0, None));
    body.iter().for_each(drop);
    assert_eq!(body.iter().size_hint(), hint(0));
}

#[test]
fn a_stream_of_a_box_is_send() {
    fn is_send<T: Send + Sync>(_: &T) {}
    fn body(text: String) -> impl Stream<Item = Result<usize, cogen::Exception>> + Send + Sync {
        generator(move |co| async move {
            for word in text.split(' ') {
                co.yield_(word.len()).await;
            }
            Ok(())
        })
        .boxed()
        .into_try_stream()
    }
    is_send(&body("to be".to_owned()));
    is_send(&count(2).into_stream());
}
