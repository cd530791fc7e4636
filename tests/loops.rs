//! A loop over a generator never ends as if all were done where it was not: it panics with the error, and `results()`
//! gives the error as an item. In a delegation the error is raised in the body that delegates.

mod support;

use std::cell::RefCell;
use std::future::pending;
use std::iter;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;

use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExt, LocalBoxGen, NextError, Shared, State, Step,
    WeakShared, generator, recursive,
};
use futures::StreamExt;
use futures::executor::block_on;
use support::{Oops, pending_once};

/// Yields 1, and raises.
fn raising() -> BoxGen<'static, u32> {
    generator(|co| async move {
        co.yield_(1).await;
        co.raise(Oops(7)).await;
    })
    .boxed()
}

/// Yields 1, and awaits what is not ready the first time; then yields 2.
fn awaiting() -> BoxGen<'static, u32> {
    generator(|co| async move {
        co.yield_(1).await;
        pending_once().await;
        co.yield_(2).await;
    })
    .boxed()
}

/// What a panic says.
fn panic_of<R>(run: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).err().expect("a panic");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_owned(),
    }
}

/// A form of a loop over a generator.
type Loop<'a> = Box<dyn FnOnce() + 'a>;

/// Every loop that has no place for an error, over a pinned, a boxed and a shared generator.
fn loops<'a>(make: fn() -> BoxGen<'a, u32>) -> Vec<(&'static str, Loop<'a>)> {
    vec![
        ("for", Box::new(move || for _item in &mut make() {})),
        (
            "for, pinned",
            Box::new(move || {
                let mut body = make();
                for _item in &mut pin!(generator(
                    |co| async move { co.yield_from(&mut body).await }
                )) {}
            }),
        ),
        (
            "for, recursive",
            Box::new(move || {
                let mut body = make();
                for _item in &mut Box::pin(recursive(
                    |co| async move { co.yield_from(&mut body).await },
                )) {}
            }),
        ),
        (
            "for, shared",
            Box::new(move || for _item in &mut make().shared() {}),
        ),
        ("iter", Box::new(move || make().iter().for_each(|_item| ()))),
        (
            "count",
            Box::new(move || assert_eq!(make().iter().count(), 0)),
        ),
        (
            "collect",
            Box::new(move || drop(make().iter().collect::<Vec<_>>())),
        ),
        (
            "sum",
            Box::new(move || assert_eq!(make().iter().map(|n| 2 * n).sum::<u32>(), 0)),
        ),
        (
            "zip",
            Box::new(move || (0..9).zip(make().iter()).for_each(|_item| ())),
        ),
        (
            "boxed",
            Box::new(move || {
                let mut g = make();
                let items: Box<dyn Iterator<Item = u32>> = Box::new(g.iter());
                let _last = items.last();
            }),
        ),
    ]
}

#[test]
fn a_loop_over_a_body_that_raises_panics_with_the_error() {
    for (form, run) in loops(raising) {
        assert_eq!(
            panic_of(run),
            "the generator of this loop raised: oops 7",
            "{form}"
        );
    }
}

#[test]
fn a_loop_over_a_body_that_awaits_says_how_to_go_on() {
    for (form, run) in loops(awaiting) {
        let message = panic_of(run);
        assert!(
            message.starts_with("the generator of this loop awaits a future"),
            "{form}: {message}"
        );
        for call in [
            "into_stream()",
            "acontinue()",
            "try_continue()",
            "results()",
        ] {
            assert!(message.contains(call), "{form}: {message}");
        }
    }
}

#[test]
fn the_exception_is_kept_for_take_return() {
    let mut g = raising();
    panic_of(|| g.iter().count());
    assert!(g.take_return().unwrap().unwrap_err().is::<Oops>());
    assert!(g.take_return().is_none());
    // As a Python generator that has raised: it is over.
    assert_eq!(g.iter().next(), None);
}

#[test]
fn a_loop_goes_on_after_a_body_has_awaited() {
    let mut g = awaiting();
    panic_of(|| g.iter().count());
    assert_eq!(g.iter().collect::<Vec<_>>(), [2]);
}

type Me = WeakShared<LocalBoxGen<'static, u32>>;

/// A generator whose body is given a handle to itself.
fn with_itself<F>(
    body: impl FnOnce(Co<'static, u32>, Shared<LocalBoxGen<'static, u32>>) -> F + 'static,
) -> Shared<LocalBoxGen<'static, u32>>
where
    F: Future<Output = ()> + 'static,
{
    let place: Rc<RefCell<Option<Me>>> = Rc::default();
    let shared = generator({
        let place = place.clone();
        move |co| async move {
            let me = place
                .borrow()
                .as_ref()
                .and_then(WeakShared::upgrade)
                .unwrap();
            body(co, me).await;
        }
    })
    .boxed_local()
    .shared();
    *place.borrow_mut() = Some(shared.downgrade());
    shared
}

#[test]
fn a_loop_over_the_generator_that_is_running_panics() {
    let mut g = with_itself(|co, mut me| async move {
        co.yield_(1).await;
        for item in &mut me {
            co.yield_(item).await;
        }
    });
    let message = panic_of(|| g.iter().count());
    assert!(message.contains("generator already executing"), "{message}");
    assert_eq!(g.state(), State::Closed);
}

#[test]
fn a_delegation_to_the_generator_that_is_running_raises() {
    let mut g = with_itself(|co, mut me| async move {
        let running = co.catch_as::<NextError, _>(co.yield_all(&mut me)).await;
        assert!(matches!(running, Err(NextError::Running)));
        co.yield_(1).await;
    });
    assert_eq!(g.iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn results_gives_the_error_as_the_last_item() {
    let mut g = raising();
    let mut results = g.results();
    assert!(matches!(results.next(), Some(Ok(1))));
    let Some(Err(NextError::Raised(exception))) = results.next() else {
        panic!()
    };
    assert!(exception.is::<Oops>());
    assert!(results.next().is_none());
    assert!(g.take_return().is_none());

    let mut g = awaiting();
    let mut results = g.iter().results();
    assert!(matches!(results.next(), Some(Ok(1))));
    assert!(matches!(results.next(), Some(Err(NextError::Pending))));
    assert!(results.next().is_none());
    let rest: Vec<_> = g.results().collect();
    assert!(matches!(rest[..], [Ok(2)]));
    assert_eq!(g.take_return().unwrap().unwrap(), ());

    let mut over = with_itself(|co, mut me| async move {
        let items: Vec<_> = me.results().collect();
        assert!(matches!(items[..], [Err(NextError::Running)]));
        co.yield_(1).await;
    });
    assert_eq!(
        over.results().filter_map(Result::ok).collect::<Vec<_>>(),
        [1]
    );
    assert_eq!(over.results().count(), 0);
}

/// What the caller of a body sees that delegates to `inner`.
fn delegating<I>(items: impl FnOnce() -> I + Send) -> (Vec<u32>, Option<Exception>)
where
    I: Iterator<Item = u32> + Send,
{
    let mut items = Some(items);
    let mut outer = generator(|co| {
        let items = items.take().unwrap()();
        async move {
            co.yield_all(items).await;
            "all done"
        }
    })
    .boxed();
    let mut seen = Vec::new();
    for item in outer.results() {
        match item {
            Ok(item) => seen.push(item),
            Err(NextError::Raised(exception)) => return (seen, Some(exception)),
            Err(other) => panic!("{other}"),
        }
    }
    (seen, None)
}

#[test]
fn yield_all_raises_in_the_outer_body() {
    let mut inner = raising();
    let (seen, raised) = delegating(|| inner.iter());
    assert_eq!(seen, [1]);
    assert!(raised.unwrap().is::<Oops>());

    let mut inner = awaiting();
    let (seen, raised) = delegating(|| inner.iter());
    assert_eq!(seen, [1]);
    assert!(raised.unwrap().is::<NextError>());
    // It was only lent.
    assert_eq!(inner.iter().collect::<Vec<_>>(), [2]);
}

/// What stands between the loop and the delegation must not see an end that is none, and go on as if all were done.
#[test]
fn a_loop_behind_an_adaptor_panics_in_a_delegation() {
    type Case = fn(&mut BoxGen<'static, u32>);
    let cases: [(&str, Case); 6] = [
        ("map", |g| drop(delegating(|| g.iter().map(|n| n + 1)))),
        ("filter", |g| {
            drop(delegating(|| g.iter().filter(|n| *n > 1)));
        }),
        ("chain", |g| drop(delegating(|| g.iter().chain(7..9)))),
        ("chained", |g| drop(delegating(|| (7..9).chain(g.iter())))),
        ("flat", |g| {
            drop(delegating(|| iter::once(g).flat_map(Generator::iter)));
        }),
        ("batches", |g| {
            let mut items = g.iter();
            drop(delegating(move || {
                iter::from_fn(move || {
                    let batch: Vec<_> = items.by_ref().take(3).collect();
                    panic!("a batch of {batch:?} that is not whole")
                })
            }));
        }),
    ];
    for (form, case) in cases {
        let message = panic_of(|| case(&mut raising()));
        assert_eq!(
            message, "the generator of this loop raised: oops 7",
            "{form}"
        );
    }
}

/// Only the delegation asks in a way that lets the error pass: `nth` of others is a loop like any other.
#[test]
#[allow(clippy::iter_nth_zero, reason = "`nth` is what is tested")]
fn nth_is_as_loud_as_next() {
    assert_eq!(raising().iter().nth(0), Some(1));
    for n in [1, 2, 100] {
        let message = panic_of(|| raising().iter().nth(n));
        assert_eq!(message, "the generator of this loop raised: oops 7");
    }
    // A loop inside of an iterator that a delegation asks, at whatever address.
    let message = panic_of(|| delegating(|| iter::from_fn(|| raising().iter().nth(1))));
    assert_eq!(message, "the generator of this loop raised: oops 7");
}

/// An iterator of the same size and at the same address as the loop in it, which goes on after what looks like an end.
#[test]
#[allow(clippy::iter_nth_zero, reason = "`nth` is what is tested")]
fn a_loop_in_a_wrapper_panics_in_a_delegation() {
    struct Wrapper<I>(I);

    impl<I: Iterator<Item = u32>> Iterator for Wrapper<I> {
        type Item = u32;

        fn next(&mut self) -> Option<u32> {
            self.0.nth(0).or(Some(5))
        }
    }

    let mut inner = raising();
    let message = panic_of(|| delegating(|| Wrapper(inner.iter())));
    assert_eq!(message, "the generator of this loop raised: oops 7");
}

#[test]
fn yield_all_raises_at_each_level_of_delegations() {
    fn level(depth: u32) -> BoxGen<'static, u32> {
        generator(move |co| async move {
            if depth == 0 {
                co.yield_(depth).await;
                co.raise(Oops(7)).await;
            }
            let caught = co
                .catch_as::<Oops, _>(co.yield_all(&mut level(depth - 1)))
                .await;
            co.yield_(depth).await;
            if let Err(oops) = caught {
                co.raise(oops).await;
            }
        })
        .boxed()
    }
    let mut g = level(3);
    let items: Vec<_> = g.results().collect();
    let [
        Ok(0),
        Ok(1),
        Ok(2),
        Ok(3),
        Err(NextError::Raised(exception)),
    ] = &items[..]
    else {
        panic!("{items:?}")
    };
    assert!(exception.is::<Oops>());
}

/// An error belongs to the delegation whose iterator the loop is in, and not to one that it runs in.
#[test]
fn a_loop_inside_what_is_delegated_to_panics() {
    let mut outer = generator(|co| async move {
        co.yield_all((0..2).map(|_| raising().iter().sum::<u32>()))
            .await;
    })
    .boxed();
    let message = panic_of(|| outer.next());
    assert_eq!(message, "the generator of this loop raised: oops 7");

    let mut inner = generator(|co| async move {
        for item in &mut raising() {
            co.yield_(item).await;
        }
    })
    .boxed();
    let message = panic_of(|| delegating(|| inner.iter()));
    assert_eq!(message, "the generator of this loop raised: oops 7");
    // Nothing of that is left for later delegations.
    let mut inner = raising();
    assert!(delegating(|| inner.iter()).1.unwrap().is::<Oops>());
    assert_eq!(delegating(|| 1..3).0, [1, 2]);
}

#[test]
fn an_iterator_that_panics_leaves_nothing_behind() {
    let message = panic_of(|| delegating(|| iter::once_with(|| panic!("in the iterator"))));
    assert_eq!(message, "in the iterator");
    for _ in 0..3 {
        assert!(delegating(|| iter::once(1)).1.is_none());
        let mut inner = raising();
        assert!(delegating(|| inner.iter()).1.is_some());
    }
}

#[test]
fn yield_all_with_raises_in_the_outer_body() {
    let mut inner = raising();
    let mut outer = pin!(generator(|co: Co<'_, u32, bool>| async move {
        let items = co.yield_all_with(inner.iter(), |_: bool| Ok::<_, Oops>(()));
        co.catch_as::<Oops, _>(items).await
    }));
    assert_eq!(outer.start().unwrap(), Step::Yielded(1));
    assert!(matches!(
        outer.send(true).unwrap(),
        Step::Complete(Err(Oops(7)))
    ));
}

#[test]
fn a_stream_is_as_loud_as_a_loop() {
    let message = panic_of(|| block_on(raising().into_stream().collect::<Vec<_>>()));
    assert_eq!(message, "the generator of this loop raised: oops 7");
    let items = block_on(raising().into_stream().results().collect::<Vec<_>>());
    assert!(matches!(items[..], [Ok(1), Err(NextError::Raised(_))]));

    let mut me = with_itself(|co, me| async move {
        let items: Vec<_> = me.into_stream().results().collect().await;
        assert!(matches!(items[..], [Err(NextError::Running)]));
        co.yield_(1).await;
    });
    assert_eq!(me.iter().collect::<Vec<_>>(), [1]);
    let mut me = with_itself(|_co, me| async move {
        let _count = me.into_stream().count().await;
    });
    let message = panic_of(|| me.iter().count());
    assert!(message.contains("generator already executing"), "{message}");
}

#[test]
fn a_stream_that_is_delegated_to_panics() {
    let mut inner = raising();
    let mut outer = generator(|co| async move {
        co.yield_all_stream((&mut inner).into_stream()).await;
    })
    .boxed();
    let message = panic_of(|| outer.iter().count());
    assert_eq!(message, "the generator of this loop raised: oops 7");
}

#[test]
fn a_try_stream_of_the_running_generator_gives_one_error() {
    let place: Rc<
        RefCell<Option<WeakShared<LocalBoxGen<'static, u32, (), Result<(), Exception>>>>>,
    > = Rc::default();
    let mut g = generator({
        let place = place.clone();
        move |co| async move {
            let me = place
                .borrow()
                .as_ref()
                .and_then(WeakShared::upgrade)
                .unwrap();
            let items: Vec<Result<u32, Exception>> = me.into_try_stream().collect().await;
            assert_eq!(items.len(), 1);
            assert!(items[0].as_ref().unwrap_err().is::<NextError>());
            co.yield_(1).await;
            Ok(())
        }
    })
    .boxed_local()
    .shared();
    *place.borrow_mut() = Some(g.downgrade());
    assert_eq!(g.iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn a_loop_over_a_body_that_never_gets_on_does_not_end_silently() {
    let mut g = Box::pin(generator(|co| async move {
        co.yield_(1).await;
        pending::<()>().await;
    }));
    assert!(panic_of(|| Pin::new(&mut g).iter().count()).contains("awaits a future"));
    let left: Vec<_> = g.results().collect();
    assert!(matches!(left[..], [Err(NextError::Pending)]));
}
