//! Combinators that poll only what was woken, or stop early and poll the rest later, as `FuturesUnordered` does after
//! two children that woke themselves. Replies and exceptions must still reach the right yields and scopes.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use cogen::{
    Co, Exception, Generator, GeneratorExt, LocalBoxGen, RecursiveCo, Step, generator, recursive,
};
use futures::FutureExt;
use futures::executor::block_on;
use futures::future::LocalBoxFuture;
use futures::stream::{self, FuturesUnordered, StreamExt};

#[derive(Debug, thiserror::Error)]
#[error("stop")]
struct Stop;

const MANY: u32 = if cfg!(miri) { 5 } else { 40 };

type Child<'a, T> = LocalBoxFuture<'a, Option<T>>;

/// Pending `times` times; it wakes itself each time.
async fn eager(times: u32) {
    let mut polls = 0;
    poll_fn(|cx| {
        polls += 1;
        if polls > times {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs all children in one `FuturesUnordered`; gives their results, in any order.
async fn all<T>(children: impl IntoIterator<Item = Child<'_, T>>) -> Vec<T> {
    let children: FuturesUnordered<_> = children.into_iter().collect();
    children.filter_map(|given| async { given }).collect().await
}

/// Runs a future in a `FuturesUnordered` of its own, which wakes its caller whenever it has polled all its children.
async fn alone<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut one = FuturesUnordered::new();
    one.push(future);
    one.next().await
}

/// Yields a number; gives it with the reply.
async fn ask(co: Co<'_, u32, u32>, n: u32) -> Option<(u32, u32)> {
    Some((n, co.yield_(n).await))
}

/// Bodies that yield 0, 1 and 2 at the same time, beside futures that keep the combinator from polling all of them.
fn bodies() -> Vec<(
    &'static str,
    fn(Co<'_, u32, u32>) -> LocalBoxFuture<'_, Vec<(u32, u32)>>,
)> {
    fn beside<T>(many: u32, times: u32) -> impl Iterator<Item = Child<'static, T>> {
        (0..many).map(move |_| eager(times).map(|()| None).boxed_local())
    }
    async fn between(co: Co<'_, u32, u32>, many: u32, times: u32) -> Vec<(u32, u32)> {
        let first = std::iter::once(ask(co, 0).boxed_local());
        let rest = (1..3).map(|n| ask(co, n).boxed_local());
        all(first.chain(beside(many, times)).chain(rest)).await
    }
    vec![
        ("two once", |co| between(co, 2, 1).boxed_local()),
        ("two twice", |co| between(co, 2, 2).boxed_local()),
        ("many often", |co| between(co, MANY, 5).boxed_local()),
        ("nested", |co| {
            let asks = (0..3).map(move |n| alone(ask(co, n)).map(Option::flatten).boxed_local());
            let idle = alone(eager(9)).map(|_| None).boxed_local();
            all(std::iter::once(idle).chain(asks)).boxed_local()
        }),
        ("buffered", |co| {
            let inner = move |n: u32| {
                // This is boxed because `BufferUnordered` looks at a stream that may borrow from itself, which Miri
                // forbids.
                let one = async move {
                    match n {
                        3 => eager(4).map(|()| None).await,
                        n => ask(co, n).await,
                    }
                };
                let one = stream::once(one.boxed_local());
                one.map(|given| async move { given })
                    .buffer_unordered(4)
                    .collect::<Vec<_>>()
            };
            let order = stream::iter([3, 0, 1, 2]);
            let all = order.map(inner).buffer_unordered(4).collect::<Vec<_>>();
            all.map(|all| all.into_iter().flatten().flatten().collect())
                .boxed_local()
        }),
    ]
}

type Gen = LocalBoxGen<'static, u32, u32, Vec<(u32, u32)>>;

/// Answers each yielded number with ten times that number.
fn answer(mut g: Gen) -> Vec<(u32, u32)> {
    let mut step = g.start().unwrap();
    loop {
        match step {
            Step::Yielded(n) => step = g.send(10 * n).unwrap(),
            Step::Complete(got) => return got,
        }
    }
}

fn answer_async(mut g: Gen) -> Vec<(u32, u32)> {
    block_on(async {
        let mut step = g.astart().await.unwrap();
        loop {
            match step {
                Step::Yielded(n) => step = g.asend(10 * n).await.unwrap(),
                Step::Complete(got) => return got,
            }
        }
    })
}

#[test]
fn each_yield_has_its_own_reply() {
    for (name, body) in bodies() {
        for answer in [answer, answer_async] {
            let plain = generator(body).boxed_local();
            let run = recursive(move |co: RecursiveCo<'_, u32, u32>| body(*co)).boxed_local();
            let called =
                recursive(
                    move |co: RecursiveCo<'_, u32, u32>| async move { co.call(body(*co)).await },
                );
            for g in [plain, run, called.boxed_local()] {
                let mut got = answer(g);
                got.sort_unstable();
                assert_eq!(got, [(0, 0), (1, 10), (2, 20)], "{name}");
            }
        }
    }
}

#[test]
fn iterators_and_streams_have_all_values() {
    fn yields(co: Co<'_, u32>) -> LocalBoxFuture<'_, ()> {
        let asks = (0..3).map(move |n| alone(co.yield_(n)).map(|_| None).boxed_local());
        let idle = alone(eager(9)).map(|_| None).boxed_local();
        async move { drop(all::<()>(std::iter::once(idle).chain(asks)).await) }.boxed_local()
    }
    let mut values: Vec<_> = generator(yields).boxed_local().iter().collect();
    values.sort_unstable();
    assert_eq!(values, [0, 1, 2]);
    let stream = generator(yields).boxed_local().into_stream();
    let mut values: Vec<_> = block_on(stream.collect());
    values.sort_unstable();
    assert_eq!(values, [0, 1, 2]);
}

/// The context for a resume, or none.
fn context(with: bool) -> Option<Context<'static>> {
    with.then(|| Context::from_waker(Waker::noop()))
}

/// The exception goes to the scope around the yield that gave its value, though a sibling that is polled first could
/// give its own.
#[test]
fn an_exception_goes_to_the_scope_around_the_yield() {
    type Scope = for<'a> fn(Co<'a, &'static str>) -> LocalBoxFuture<'a, bool>;
    let scopes: [Scope; 2] = [
        |co| {
            co.catch(co.yield_("first"))
                .map(|got| got.is_err())
                .boxed_local()
        },
        |co| co.try_yield("first").map(|got| got.is_err()).boxed_local(),
    ];
    for (scope, beside, is_async) in scopes
        .iter()
        .flat_map(|s| [(s, 1), (s, 2), (s, MANY)])
        .flat_map(|(s, n)| [(s, n, false), (s, n, true)])
    {
        let mut g = generator(|co: Co<'_, &'static str>| async move {
            let first = scope(co).map(Some).boxed_local();
            let eager = (0..beside).map(|_| eager(2).map(|()| None).boxed_local());
            let second = co.yield_("second").map(|()| None).boxed_local();
            all(std::iter::once(first).chain(eager).chain([second])).await
        })
        .boxed_local();
        let mut cx = context(is_async);
        let step = Pin::new(&mut g).resume_start(cx.as_mut()).unwrap();
        assert_eq!(step, Step::Yielded("first"));
        let mut step = Pin::new(&mut g)
            .resume_throw(cx.as_mut(), Exception::new(Stop))
            .ok();
        while step.is_none() {
            // The body has woken its caller.
            step = Pin::new(&mut g).resume_continue(cx.as_mut()).ok();
        }
        assert_eq!(step, Some(Step::Yielded("second")), "{beside} beside it");
        let step = Pin::new(&mut g).resume_send(cx.as_mut(), ()).unwrap();
        assert_eq!(step, Step::Complete(vec![true]));
    }
}

/// A scope, alone or inside another one, that was not polled the last time, because nothing in it was woken.
#[test]
fn an_exception_goes_to_a_scope_that_was_not_polled() {
    for (messages, nested, is_async) in [
        (0, false, true),
        (1, false, true),
        (3, false, false),
        (1, true, true),
        (1, true, false),
    ] {
        let (sender, mut receiver) = futures::channel::mpsc::unbounded::<u32>();
        let mut g = generator(|co: Co<'_, u32>| async move {
            let scope = co.catch(pending::<()>()).map(|got| Some(got.is_err()));
            let busy = async move {
                while receiver.next().await.is_some() {}
                None
            };
            let mut both = FuturesUnordered::from_iter([scope.boxed_local(), busy.boxed_local()]);
            if nested {
                co.catch(both.next()).await.ok().flatten().flatten()
            } else {
                both.next().await.flatten()
            }
        })
        .boxed_local();
        let mut cx = context(true);
        assert!(Pin::new(&mut g).resume_start(cx.as_mut()).is_err());
        for message in 0..messages {
            sender.unbounded_send(message).unwrap();
            assert!(Pin::new(&mut g).resume_continue(cx.as_mut()).is_err());
        }
        let mut cx = context(is_async);
        let step = Pin::new(&mut g).resume_throw(cx.as_mut(), Exception::new(Stop));
        assert_eq!(
            step.unwrap(),
            Step::Complete(Some(true)),
            "{messages}, nested: {nested}"
        );
    }
}

/// The newest scope is gone, so the other one takes the exception.
#[test]
fn an_exception_goes_past_a_scope_that_was_dropped() {
    let (sender, mut receiver) = futures::channel::mpsc::unbounded::<u32>();
    let mut g = generator(|co: Co<'_, u32>| async move {
        let mut both = FuturesUnordered::new();
        both.push(
            co.catch(pending::<()>())
                .map(|got| got.is_err())
                .boxed_local(),
        );
        both.push(
            async move {
                let mut gone = Some(Box::pin(co.catch(pending::<()>())));
                poll_fn(|cx| {
                    if let Some(scope) = &mut gone {
                        assert!(scope.as_mut().poll(cx).is_pending());
                    }
                    let got = receiver.poll_next_unpin(cx);
                    got.is_ready().then(|| gone = None);
                    Poll::<bool>::Pending
                })
                .await
            }
            .boxed_local(),
        );
        both.next().await
    })
    .boxed_local();
    let mut cx = context(true);
    assert!(Pin::new(&mut g).resume_start(cx.as_mut()).is_err());
    sender.unbounded_send(1).unwrap();
    assert!(Pin::new(&mut g).resume_continue(cx.as_mut()).is_err());
    let step = g.throw(Exception::new(Stop));
    assert_eq!(step.unwrap(), Step::Complete(Some(true)));
}
