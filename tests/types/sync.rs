//! A box that several threads look at, whose body is not `Sync`.

use std::cell::Cell;
use std::pin::Pin;
use std::task::Context;
use std::thread;

use cogen::{
    BoxGen, Co, Exception, Generator, NextError, SendError, StartError, State, Step, ThrowError,
    generator, recursive,
};

/// Is not `Sync`, and counts how often its state is asked for.
struct Counts(Cell<u64>);

impl Generator for Counts {
    type Yield = u64;
    type Resume = ();
    type Return = ();

    fn state(&self) -> State {
        self.0.set(self.0.get() + 1);
        State::Suspended
    }

    fn resume_start(
        self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
    ) -> Result<Step<u64, ()>, StartError> {
        Err(StartError::AlreadyStarted)
    }

    fn resume_send(
        self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
        (): (),
    ) -> Result<Step<u64, ()>, SendError<()>> {
        Ok(Step::Yielded(self.0.get()))
    }

    fn resume_throw(
        self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<u64, ()>, ThrowError> {
        Err(ThrowError::Raised(exception))
    }

    fn resume_continue(
        self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
    ) -> Result<Step<u64, ()>, NextError> {
        Err(NextError::Finished)
    }

    fn keep_return(self: Pin<&mut Self>, outcome: Result<(), Exception>) {
        drop(outcome);
    }

    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<(), Exception>> {
        None
    }
}

/// Looks at the box from four threads.
fn look<Y: 'static, R: 'static>(boxed: &BoxGen<'static, Y, (), R>, state: State) {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for _ in 0..if cfg!(miri) { 10 } else { 1000 } {
                    assert_eq!(boxed.state(), state);
                    assert!(format!("{boxed:?}").contains("state"));
                    let _ = boxed.size_hint();
                }
            });
        }
    });
}

#[test]
fn several_threads_look_at_a_box() {
    let mut boxed = generator(|co: Co<'_, Cell<u8>>| async move {
        let kept = Cell::new(1);
        kept.set(2);
        co.catch(co.yield_(Cell::new(3))).await.unwrap();
        kept.set(4);
        kept
    })
    .boxed();
    look(&boxed, State::Created);
    boxed.start().unwrap();
    look(&boxed, State::Suspended);
    boxed.iter().for_each(drop);
    look(&boxed, State::Closed);
    assert_eq!(boxed.take_return().unwrap().unwrap().get(), 4);

    let mut called = recursive(|co| async move { co.yield_(Cell::new(1)).await }).boxed();
    called.start().unwrap();
    look(&called, State::Suspended);
}

/// The state is asked for by one thread at a time.
#[test]
fn several_threads_look_at_a_box_of_a_generator_that_is_not_sync() {
    let mut boxed = Counts(Cell::new(0)).boxed();
    look(&boxed, State::Suspended);
    let rounds = if cfg!(miri) { 10 } else { 1000 };
    let Step::Yielded(asked) = boxed.next().unwrap() else {
        panic!()
    };
    // `state`, `Debug`, `size_hint`, of four threads; and `next` itself.
    assert!(
        (4 * 3 * rounds..4 * 3 * rounds + 10).contains(&asked),
        "{asked}"
    );
}
