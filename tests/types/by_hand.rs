//! Types that implement the protocol by hand keep what a loop has seen returned.

use cogen::{Co, Generator, GeneratorExt, State, Step, generator};
use futures::StreamExt;
use futures::executor::block_on;

use super::count;
use super::map_yield::MapYield;

#[test]
fn an_adapter_keeps_the_return_value_of_a_loop() {
    let mut tens = MapYield::new(count(2), |n| n * 10);
    assert_eq!(tens.next().unwrap(), Step::Yielded(10));
    assert_eq!(tens.iter().collect::<Vec<_>>(), [20]);
    assert_eq!(tens.take_return().unwrap().unwrap(), 3);
    assert!(tens.take_return().is_none());
}

#[test]
fn an_adapter_keeps_it_in_each_form() {
    let tens = || MapYield::new(count(2), |n| n * 10);
    let mut boxed = tens().boxed();
    assert_eq!((&mut boxed).into_iter().sum::<u32>(), 30);
    assert_eq!(boxed.take_return().unwrap().unwrap(), 3);

    let mut shared = tens().shared();
    assert_eq!(shared.clone().iter().sum::<u32>(), 30);
    assert_eq!(shared.take_return().unwrap().unwrap(), 3);

    let mut pinned = Box::pin(tens());
    assert_eq!(pinned.iter().sum::<u32>(), 30);
    assert_eq!(pinned.take_return().unwrap().unwrap(), 3);

    let mut streamed = tens().into_stream();
    let items: Vec<_> = block_on(streamed.by_ref().collect());
    assert_eq!(items, [10, 20]);
    assert_eq!(streamed.get_mut().take_return().unwrap().unwrap(), 3);

    let mut dynamic: Box<dyn Generator<Yield = u32, Resume = (), Return = u32> + Unpin> =
        Box::new(tens());
    assert_eq!(dynamic.iter().sum::<u32>(), 30);
    assert_eq!(dynamic.take_return().unwrap().unwrap(), 3);
}

#[test]
fn start_or_send_starts_once_and_then_sends() {
    let mut kept = generator(|co: Co<'_, usize, String>| async move {
        let mut heard = Vec::new();
        while heard.len() < 2 {
            heard.push(co.yield_(heard.len()).await);
        }
        heard
    })
    .boxed();
    assert_eq!(
        kept.start_or_send("lost".to_owned()).unwrap(),
        Step::Yielded(0)
    );
    assert_eq!(kept.state(), State::Suspended);
    assert_eq!(
        kept.start_or_send("a".to_owned()).unwrap(),
        Step::Yielded(1)
    );
    let Step::Complete(heard) = kept.start_or_send("b".to_owned()).unwrap() else {
        panic!()
    };
    assert_eq!(heard, ["a", "b"]);
    let late = kept.start_or_send("late".to_owned()).unwrap_err();
    assert_eq!(late.into_value().unwrap(), "late");
}
