//! Every row of the protocol's table, in every form.
#![allow(
    unreachable_code,
    reason = "what follows an endless loop names the return type"
)]

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cogen::{
    CloseError, Co, Exception, Generator, GeneratorExit, NextError, SendError, StartError, State,
    Step, ThrowError, generator,
};
use support::{Drops, Oops, adder};

fn is_oops(exception: &Exception, n: i32) -> bool {
    exception.downcast_ref::<Oops>() == Some(&Oops(n))
}

#[test]
fn created_starts_or_closes() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        assert_eq!(g.state(), State::Created, "{form}");
        assert!(
            matches!(g.send(5), Err(SendError::JustStarted(5))),
            "{form}"
        );
        assert_eq!(g.state(), State::Created, "{form}");
        assert_eq!(g.start().unwrap(), Step::Yielded(1), "{form}");
        assert_eq!(g.state(), State::Suspended, "{form}");
    }
    in_all_forms!(adder(), check);
}

#[test]
fn suspended_resumes_with_what_is_sent() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        g.start().unwrap();
        assert!(
            matches!(g.start(), Err(StartError::AlreadyStarted)),
            "{form}"
        );
        assert_eq!(g.send(10).unwrap(), Step::Yielded(12), "{form}");
        assert_eq!(g.send(20).unwrap(), Step::Yielded(33), "{form}");
        assert_eq!(g.send(30).unwrap(), Step::Complete(60), "{form}");
        assert_eq!(g.state(), State::Closed, "{form}");
        assert!(matches!(g.send(7), Err(SendError::Finished(7))), "{form}");
        assert!(matches!(g.start(), Err(StartError::Finished)), "{form}");
    }
    in_all_forms!(adder(), check);
}

#[test]
fn next_starts_and_resumes_and_ends() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = &'static str> + Unpin>(
        form: &str,
        mut g: G,
    ) {
        assert_eq!(g.next().unwrap(), Step::Yielded(1), "{form}");
        assert_eq!(g.next().unwrap(), Step::Yielded(2), "{form}");
        assert_eq!(g.next().unwrap(), Step::Complete("end"), "{form}");
        assert!(matches!(g.next(), Err(NextError::Finished)), "{form}");
    }
    in_all_forms!(
        generator(|co| async move {
            co.yield_(1).await;
            co.yield_(2).await;
            "end"
        }),
        check
    );
}

#[test]
fn throw_without_a_scope_drops_the_body() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(
        form: &str,
        (mut g, drops): (G, Drops),
    ) {
        g.next().unwrap();
        assert_eq!(drops.count(), 0, "{form}");
        let Err(ThrowError::Raised(exception)) = g.throw(Oops(1)) else {
            panic!("{form}")
        };
        assert!(is_oops(&exception, 1), "{form}");
        assert_eq!(drops.count(), 1, "{form}");
        assert_eq!(g.state(), State::Closed, "{form}");
        let Err(ThrowError::Raised(exception)) = g.throw(Oops(2)) else {
            panic!("{form}")
        };
        assert!(
            is_oops(&exception, 2),
            "{form}: thrown at a closed generator, it comes straight back"
        );
    }
    fn make(drops: &Drops) -> cogen::Frame<'static, i32, (), impl Future<Output = ()> + use<>> {
        let guard = drops.guard();
        generator(|co| async move {
            let _guard = guard;
            co.yield_(1).await;
        })
    }
    let drops = Drops::default();
    check("pinned", (std::pin::pin!(make(&drops)), drops));
    let drops = Drops::default();
    check("boxed", (make(&drops).boxed_local(), drops));
}

#[test]
fn throw_at_a_created_one_never_runs_the_body() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        let Err(ThrowError::Raised(exception)) = g.throw(Oops(1)) else {
            panic!("{form}")
        };
        assert!(is_oops(&exception, 1), "{form}");
        assert_eq!(g.state(), State::Closed, "{form}");
        assert!(matches!(g.next(), Err(NextError::Finished)), "{form}");
    }
    in_all_forms!(
        generator(|co| async move {
            co.yield_(1).await;
            panic!("the body ran");
        }),
        check
    );
}

#[test]
fn the_innermost_scope_has_what_is_thrown() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        g.next().unwrap();
        assert_eq!(g.throw(Oops(1)).unwrap(), Step::Yielded(11), "{form}");
        assert_eq!(g.throw(Oops(2)).unwrap(), Step::Yielded(102), "{form}");
        let Err(ThrowError::Raised(exception)) = g.throw(Oops(3)) else {
            panic!("{form}")
        };
        assert!(is_oops(&exception, 3), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            let outer = co.catch(async {
                let inner = co.catch(co.yield_(1)).await;
                let oops = inner.unwrap_err().downcast::<Oops>().unwrap();
                co.yield_(10 + oops.0).await;
            });
            let oops = outer.await.unwrap_err().downcast::<Oops>().unwrap();
            co.yield_(100 + oops.0).await;
        }),
        check
    );
}

#[test]
fn try_yield_has_the_reply_or_the_exception() {
    fn check<G: Generator<Yield = String, Resume = i32, Return = ()> + Unpin>(
        form: &str,
        mut g: G,
    ) {
        g.start().unwrap();
        assert_eq!(
            g.send(7).unwrap(),
            Step::Yielded("reply 7".to_owned()),
            "{form}"
        );
        assert_eq!(
            g.throw(Oops(8)).unwrap(),
            Step::Yielded("oops 8".to_owned()),
            "{form}"
        );
        assert_eq!(
            g.send(9).unwrap(),
            Step::Yielded("reply 9".to_owned()),
            "{form}"
        );
    }
    in_all_forms!(
        generator(|co: Co<'_, String, i32>| async move {
            let mut answer = String::new();
            loop {
                answer = match co.try_yield(answer).await {
                    Ok(n) => format!("reply {n}"),
                    Err(exception) => exception.to_string(),
                };
            }
        }),
        check
    );
}

#[test]
fn catch_as_lets_other_exceptions_pass() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = i32> + Unpin>(form: &str, mut g: G) {
        g.next().unwrap();
        assert_eq!(g.throw(Oops(5)).unwrap(), Step::Yielded(5), "{form}");
        let Err(ThrowError::Raised(exception)) = g.throw(std::fmt::Error) else {
            panic!("{form}")
        };
        assert!(exception.is::<std::fmt::Error>(), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            let mut n = 0;
            loop {
                match co.catch_as::<Oops, _>(co.yield_(n)).await {
                    Ok(()) => return n,
                    Err(Oops(thrown)) => n = thrown,
                }
            }
        }),
        check
    );
}

#[test]
fn raise_goes_to_the_innermost_scope_and_takes_back_what_was_yielded() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = i32> + Unpin>(form: &str, mut g: G) {
        assert_eq!(g.next().unwrap(), Step::Yielded(3), "{form}");
        let Err(NextError::Raised(exception)) = g.next() else {
            panic!("{form}")
        };
        assert!(is_oops(&exception, 4), "{form}");
        assert_eq!(g.state(), State::Closed, "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            let caught = co
                .catch(async { futures::join!(co.yield_(2), co.raise(Oops(3))) })
                .await;
            co.yield_(caught.unwrap_err().downcast::<Oops>().unwrap().0)
                .await;
            co.raise(Oops(4)).await
        }),
        check
    );
}

#[test]
fn finally_runs_on_every_way_out_and_the_exception_goes_on() {
    for (way, expected) in [
        ("end", 1),
        ("throw", 1),
        ("close", 1),
        ("drop", 1),
        ("unstarted", 0),
    ] {
        let cleaned = std::cell::Cell::new(0);
        {
            let cleaned = &cleaned;
            let mut g = generator(|co: Co<'_, i32>| async move {
                co.finally(co.yield_(1), async { cleaned.set(cleaned.get() + 1) })
                    .await;
            })
            .boxed_local();
            if way != "unstarted" {
                g.next().unwrap();
            }
            match way {
                "end" => assert_eq!(g.next().unwrap(), Step::Complete(())),
                "throw" => assert!(matches!(g.throw(Oops(1)), Err(ThrowError::Raised(_)))),
                "close" => assert_eq!(g.close().unwrap(), None),
                _ => drop(g),
            }
        }
        assert_eq!(cleaned.get(), expected, "{way}");
    }
}

#[test]
fn a_cleanup_may_yield() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        g.next().unwrap();
        assert_eq!(g.throw(Oops(1)).unwrap(), Step::Yielded(2), "{form}");
        let Err(NextError::Raised(exception)) = g.next() else {
            panic!("{form}")
        };
        assert!(is_oops(&exception, 1), "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            co.finally(co.yield_(1), async { co.yield_(2).await }).await;
        }),
        check
    );
}

#[test]
fn close_is_answered_in_four_ways() {
    fn make(answer: &'static str) -> cogen::LocalBoxGen<'static, i32, (), i32> {
        generator(move |co: Co<'_, i32>| async move {
            let Err(exit) = co.try_yield(1).await else {
                return 0;
            };
            assert!(exit.is::<GeneratorExit>());
            match answer {
                "return" => 7,
                "unwind" => co.raise(exit).await,
                "raise" => co.raise(Oops(8)).await,
                _ => {
                    co.yield_(9).await;
                    10
                }
            }
        })
        .boxed_local()
    }
    let mut g = make("return");
    g.next().unwrap();
    assert_eq!(g.close().unwrap(), Some(7));
    assert_eq!(g.close().unwrap(), None);

    let mut g = make("unwind");
    g.next().unwrap();
    assert_eq!(g.close().unwrap(), None);

    let mut g = make("raise");
    g.next().unwrap();
    let Err(CloseError::Raised(exception)) = g.close() else {
        panic!()
    };
    assert!(is_oops(&exception, 8));

    let mut g = make("yield");
    g.next().unwrap();
    assert!(matches!(g.close(), Err(CloseError::Ignored(9))));
    assert_eq!(g.state(), State::Suspended);
    assert_eq!(g.close().unwrap(), None, "it can be closed again");

    let mut g = make("unstarted");
    assert_eq!(g.close().unwrap(), None);
    assert_eq!(g.state(), State::Closed);
}

#[test]
fn a_panic_goes_to_the_caller_and_closes() {
    fn check<G: Generator<Yield = i32, Resume = (), Return = ()> + Unpin>(form: &str, mut g: G) {
        g.next().unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| g.next()));
        assert_eq!(
            *caught.unwrap_err().downcast::<&str>().unwrap(),
            "boom",
            "{form}"
        );
        assert_eq!(g.state(), State::Closed, "{form}");
        assert!(matches!(g.next(), Err(NextError::Finished)), "{form}");
        assert_eq!(g.close().unwrap(), None, "{form}");
    }
    in_all_forms!(
        generator(|co: Co<'_, i32>| async move {
            co.yield_(1).await;
            panic!("boom");
        }),
        check
    );
}

#[test]
fn what_is_in_the_slot_when_the_body_panics_is_dropped() {
    let drops = Drops::default();
    let (yielded, sent) = (drops.guard(), drops.guard());
    let mut g = Box::pin(generator(
        |co: Co<'_, Option<support::DropGuard>, _>| async move {
            let first = co.yield_(None);
            futures::pin_mut!(first);
            std::future::poll_fn(|cx| first.as_mut().poll(cx).map(|_: support::DropGuard| ()))
                .await;
            futures::join!(co.yield_(Some(yielded)), async { panic!("boom") });
        },
    ));
    g.start().unwrap();
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| g.send(sent).is_ok()));
    assert!(caught.is_err());
    assert_eq!(drops.count(), 2);
}

#[test]
fn iteration_keeps_the_return_value() {
    let mut g = std::pin::pin!(generator(|co| async move {
        co.yield_(1).await;
        co.yield_(2).await;
        "end"
    }));
    let mut seen = Vec::new();
    for n in &mut g {
        seen.push(n);
    }
    assert_eq!(seen, [1, 2]);
    assert_eq!(g.take_return().unwrap().unwrap(), "end");
    assert!(g.take_return().is_none());
    assert_eq!(g.iter().next(), None, "fused");

    let mut boxed = generator(|co: Co<'_, i32>| async move {
        co.yield_(1).await;
        co.raise(Oops(2)).await
    })
    .boxed_local();
    let mut all = (&mut boxed).into_iter();
    assert_eq!(all.next(), Some(1));
    assert!(catch_unwind(AssertUnwindSafe(|| all.next())).is_err());
    assert_eq!(all.next(), None, "fused");
    assert!(is_oops(
        &boxed
            .take_return()
            .unwrap()
            .map(|never: cogen::Never| never)
            .unwrap_err(),
        2
    ));
}

#[test]
fn drop_closes_boxes_and_closing_forms_and_drops_frames_as_they_are() {
    let count = std::cell::Cell::new((0, 0));
    let make = || {
        let count = &count;
        generator(|co: Co<'_, i32>| async move {
            let outcome = co.try_yield(1).await;
            assert!(outcome.unwrap_err().is::<GeneratorExit>());
            count.set((count.get().0 + 1, count.get().1));
            co.yield_(2).await;
            count.set((count.get().0, count.get().1 + 1));
        })
    };
    let mut boxed = make().boxed_local();
    boxed.next().unwrap();
    drop(boxed);
    assert_eq!(
        count.get(),
        (1, 0),
        "the second yield is dropped as it stands"
    );
    let mut closing = Box::pin(make()).closing();
    closing.next().unwrap();
    drop(closing);
    assert_eq!(count.get(), (2, 0));
    let mut frame = Box::pin(make());
    frame.next().unwrap();
    drop(frame);
    assert_eq!(count.get(), (2, 0));
}

#[test]
fn errors_are_small_and_work_with_question_mark() {
    fn run() -> Result<i32, Box<dyn std::error::Error>> {
        let mut g = adder().boxed_local();
        g.start()?;
        let Step::Yielded(n) = g.send(1)? else {
            return Ok(0);
        };
        g.close()?;
        g.send(2)?;
        Ok(n)
    }
    assert_eq!(run().unwrap_err().to_string(), "generator has finished");
    assert!(size_of::<StartError>() <= 24);
    assert!(size_of::<SendError<u64>>() <= 24);
}
