//! The rest of contextlib: how contexts are left when leaving panics, when they are entered by hand, again, or from an
//! exit; `suppress`, `nullcontext`, `closing`.

use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use cogen::Exception;
use cogen::context::{
    BlockPanicked, Context, ExitStack, NullContext, YieldError, closing, context_manager,
    exit_stack, nullcontext, suppress, suppress_if,
};

#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn emit(&self, event: impl fmt::Display) {
        self.0.borrow_mut().push(event.to_string());
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// A context that notes what it is told when it is left, and then may panic.
struct Noting<'a> {
    log: &'a Log,
    name: &'a str,
    panics: bool,
}

impl Context for Noting<'_> {
    type Resource = ();

    fn enter(&mut self) -> Result<(), Exception> {
        Ok(())
    }

    fn exit(&mut self, exception: &mut Option<Exception>) -> Result<(), Exception> {
        let Self { log, name, panics } = *self;
        match exception {
            None => log.emit(name),
            Some(exception) if exception.is::<BlockPanicked>() => log.emit(format!("{name}!")),
            Some(exception) => log.emit(format!("{name}({exception})")),
        }
        if panics {
            panic::panic_any(name.to_owned());
        }
        Ok(())
    }
}

impl Log {
    /// It panics if its name is one of `panicking`.
    fn noting<'a>(&'a self, name: &'a str, panicking: &str) -> Noting<'a> {
        let panics = panicking.contains(name);
        Noting {
            log: self,
            name,
            panics,
        }
    }
}

fn fails<T>(message: &str) -> Result<T, Exception> {
    Err(Exception::new(message))
}

#[expect(clippy::unnecessary_wraps, reason = "says what a block may fail with")]
fn done<T>(value: T) -> Result<T, Exception> {
    Ok(value)
}

/// The message that `run` panics with.
fn panics<R>(run: impl FnOnce() -> R) -> String {
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(_) => panic!("it did not panic"),
        Err(payload) => match payload.downcast::<String>() {
            Ok(message) => *message,
            Err(payload) => (*payload.downcast_ref::<&str>().unwrap()).to_owned(),
        },
    }
}

fn nested(log: &Log, panicking: &str, block: fn() -> Result<(), Exception>) {
    let context = |name| log.noting(name, panicking);
    let inner = || context("b").with(|()| context("c").with(|()| block()).map(drop));
    let _left = context("a").with(|()| inner().map(drop));
}

fn stacked(log: &Log, panicking: &str, block: fn() -> Result<(), Exception>) {
    let _left = exit_stack(|stack| {
        for name in ["a", "b", "c"] {
            stack.enter(log.noting(name, panicking))?;
        }
        block()
    });
}

/// A stack leaves as nested blocks do: all, each told of the panic, and the first panic goes on.
#[test]
fn an_exit_that_panics_leaves_the_others_to_run() {
    type Blocks = fn(&Log, &str, fn() -> Result<(), Exception>);
    for leaves in [nested as Blocks, stacked] {
        let log = Log::default();
        assert_eq!(panics(|| leaves(&log, "b", || done(()))), "b");
        assert_eq!(log.take(), "c b a!");
        assert_eq!(panics(|| leaves(&log, "c", || fails("block"))), "c");
        assert_eq!(log.take(), "c(block) b! a!");
        assert_eq!(panics(|| leaves(&log, "", || panic!("block"))), "block");
        assert_eq!(log.take(), "c! b! a!");
    }
}

/// A panic while the thread unwinds would abort the process.
#[cfg(feature = "std")]
#[test]
fn a_second_panic_is_caught() {
    type Blocks = fn(&Log, &str, fn() -> Result<(), Exception>);
    for leaves in [nested as Blocks, stacked] {
        let log = Log::default();
        assert_eq!(panics(|| leaves(&log, "abc", || done(()))), "c");
        assert_eq!(log.take(), "c b! a!");
        assert_eq!(panics(|| leaves(&log, "abc", || panic!("block"))), "block");
        assert_eq!(log.take(), "c! b! a!");
    }
}

#[cfg(feature = "std")]
struct Panics;

#[cfg(feature = "std")]
impl Context for Panics {
    type Resource = ();

    fn enter(&mut self) -> Result<(), Exception> {
        Ok(())
    }

    fn exit(&mut self, _: &mut Option<Exception>) -> Result<(), Exception> {
        panic!("exit")
    }
}

/// What a panic takes the place of is not lost without a word.
#[cfg(feature = "std")]
#[test]
fn errors_behind_a_panic_are_told_to_the_hook() {
    use std::sync::{Arc, Mutex};
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    cogen::set_unraisable_hook(move |unraisable| {
        let message = unraisable.to_string();
        // Others are told here, too.
        if message.contains("mine") {
            heard.lock().unwrap().push(message);
        }
    });
    let take = || std::mem::take(&mut *told.lock().unwrap());
    let with_exit = |exit: fn() -> Result<(), Exception>| {
        context_manager(move |co| async move {
            let _thrown = co.try_yield(()).await;
            exit()
        })
    };
    let ignored = |what: &str| format!("{what} ignored in a context that a panic left: mine");

    // The error of an exit, when the block has panicked.
    let fails_to_leave = with_exit(|| fails("mine"));
    let block = |()| -> Result<(), Exception> { panic!("block") };
    assert_eq!(panics(|| fails_to_leave.with(block)), "block");
    assert_eq!(take(), [ignored("exception") + ": the block panicked"]);
    // The error of the block, when the exit panics before it has looked at that.
    assert_eq!(panics(|| Panics.with(|()| fails::<()>("mine"))), "exit");
    assert_eq!(take(), [ignored("exception")]);
    // The same in a stack; and there a second panic, and an error of an exit that follows.
    let stack = || {
        exit_stack(|stack| {
            stack.callback(|| fails("mine"));
            stack.callback(|| panic!("mine"));
            stack.enter(Panics)?;
            fails::<()>("mine")
        })
    };
    assert_eq!(panics(stack), "exit");
    let all = ["exception", "panic", "exception"].map(ignored);
    assert_eq!(take(), all);
    drop(cogen::take_unraisable_hook());
}

/// What it panics with panics when it is dropped.
#[cfg(feature = "std")]
struct Bomb;

#[cfg(feature = "std")]
impl Drop for Bomb {
    fn drop(&mut self) {
        panic::panic_any(Self);
    }
}

#[cfg(feature = "std")]
impl fmt::Debug for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bomb")
    }
}

#[cfg(feature = "std")]
impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bomb")
    }
}

#[cfg(feature = "std")]
impl std::error::Error for Bomb {}

#[cfg(feature = "std")]
#[test]
fn hostile_destructors_stop_no_exit() {
    let log = &Log::default();
    let all = || {
        exit_stack(|stack| {
            for n in 0..3 {
                stack.callback(move || log.emit(n));
                // What is replaced panics when it is dropped, and so does what the exit owns.
                stack.push(|_| fails("another"));
                let owned = Some(Bomb);
                stack.callback(move || {
                    let _owned = &owned;
                });
                stack.callback(|| panic::panic_any(Bomb));
                stack.push(|_| Err(Bomb.into()));
            }
            done(())
        })
    };
    let payload = panic::catch_unwind(AssertUnwindSafe(all)).unwrap_err();
    assert!(payload.is::<Bomb>());
    std::mem::forget(payload);
    assert_eq!(log.take(), "2 1 0");
}

#[cfg(feature = "std")]
#[test]
fn many_exits_that_panic_take_no_stack() {
    const COUNT: usize = 100_000;
    let left = Rc::new(RefCell::new(0));
    let stack = ExitStack::new();
    for n in 0..COUNT {
        let left = left.clone();
        stack.callback(move || {
            *left.borrow_mut() += 1;
            // Without the message of each.
            panic::resume_unwind(Box::new(n.to_string()));
        });
    }
    assert_eq!(panics(|| stack.close()), (COUNT - 1).to_string());
    assert_eq!(*left.borrow(), COUNT);
}

#[test]
fn a_stack_may_be_closed_in_its_block_and_used_on() {
    let log = &Log::default();
    let left = exit_stack(|stack| {
        stack.callback(|| log.emit(1));
        stack.callback(|| log.emit(2));
        stack.close()?;
        stack.close()?;
        log.emit("closed");
        stack.callback(|| log.emit(3));
        stack.callback(|| fails("clean-up"));
        let error = stack.close().unwrap_err();
        log.emit(error);
        stack.callback(|| log.emit(4));
        done(())
    });
    left.unwrap();
    assert_eq!(log.take(), "2 1 closed 3 clean-up 4");
}

#[test]
fn an_exit_may_push_close_and_pop() {
    let log = Rc::new(Log::default());
    let stack = Rc::new(ExitStack::new());
    let emit = |event: &'static str| {
        let log = log.clone();
        move || log.emit(event)
    };
    stack.callback(emit("first"));
    let (inner, pushed) = (stack.clone(), emit("pushed"));
    stack.push(move |_| {
        inner.callback(pushed);
        Ok(())
    });
    let inner = stack.clone();
    let closed = [emit("a"), emit("b")];
    stack.callback(move || {
        for callback in closed {
            inner.callback(callback);
        }
        inner.close()
    });
    stack.close().unwrap();
    // What the inner call to close found was left by it.
    assert_eq!(log.take(), "b a pushed first");

    let (inner, kept) = (stack.clone(), Rc::new(RefCell::new(None)));
    stack.callback(emit("later"));
    let keep = kept.clone();
    stack.callback(move || {
        keep.replace(Some(inner.pop_all()));
    });
    stack.close().unwrap();
    assert_eq!(log.take(), "");
    kept.take().unwrap().close().unwrap();
    assert_eq!(log.take(), "later");
}

mod by_hand {
    use super::*;

    #[test]
    fn an_exception_that_just_passes_stays_in_place() {
        let log = &Log::default();
        let plain = || {
            context_manager(|co| async move {
                co.yield_(()).await;
            })
        };
        let finally = || {
            context_manager(|co| async move {
                co.finally(co.yield_(()), async { log.emit("left") }).await;
            })
        };
        let returns = || {
            context_manager(|co| async move {
                co.try_yield(()).await?;
                done(())
            })
        };
        let raises = || {
            context_manager(|co| async move {
                if let Err(error) = co.try_yield(()).await {
                    co.raise(error).await;
                }
            })
        };
        for mut context in [plain(), finally(), returns(), raises()] {
            context.enter().unwrap();
            let mut exception = Some(Exception::new("foo"));
            context.exit(&mut exception).unwrap();
            assert_eq!(exception.unwrap().to_string(), "foo");
        }
        assert_eq!(log.take(), "left");
    }

    #[test]
    fn one_that_is_swallowed_is_taken_out_and_a_new_one_is_an_error() {
        let mut swallows = context_manager(|co| async move {
            let _swallowed = co.try_yield(()).await;
        });
        swallows.enter().unwrap();
        let mut exception = Some(Exception::new("foo"));
        swallows.exit(&mut exception).unwrap();
        assert!(exception.is_none());

        let mut replaces = context_manager(|co| async move {
            let thrown = co.try_yield(()).await;
            thrown.map_err(|_| Exception::new("bar"))
        });
        replaces.enter().unwrap();
        let mut exception = Some(Exception::new("foo"));
        let new = replaces.exit(&mut exception).unwrap_err();
        assert_eq!(new.to_string(), "bar");

        let mut stubborn = context_manager(|co| async move {
            let _swallowed = co.try_yield(()).await;
            co.yield_(()).await;
        });
        stubborn.enter().unwrap();
        let new = stubborn.exit(&mut Some(Exception::new("foo"))).unwrap_err();
        assert_eq!(
            new.downcast::<YieldError>().unwrap(),
            YieldError::AgainAfterThrow
        );
    }

    /// A context around another one.
    struct Around<C>(C);

    impl<C: Context> Context for Around<C> {
        type Resource = C::Resource;

        fn enter(&mut self) -> Result<C::Resource, Exception> {
            self.0.enter()
        }

        fn exit(&mut self, exception: &mut Option<Exception>) -> Result<(), Exception> {
            // Nothing is to be done if the inner one has failed.
            self.0.exit(exception)?;
            if let Some(passed) = exception.take() {
                *exception = Some(Exception::new(format!("around {passed}")));
            }
            Ok(())
        }
    }

    #[test]
    fn a_context_around_another_one_sees_what_passes() {
        let around = || {
            Around(context_manager(|co| async move {
                co.yield_(()).await;
            }))
        };
        let left = around().with(|()| fails::<()>("foo")).unwrap_err();
        assert_eq!(left.to_string(), "around foo");
        let left = Around(Around(around())).with(|()| fails::<()>("foo"));
        assert_eq!(left.unwrap_err().to_string(), "around around around foo");
        assert_eq!(around().with(|()| done(1)).unwrap(), Some(1));
        let left = exit_stack(|stack| {
            stack.enter(around())?;
            stack.enter(Around(suppress::<fmt::Error>()))?;
            fails::<()>("foo")
        });
        assert_eq!(left.unwrap_err().to_string(), "around around foo");
    }
}

#[test]
fn one_that_does_nothing_may_be_entered_again_and_inside_itself() {
    let mut context = nullcontext(1);
    for _ in 0..3 {
        assert_eq!(context.enter().unwrap(), 1);
        assert_eq!(context.enter().unwrap(), 1);
        context.exit(&mut None).unwrap();
        let mut exception = Some(Exception::new("passes"));
        context.exit(&mut exception).unwrap();
        assert!(exception.is_some());
    }

    let mut lines = vec![1];
    let mut once = NullContext::once(&mut lines);
    once.enter().unwrap().push(2);
    once.exit(&mut None).unwrap();
    let again = once.enter().unwrap_err();
    assert_eq!(again.downcast::<YieldError>().unwrap(), YieldError::Entered);
    assert_eq!(lines, [1, 2]);
}

#[test]
fn some_errors_are_suppressed() {
    let mut format = suppress::<fmt::Error>();
    for _ in 0..2 {
        format.enter().unwrap();
        format.enter().unwrap();
        let mut exception = Some(fmt::Error.into());
        format.exit(&mut exception).unwrap();
        assert!(exception.is_none());
        format.exit(&mut exception).unwrap();
        assert!(exception.is_none());
        let mut exception = Some(Exception::new("another"));
        format.exit(&mut exception).unwrap();
        assert!(exception.is_some());
    }
    assert_eq!(format.with(|()| Ok::<_, fmt::Error>(7)).unwrap(), Some(7));

    let mut seen = 0;
    let counted = suppress_if(|error: &Exception| {
        seen += 1;
        error.is::<fmt::Error>()
    });
    let left = counted.with(|()| {
        format.with(|()| fails::<()>("inside"))?;
        done(())
    });
    assert_eq!(left.unwrap_err().to_string(), "inside");
    assert_eq!(seen, 1);

    let panicking =
        || suppress_if(|_: &Exception| true).with(|()| -> Result<(), Exception> { panic!("out") });
    assert_eq!(panics(panicking), "out");
}

mod things {
    use super::*;

    /// A file, say, whose last write may fail.
    struct Thing<'a> {
        log: &'a Log,
        written: u32,
    }

    impl Thing<'_> {
        fn close(self) -> Result<(), fmt::Error> {
            self.log.emit(format!("closed at {}", self.written));
            if self.written < 8 {
                Ok(())
            } else {
                Err(fmt::Error)
            }
        }
    }

    impl Log {
        fn thing(&self) -> Thing<'_> {
            Thing {
                log: self,
                written: 0,
            }
        }
    }

    #[test]
    fn a_thing_is_lent_and_closed_however_the_block_ends() {
        let log = Log::default();
        let open = || closing(log.thing(), Thing::close);
        let value = open().with(|thing| {
            thing.written = 1;
            done("value")
        });
        assert_eq!(value.unwrap(), "value");
        let error = open().with(|_| fails::<()>("block")).unwrap_err();
        assert_eq!(error.to_string(), "block");
        assert_eq!(
            panics(|| open().with(|_| -> Result<(), Exception> { panic!("out") })),
            "out"
        );
        assert_eq!(log.take(), "closed at 1 closed at 0 closed at 0");
    }

    #[test]
    fn an_error_of_closing_is_told() {
        let log = Log::default();
        for block in [Ok(1), fails("block")] {
            let left = closing(log.thing(), Thing::close).with(|thing| {
                thing.written = 8;
                block
            });
            assert!(left.unwrap_err().is::<fmt::Error>());
        }
        let panicking = || {
            closing(log.thing(), Thing::close).with(|thing| -> Result<(), Exception> {
                thing.written = 8;
                panic!("out")
            })
        };
        assert_eq!(panics(panicking), "out");
        assert_eq!(log.take(), "closed at 8 closed at 8 closed at 8");
    }

    #[test]
    fn what_is_not_used_is_not_closed_but_dropped() {
        let log = Log::default();
        drop(closing(log.thing(), Thing::close));
        assert_eq!(log.take(), "");
    }
}
