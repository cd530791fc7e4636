//! `drive` and `try_drive`.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use cogen::{
    BoxGen, Co, DriveError, Exception, Generator, GeneratorExt, Shared, State, Step, generator,
};

use crate::in_all_forms;
use crate::support::{Drops, Oops, adder, pending_once};

#[test]
fn requests_are_answered_until_the_body_returns() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32>>(form: &str, g: G) {
        let mut asked = Vec::new();
        let sum = g.drive(|n| {
            asked.push(n);
            10 * n
        });
        assert_eq!(sum.unwrap(), 10 + 120 + 1330, "{form}");
        assert_eq!(asked, [1, 12, 133], "{form}");
    }
    check("inline", adder());
    check("shared", adder().boxed_local().shared());
    in_all_forms!(adder(), check);
}

#[test]
fn a_body_that_asks_nothing_only_returns() {
    let g = generator(|_: Co<'_, i32, i32>| async { 5 });
    assert_eq!(g.drive(|_| unreachable!()).unwrap(), 5);
}

#[test]
fn a_started_or_finished_generator_is_refused_and_not_asked() {
    let mut g = Box::pin(adder());
    g.start().unwrap();
    let refused = (&mut g).drive(|_| unreachable!());
    assert!(matches!(refused, Err(DriveError::AlreadyStarted)));
    assert_eq!(g.send(1).unwrap(), Step::Yielded(3), "it is where it was");
    g.close().unwrap();
    let refused = g.drive(|_| unreachable!());
    assert!(matches!(refused, Err(DriveError::Finished(None))));
}

#[test]
fn what_the_body_raises_ends_the_drive() {
    let g = generator(|co: Co<'_, i32, i32>| async move {
        let reply = co.yield_(1).await;
        co.raise(Oops(reply)).await;
    });
    let outcome: Result<(), _> = g.drive(|n| n + 1);
    let Err(DriveError::Raised(exception)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(exception.downcast::<Oops>().unwrap(), Oops(2));
}

#[test]
fn a_foreign_await_is_an_error_and_a_lent_generator_goes_on() {
    let mut g = Box::pin(generator(|co: Co<'_, i32, i32>| async move {
        let sent = co.yield_(1).await;
        pending_once().await;
        sent + co.yield_(2).await
    }));
    let stopped = (&mut g).drive(|_| 5);
    assert!(
        matches!(stopped, Err(DriveError::Pending(None))),
        "{stopped:?}"
    );
    let step = futures::executor::block_on(std::future::poll_fn(|cx| {
        match g.as_mut().resume_continue(Some(cx)) {
            Err(cogen::NextError::Pending) => std::task::Poll::Pending,
            step => std::task::Poll::Ready(step),
        }
    }));
    assert_eq!(step.unwrap(), Step::Yielded(2));
    assert_eq!(g.send(6).unwrap(), Step::Complete(11));
}

#[test]
fn a_reply_that_no_yield_had_comes_back() {
    // The yield that asked is not polled again.
    let mut g = Box::pin(generator(|co: Co<'_, i32, String>| async move {
        let mut asking = Box::pin(co.yield_(1));
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            if polls > 1 {
                return std::task::Poll::Pending;
            }
            asking.as_mut().poll(cx).map(drop)
        })
        .await;
    }));
    let stopped = (&mut g).drive(|_| "reply".to_owned());
    assert_eq!(stopped.unwrap_err().into_value().as_deref(), Some("reply"));
}

#[test]
fn a_handler_that_ends_a_shared_generator_has_its_reply_back() {
    let mut g = adder().boxed_local().shared();
    let mut other = g.clone();
    let stopped = (&mut g).drive(|n| {
        other.close().unwrap();
        n
    });
    assert!(
        matches!(stopped, Err(DriveError::Finished(Some(1)))),
        "{stopped:?}"
    );
}

#[test]
fn a_generator_that_is_running_is_an_error() {
    thread_local! {
        static ME: RefCell<Option<Shared<BoxGen<'static, i32, i32>>>> = const { RefCell::new(None) };
    }
    let mut g = generator(|_: Co<'_, i32, i32>| async {
        let me = ME.take().unwrap();
        let refused = me.drive(|_| unreachable!());
        assert!(matches!(refused, Err(DriveError::Running(None))));
    })
    .boxed()
    .shared();
    ME.set(Some(g.clone()));
    assert_eq!(g.start().unwrap(), Step::Complete(()));
}

#[test]
fn a_handlers_error_is_thrown_and_may_be_caught() {
    fn make() -> cogen::Frame<'static, i32, i32, impl Future<Output = i32>> {
        generator(|co: Co<'_, i32, i32>| async move {
            let mut sum = 0;
            for n in 1..=4 {
                sum += match co.try_yield(n).await {
                    Ok(reply) => reply,
                    Err(error) => 100 * error.downcast::<Oops>().unwrap().0,
                };
            }
            sum
        })
    }
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32>>(form: &str, g: G) {
        let outcome = g.try_drive(|n| if n % 2 == 0 { Err(Oops(n)) } else { Ok(n) });
        assert_eq!(outcome.unwrap(), 1 + 200 + 3 + 400, "{form}");
    }
    check("inline", make());
    in_all_forms!(make(), check);
}

#[test]
fn a_handlers_error_that_is_not_caught_unwinds_the_body_and_comes_back() {
    let drops = Drops::default();
    let mut g = Box::pin(generator(|co: Co<'_, i32, i32>| {
        let guard = drops.guard();
        async move {
            co.yield_(1).await;
            drop(guard);
        }
    }));
    let outcome = (&mut g).try_drive(|_| Err(Oops(9)));
    let Err(DriveError::Raised(exception)) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(exception.downcast::<Oops>().unwrap(), Oops(9));
    assert_eq!((drops.count(), g.state()), (1, State::Closed));
}

#[test]
fn an_error_message_will_do_as_a_handlers_error() {
    let g = generator(|co: Co<'_, i32, i32>| async move { co.yield_(1).await });
    let outcome = g.try_drive(|_| Err(Exception::new("no")));
    assert_eq!(outcome.unwrap_err().to_string(), "no");
}

#[test]
fn a_handler_that_panics_leaves_a_lent_generator_at_its_request() {
    let mut g = pin!(adder());
    let panicked = catch_unwind(AssertUnwindSafe(|| g.as_mut().drive(|_| panic!("handler"))));
    assert!(panicked.is_err());
    assert_eq!(g.send(1).unwrap(), Step::Yielded(3));
}

#[test]
fn a_panic_of_the_body_goes_to_the_caller() {
    let mut g = Box::pin(generator(|co: Co<'_, i32, i32>| async move {
        assert_eq!(co.yield_(1).await, 1, "the body");
    }));
    let panicked = catch_unwind(AssertUnwindSafe(|| (&mut g).drive(|_| 2)));
    assert!(panicked.is_err());
    assert_eq!(g.state(), State::Closed);
}

#[test]
fn errors_work_with_the_question_mark_and_say_what_is_wrong() {
    fn run() -> Result<i32, Box<dyn std::error::Error>> {
        Ok(adder().drive(|n| n)?)
    }
    assert_eq!(run().unwrap(), 1 + 3 + 7);
    let messages: [(DriveError<u8>, &str); 4] = [
        (DriveError::AlreadyStarted, "AlreadyStarted"),
        (DriveError::Running(None), "Running(None)"),
        (DriveError::Finished(Some(1)), "Finished(Some(..))"),
        (DriveError::Raised(Oops(1).into()), "Raised(Oops(1))"),
    ];
    for (error, debug) in messages {
        assert_eq!(format!("{error:?}"), debug);
        assert_eq!(
            format!("{:?}", error.without_value()).replace("()", ".."),
            debug
        );
    }
}
