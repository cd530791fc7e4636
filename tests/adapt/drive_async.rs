//! `drive_async` and `try_drive_async`.

use std::cell::Cell;
use std::pin::pin;

use cogen::{
    Co, DriveError, Generator, GeneratorExt, NextError, SendError, State, Step, generator,
};
use futures::executor::block_on;

use crate::in_all_forms;
use crate::poll_once;
use crate::support::{Oops, adder, pending_once};

fn awaiting() -> cogen::Frame<'static, i32, i32, impl Future<Output = i32>> {
    generator(|co: Co<'_, i32, i32>| async move {
        let mut sum = 0;
        for n in 1..=3 {
            pending_once().await;
            sum += co.yield_(n).await;
        }
        sum
    })
}

#[test]
fn the_body_and_the_handler_may_await() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32>>(form: &str, g: G) {
        let mut asked = Vec::new();
        let sum = block_on(g.drive_async(async |n| {
            pending_once().await;
            asked.push(n);
            10 * n
        }));
        assert_eq!(sum.unwrap(), 60, "{form}");
        assert_eq!(asked, [1, 2, 3], "{form}");
    }
    check("inline", awaiting());
    check("shared", awaiting().boxed_local().shared());
    in_all_forms!(awaiting(), check);
}

#[test]
fn a_handlers_error_is_thrown_and_may_be_caught() {
    let tolerant = generator(|co: Co<'_, i32, i32>| async move {
        let caught = co.try_yield(1).await.unwrap_err().downcast::<Oops>();
        pending_once().await;
        caught.unwrap().0 + co.yield_(2).await
    });
    let handler = async |n: i32| {
        pending_once().await;
        if n == 1 { Err(Oops(40)) } else { Ok(n) }
    };
    assert_eq!(block_on(tolerant.try_drive_async(handler)).unwrap(), 42);
    let outcome = block_on(adder().try_drive_async(handler));
    assert!(matches!(outcome, Err(DriveError::Raised(e)) if e.is::<Oops>()));
}

#[test]
fn a_started_or_finished_generator_is_refused() {
    block_on(async {
        let mut g = Box::pin(adder());
        g.start().unwrap();
        let refused = (&mut g).drive_async(async |_| unreachable!()).await;
        assert!(matches!(refused, Err(DriveError::AlreadyStarted)));
        g.close().unwrap();
        let refused = g.drive_async(async |_| unreachable!()).await;
        assert!(matches!(refused, Err(DriveError::Finished(None))));
    });
}

#[test]
fn a_drive_dropped_while_the_handler_works_leaves_the_generator_at_its_request() {
    let asked = Cell::new(0);
    let mut g = Box::pin(awaiting());
    {
        let mut drive = pin!((&mut g).drive_async(async |n| {
            asked.set(n);
            std::future::pending().await
        }));
        assert!(poll_once(drive.as_mut()).is_pending(), "the body awaits");
        assert!(poll_once(drive.as_mut()).is_pending(), "the handler awaits");
    }
    assert_eq!((asked.get(), g.state()), (1, State::Suspended));
    block_on(async {
        let again = (&mut g).drive_async(async |_| unreachable!()).await;
        assert!(matches!(again, Err(DriveError::AlreadyStarted)));
        assert_eq!(g.asend(1).await.unwrap(), Step::Yielded(2));
        assert_eq!(g.asend(2).await.unwrap(), Step::Yielded(3));
        assert_eq!(g.asend(3).await.unwrap(), Step::Complete(6));
    });
}

#[test]
fn a_drive_dropped_while_the_body_awaits_leaves_it_there() {
    let mut g = Box::pin(awaiting());
    {
        let mut drive = pin!((&mut g).drive_async(async |n| n));
        assert!(poll_once(drive.as_mut()).is_pending());
        assert!(poll_once(drive.as_mut()).is_pending(), "after the reply");
    }
    assert!(
        matches!(g.send(7), Err(SendError::Awaiting(7))),
        "the 7 comes back"
    );
    let step = loop {
        let cx = &mut std::task::Context::from_waker(std::task::Waker::noop());
        match g.as_mut().resume_continue(Some(cx)) {
            Err(NextError::Pending) => {}
            step => break step,
        }
    };
    assert_eq!(step.unwrap(), Step::Yielded(2));
    assert_eq!(block_on(g.asend(2)).unwrap(), Step::Yielded(3));
    assert_eq!(g.send(3).unwrap(), Step::Complete(6), "the body got the 1");
}

#[test]
fn a_drive_that_is_dropped_closes_a_box_that_it_owns() {
    let cleaned = Cell::new(false);
    let g = generator(|co: Co<'_, i32, ()>| {
        let cleaned = &cleaned;
        async move {
            co.finally(co.yield_(1), async { cleaned.set(true) }).await;
        }
    })
    .boxed_local();
    assert!(poll_once(pin!(g.drive_async(async |_| std::future::pending().await))).is_pending());
    assert!(cleaned.get());
}

#[test]
fn a_handler_may_borrow_and_change_what_is_around() {
    let mut log = String::new();
    let name = String::from("n");
    let handler = async |n: i32| {
        log += &name;
        pending_once().await;
        log += &n.to_string();
        n
    };
    assert_eq!(block_on(awaiting().drive_async(handler)).unwrap(), 6);
    assert_eq!(log, "n1n2n3");
}
