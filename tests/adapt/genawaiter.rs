//! Conversions between `genawaiter::Coroutine` and generators, both ways.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};

use cogen::{
    Co, Frame, Generator, GeneratorExt, SendError, StartError, State, Step, ThrowError,
    from_coroutine, from_coroutine_with, generator,
};
use genawaiter::{Coroutine, GeneratorState, rc, sync};

use crate::support::{Drops, Oops, adder, pending_once};

async fn theirs(co: rc::Co<i32, i32>) -> i32 {
    let mut sum = 0;
    for n in 1..=3 {
        sum += co.yield_(n + sum).await;
    }
    sum
}

#[test]
fn a_coroutine_of_theirs_speaks_the_protocol() {
    fn check<G: Generator<Yield = i32, Resume = i32, Return = i32> + Unpin>(form: &str, mut g: G) {
        assert_eq!(g.state(), State::Created, "{form}");
        assert!(
            matches!(g.send(9), Err(SendError::JustStarted(9))),
            "{form}"
        );
        assert_eq!(g.start().unwrap(), Step::Yielded(1), "{form}");
        assert_eq!(g.state(), State::Suspended, "{form}");
        assert!(
            matches!(g.start(), Err(StartError::AlreadyStarted)),
            "{form}"
        );
        assert_eq!(g.send(10).unwrap(), Step::Yielded(12), "{form}");
        assert_eq!(g.send(20).unwrap(), Step::Yielded(33), "{form}");
        assert_eq!(g.send(30).unwrap(), Step::Complete(60), "{form}");
        assert_eq!(g.state(), State::Closed, "{form}");
        assert!(matches!(g.start(), Err(StartError::Finished)), "{form}");
        assert!(matches!(g.send(9), Err(SendError::Finished(9))), "{form}");
        assert_eq!(g.close().unwrap(), None, "{form}");
    }
    check("rc", from_coroutine(rc::Gen::new(theirs)));
    let of_sync = sync::Gen::new(|co: sync::Co<i32, i32>| async move {
        let mut sum = 0;
        for n in 1..=3 {
            sum += co.yield_(n + sum).await;
        }
        sum
    });
    check("sync", from_coroutine(of_sync));
    let mut shelf = genawaiter::stack::Shelf::new();
    // SAFETY: genawaiter requires that the shelf is not leaked, and not used by two generators.
    let of_stack = unsafe {
        genawaiter::stack::Gen::new(
            &mut shelf,
            |co: genawaiter::stack::Co<'_, i32, i32>| async move {
                let mut sum = 0;
                for n in 1..=3 {
                    sum += co.yield_(n + sum).await;
                }
                sum
            },
        )
    };
    check("stack", pin!(from_coroutine(of_stack)));
    check(
        "ours and back",
        from_coroutine(Box::pin(adder()).boxed_in()),
    );
}

/// Makes one of our boxes; the box is also one of genawaiter's coroutines.
trait Boxed {
    fn boxed_in(self) -> cogen::LocalBoxGen<'static, i32, i32, i32>;
}

impl<F: Future<Output = i32> + 'static> Boxed for Pin<Box<Frame<'static, i32, i32, F>>> {
    fn boxed_in(mut self) -> cogen::LocalBoxGen<'static, i32, i32, i32> {
        generator(|co| async move { co.yield_from(self.as_mut()).await }).boxed_local()
    }
}

#[test]
fn throw_and_close_unwind_theirs_by_dropping() {
    for throw in [true, false] {
        let drops = Drops::default();
        let guard = drops.guard();
        let mut g = from_coroutine(rc::Gen::new(|co: rc::Co<i32, ()>| async move {
            co.yield_(1).await;
            drop(guard);
        }));
        g.next().unwrap();
        if throw {
            assert!(matches!(g.throw(Oops(1)), Err(ThrowError::Raised(e)) if e.is::<Oops>()));
        } else {
            assert_eq!(g.close().unwrap(), None);
        }
        assert_eq!((drops.count(), g.state()), (1, State::Closed));
    }
}

#[test]
fn one_that_never_started_is_dropped_by_close_too() {
    let drops = Drops::default();
    let guard = drops.guard();
    let mut g = from_coroutine(rc::Gen::new(
        |_: rc::Co<i32, ()>| async move { drop(guard) },
    ));
    assert_eq!(g.close().unwrap(), None);
    assert_eq!(drops.count(), 1);
    assert!(matches!(g.start(), Err(StartError::Finished)));
}

#[test]
fn theirs_iterates_delegates_drives_and_keeps_its_return() {
    let counts = || {
        from_coroutine(rc::Gen::new(|co: rc::Co<i32, ()>| async move {
            co.yield_(1).await;
            co.yield_(2).await;
            "done"
        }))
    };
    let mut g = counts();
    assert_eq!(g.iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(g.take_return().unwrap().unwrap(), "done");
    assert_eq!(counts().drive(|_| ()).unwrap(), "done");
    let mut outer = pin!(generator(|co| async move { co.yield_from(counts()).await }));
    assert_eq!(outer.iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(outer.take_return().unwrap().unwrap(), "done");
}

#[test]
fn the_first_argument_reaches_a_coroutine_that_has_a_use_for_it() {
    struct Echo;
    impl Coroutine for Echo {
        type Yield = &'static str;
        type Resume = &'static str;
        type Return = ();
        fn resume_with(
            self: Pin<&mut Self>,
            argument: Self::Resume,
        ) -> GeneratorState<Self::Yield, ()> {
            GeneratorState::Yielded(argument)
        }
    }
    let mut g = from_coroutine_with(Echo, "first");
    assert_eq!(g.start().unwrap(), Step::Yielded("first"));
    assert_eq!(g.send("second").unwrap(), Step::Yielded("second"));
}

#[test]
fn theirs_is_closed_after_a_panic() {
    let mut g = from_coroutine(rc::Gen::new(|_: rc::Co<i32, ()>| async move {
        panic!("theirs");
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| g.next())).is_err());
    assert_eq!(g.state(), State::Closed);
    assert!(matches!(g.next(), Err(cogen::NextError::Finished)));
}

#[test]
fn ours_is_a_coroutine_of_theirs() {
    fn check<C: Coroutine<Yield = i32, Resume = i32, Return = i32>>(mut c: Pin<&mut C>) {
        let mut resume = |n| c.as_mut().resume_with(n);
        assert_eq!(resume(99), GeneratorState::Yielded(1), "the 99 is lost");
        assert_eq!(resume(10), GeneratorState::Yielded(12));
        assert_eq!(resume(20), GeneratorState::Yielded(33));
        assert_eq!(resume(30), GeneratorState::Complete(60));
    }
    check(pin!(adder()));
    check(Pin::new(&mut adder().boxed()));
    check(Pin::new(&mut adder().boxed_local()));
}

#[test]
fn ours_is_a_generator_of_theirs_if_it_is_sent_nothing() {
    use genawaiter::Generator as _;
    let mut g = pin!(generator(
        |co: Co<'_, i32>| async move { co.yield_(1).await }
    ));
    assert_eq!(g.as_mut().resume(), GeneratorState::Yielded(1));
    assert_eq!(g.as_mut().resume(), GeneratorState::Complete(()));
}

#[test]
fn what_their_protocol_cannot_say_is_a_panic_that_tells_the_place() {
    fn message<C: Coroutine<Resume = ()>>(c: Pin<&mut C>) -> String {
        let panicked = catch_unwind(AssertUnwindSafe(|| drop(c.resume_with(()))));
        *panicked.unwrap_err().downcast::<String>().unwrap()
    }
    let raises = pin!(generator(|co: Co<'_, i32>| async move {
        co.raise(Oops(3)).await
    }));
    assert!(message(raises).ends_with("oops 3"));
    let awaits = pin!(generator(|_: Co<'_, i32>| pending_once()));
    assert!(message(awaits).contains("awaits a future"));
    let mut ended = pin!(generator(|_: Co<'_, i32>| async {}));
    ended.as_mut().resume_with(());
    assert!(message(ended).ends_with("generator has finished"));
}

#[test]
fn a_stack_generator_of_theirs_is_taken_by_reference() {
    genawaiter::stack::let_gen_using!(lent, |co: genawaiter::stack::Co<'_, i32, i32>| async move {
        let mut sum = 0;
        for n in 1..=3 {
            sum += co.yield_(n).await;
        }
        sum
    });
    let mut g = from_coroutine(&mut *lent);
    assert_eq!(g.start().unwrap(), Step::Yielded(1));
    assert_eq!(g.send(10).unwrap(), Step::Yielded(2));
    // It is lent: it goes on from where it is, and the first argument resumes it.
    drop(g);
    let mut g = from_coroutine_with(lent, 20);
    assert_eq!(g.start().unwrap(), Step::Yielded(3));
    assert_eq!(g.send(30).unwrap(), Step::Complete(60));
}
