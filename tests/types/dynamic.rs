//! `dyn Generator`.

use std::pin::{Pin, pin};
use std::rc::Rc;

use cogen::{Co, Exception, Generator, State, Step, from_iter, generator, recursive};
use futures::executor::block_on;

use super::count;

type Numbers<'a> = dyn Generator<Yield = u32, Resume = (), Return = u32> + Unpin + 'a;

fn sum(numbers: &mut Numbers<'_>) -> (u32, u32) {
    assert_eq!(numbers.state(), State::Created);
    let Ok(Step::Yielded(mut sum)) = numbers.next() else {
        panic!()
    };
    for n in &mut *numbers {
        sum += n;
    }
    (sum, numbers.take_return().unwrap().unwrap())
}

#[test]
fn an_object_has_the_protocol() {
    assert_eq!(sum(&mut count(4)), (10, 10));
    let mut pinned = pin!(generator(|co| async move {
        co.yield_all([1, 2]).await;
        9
    }));
    assert_eq!(sum(&mut pinned), (3, 9));
    let mut called = recursive(|co| async move {
        co.yield_(5).await;
        9
    })
    .boxed_local();
    assert_eq!(sum(&mut called), (5, 9));
    assert_eq!(sum(&mut count(2).shared()), (3, 3));
}

#[test]
fn a_reference_to_an_object_has_what_a_vtable_cannot_have() {
    fn use_it(mut numbers: &mut Numbers<'_>) {
        assert_eq!((&mut numbers).iter().next(), Some(1));
        block_on(async { assert_eq!((&mut numbers).anext().await.unwrap(), Step::Yielded(2)) });
        let thrown = (&mut numbers).throw(Exception::new("stop")).unwrap_err();
        assert_eq!(thrown.to_string(), "stop");
        assert_eq!(numbers.close().unwrap(), None);
        assert_eq!(numbers.state(), State::Closed);
    }
    use_it(&mut count(5));
}

#[test]
fn an_object_is_sent_to() {
    fn echo(to: &mut (dyn Generator<Yield = String, Resume = String, Return = ()> + Unpin)) {
        to.start().unwrap();
        assert_eq!(
            to.send("a".to_owned()).unwrap(),
            Step::Yielded("a".to_owned())
        );
        assert_eq!(
            to.start_or_send("b".to_owned()).unwrap().yielded().unwrap(),
            "b"
        );
    }
    let body = |co: Co<'static, String, String>| async move {
        let mut heard = String::new();
        while heard != "end" {
            heard = co.yield_(heard).await;
        }
    };
    echo(&mut generator(body).boxed());
    echo(&mut Box::pin(generator(body)));
}

/// Whatever is not `Send` or `Unpin`, side by side in one list.
#[test]
fn a_list_of_pinned_objects() {
    let here = Rc::new(3);
    let there = here.clone();
    let list: Vec<Pin<Box<dyn Generator<Yield = u32, Resume = (), Return = ()>>>> = vec![
        Box::pin(generator(move |co| async move { co.yield_(*there).await })),
        Box::pin(from_iter([4, 5])),
        Box::pin(from_iter([6]).boxed()),
    ];
    let all: Vec<_> = list.into_iter().flatten().collect();
    assert_eq!(all, [3, 4, 5, 6]);
    assert_eq!(Rc::strong_count(&here), 1);
}

#[test]
fn an_object_goes_to_another_thread() {
    let mut numbers: Box<dyn Generator<Yield = u32, Resume = (), Return = u32> + Unpin + Send> =
        Box::new(count(3));
    assert_eq!(numbers.next().unwrap(), Step::Yielded(1));
    let rest = std::thread::spawn(move || numbers.into_iter().collect::<Vec<_>>());
    assert_eq!(rest.join().unwrap(), [2, 3]);
}

#[test]
fn a_body_delegates_to_an_object() {
    let sub: Pin<Box<dyn Generator<Yield = u32, Resume = (), Return = u32> + Send>> =
        Box::pin(count(2));
    let mut outer = generator(|co| async move { co.yield_from(sub).await + 1 }).boxed();
    assert_eq!(outer.iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(outer.take_return().unwrap().unwrap(), 4);
}
