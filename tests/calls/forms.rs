//! A recursive generator in all places where a generator may be used.

use std::pin::pin;

use cogen::{
    BoxGen, Call, Co, Frame, Generator, GeneratorExt, Recursive, RecursiveCo, State, Step,
    generator, recursive,
};
use futures::StreamExt as _;

use crate::descend;

const fn send<T: Send>() {}
const fn sync<T: Sync>() {}
const fn unpin<T: Unpin>() {}

/// The future of `descend` is `Send` and `Sync`, as are others, so calls of them are, too.
fn is_send<T: Send>(_: &T) {}
fn is_sync<T: Sync>(_: &T) {}

const _: () = {
    type Local = std::rc::Rc<()>;
    send::<RecursiveCo<'static, Local, Local>>();
    sync::<RecursiveCo<'static, Local, Local>>();
    unpin::<RecursiveCo<'static, Local>>();
    send::<Call<'static, Local, Local, std::future::Ready<u8>>>();
    send::<Recursive<'static, Local, Local, std::future::Ready<u8>>>();
    sync::<Recursive<'static, Local, Local, std::future::Ready<u8>>>();
    unpin::<Recursive<'static, u8, u8, std::future::Ready<u8>>>();
    unpin::<Call<'static, u8, u8, std::future::Pending<u8>>>();
};

#[test]
fn it_is_send_and_sync_if_its_bodies_are() {
    let frame = recursive(|co| descend(co, 1));
    is_send(&frame);
    is_sync(&frame);
}

#[test]
fn it_needs_no_pin_if_its_body_does_not() {
    let mut frame: Recursive<'_, (), (), _> = recursive(|_| std::future::ready(1));
    assert_eq!(frame.next().unwrap(), Step::Complete(1));
}

#[test]
fn owners_share_it() {
    let mut one = recursive(|co| descend(co, 2)).shared();
    let mut other = one.clone();
    assert_eq!(one.next().unwrap(), Step::Yielded(2));
    assert_eq!(other.next().unwrap(), Step::Yielded(1));
    assert_eq!(one.close().unwrap(), None);
    assert_eq!(other.state(), State::Closed);
}

#[test]
fn it_is_driven() {
    async fn sum(co: RecursiveCo<'_, u32, u32>, depth: u32) -> u32 {
        let answer = co.yield_(depth).await;
        if depth == 0 {
            return answer;
        }
        answer + co.call(sum(co, depth - 1)).await
    }
    let driven = recursive(|co| sum(co, 3)).drive(|depth| depth * 10);
    assert_eq!(driven.unwrap(), 60);
}

#[test]
fn it_is_a_stream() {
    let stream = pin!(recursive(|co| descend(co, 3)).into_stream());
    let seen: Vec<_> = futures::executor::block_on(stream.collect());
    assert_eq!(seen, [3, 2, 1, 0]);
}

#[test]
fn a_plain_generator_delegates_to_it() {
    let mut g = generator(|co: Co<'_, u32>| async move {
        co.yield_from(Box::pin(recursive(|co| descend(co, 2))))
            .await
    })
    .boxed();
    assert_eq!(g.iter().collect::<Vec<_>>(), [2, 1, 0]);
    assert_eq!(g.take_return().unwrap().unwrap(), 2);
}

#[test]
fn it_has_a_name_in_a_box() {
    fn countdown(from: u32) -> BoxGen<'static, u32, (), u32> {
        recursive(move |co| descend(co, from)).boxed()
    }
    let mut g = countdown(2);
    let seen = std::thread::spawn(move || g.iter().collect::<Vec<_>>());
    assert_eq!(seen.join().unwrap(), [2, 1, 0]);
}

#[test]
fn helpers_for_plain_generators_take_its_handle() {
    async fn twice(co: Co<'_, u32>, n: u32) {
        co.yield_(n).await;
        co.yield_(n).await;
    }
    async fn lent(co: &Co<'_, u32>) {
        co.yield_(0).await;
    }
    let mut g = pin!(recursive(|co: RecursiveCo<'_, u32>| async move {
        twice(*co, 1).await;
        lent(&co).await;
        co.call(twice(co.into(), 2)).await;
    }));
    assert_eq!(g.iter().collect::<Vec<_>>(), [1, 1, 0, 2, 2]);
}

#[test]
#[cfg(feature = "genawaiter")]
fn it_is_a_coroutine_of_genawaiter() {
    use genawaiter::{Coroutine, GeneratorState};
    let mut g = Box::pin(recursive(|co| descend(co, 0)));
    assert_eq!(g.as_mut().resume_with(()), GeneratorState::Yielded(0));
    assert_eq!(g.as_mut().resume_with(()), GeneratorState::Complete(0));
}

#[test]
fn it_takes_few_words_beside_a_frame() {
    type Body = std::future::Ready<()>;
    let few = 3 * size_of::<usize>() + 3 * size_of::<u64>();
    let more = size_of::<Recursive<'_, u8, u8, Body>>() - size_of::<Frame<'_, u8, u8, Body>>();
    assert!(more <= few, "{more}");
}
