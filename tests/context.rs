//! Context managers and exit stacks, without a loop.

use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use cogen::Exception;
use cogen::context::{
    BlockPanicked, Context, ContextManager, NullContext, YieldError, context_manager, exit_stack,
    nullcontext, within,
};

#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn emit(&self, event: impl fmt::Display) {
        self.0.borrow_mut().push(event.to_string());
    }

    fn events(&self) -> Vec<String> {
        self.0.take()
    }

    /// A context manager that notes how it is left.
    fn manager<'a>(&'a self, name: &'a str) -> ContextManager<'a, &'a str> {
        context_manager(move |co| async move {
            self.emit(format!("+{name}"));
            co.finally(co.yield_(name), async { self.emit(format!("-{name}")) })
                .await;
        })
    }
}

fn error(message: &str) -> Exception {
    Exception::new(message)
}

fn fails<T>(message: &str) -> Result<T, Exception> {
    Err(error(message))
}

#[expect(clippy::unnecessary_wraps, reason = "says what a block may fail with")]
fn done<T>(value: T) -> Result<T, Exception> {
    Ok(value)
}

mod managers {
    use super::*;

    #[test]
    fn the_block_gets_what_is_yielded_and_gives_its_value() {
        let log = Log::default();
        let length = log.manager("file").with(|name| {
            log.emit("in");
            done(name.len())
        });
        assert_eq!(length.unwrap(), Some(4));
        assert_eq!(log.events(), ["+file", "in", "-file"]);
    }

    #[test]
    fn an_error_of_the_block_goes_through_the_clean_up() {
        let log = Log::default();
        let left = log.manager("file").with(|_| fails::<()>("broken"));
        assert_eq!(left.unwrap_err().to_string(), "broken");
        assert_eq!(log.events(), ["+file", "-file"]);
    }

    #[test]
    fn an_error_that_is_swallowed_leaves_no_value() {
        let swallows = || {
            context_manager(|co| async move {
                let thrown = co.try_yield(()).await.unwrap_err();
                assert_eq!(thrown.to_string(), "broken");
            })
        };
        assert!(matches!(
            swallows().with(|()| fails::<u8>("broken")),
            Ok(None)
        ));
    }

    #[test]
    fn one_type_of_error_is_swallowed() {
        let suppress = || {
            context_manager(|co| async move {
                let _ = co.catch_as::<fmt::Error, _>(co.yield_(())).await;
            })
        };
        assert!(matches!(
            suppress().with(|()| Err::<(), _>(fmt::Error)),
            Ok(None)
        ));
        assert!(suppress().with(|()| fails::<()>("other")).is_err());
    }

    #[test]
    fn an_error_is_replaced_by_a_return_or_a_raise() {
        let returns = context_manager(|co| async move {
            let thrown = co.try_yield(()).await;
            thrown.map_err(|_| error("another"))
        });
        let left = returns.with(|()| fails::<()>("broken"));
        assert_eq!(left.unwrap_err().to_string(), "another");

        let raises = context_manager(|co| async move {
            if co.try_yield(()).await.is_err() {
                co.raise(error("another")).await;
            }
        });
        let left = raises.with(|()| fails::<()>("broken"));
        assert_eq!(left.unwrap_err().to_string(), "another");
    }

    #[test]
    fn an_error_of_entering_runs_no_block() {
        let never = context_manager::<(), _>(|_co| async { fails("closed") });
        let left = never.with(|()| -> Result<(), Exception> { unreachable!() });
        assert_eq!(left.unwrap_err().to_string(), "closed");
    }

    #[test]
    fn an_error_of_leaving_hides_the_value() {
        let left = context_manager(|co| async move {
            co.yield_(()).await;
            fails("disk full")
        });
        let left = left.with(|()| done(1));
        assert_eq!(left.unwrap_err().to_string(), "disk full");
    }

    #[test]
    fn a_body_that_waits_is_an_error() {
        let waits = context_manager::<(), _>(|_co| std::future::pending::<()>());
        let left = waits.with(|()| done(())).unwrap_err();
        assert!(left.to_string().contains("awaits a future"), "{left}");
    }

    fn yield_error<T: fmt::Debug>(left: Result<T, Exception>) -> (YieldError, String) {
        let error = left.unwrap_err().downcast::<YieldError>().unwrap();
        (error, error.to_string())
    }

    #[test]
    fn a_body_that_does_not_yield_once_is_an_error() {
        let never = context_manager::<(), _>(|_co| async {});
        let expected = (YieldError::Never, "generator didn't yield".to_owned());
        assert_eq!(yield_error(never.with(|()| done(()))), expected);

        let log = &Log::default();
        let twice = || {
            context_manager(move |co| async move {
                let _ = co.try_yield(1).await;
                co.finally(co.yield_(2), async { log.emit("closed") }).await;
            })
        };
        let expected = (YieldError::Again, "generator didn't stop".to_owned());
        assert_eq!(yield_error(twice().with(done)), expected);
        let expected = (
            YieldError::AgainAfterThrow,
            "generator didn't stop after throw()".to_owned(),
        );
        assert_eq!(yield_error(twice().with(|_| fails::<()>("x"))), expected);
        assert_eq!(log.events(), ["closed", "closed"]);
    }

    #[test]
    fn one_is_entered_once() {
        let log = Log::default();
        let mut manager = log.manager("a");
        assert_eq!(manager.enter().unwrap(), "a");
        assert_eq!(yield_error(manager.enter()).0, YieldError::Entered);
        drop(manager);
        assert_eq!(log.events(), ["+a", "-a"]);
    }

    #[test]
    fn a_block_that_panics_is_left() {
        let log = &Log::default();
        let manager = context_manager(move |co| async move {
            let thrown = co.try_yield(()).await.unwrap_err();
            assert!(thrown.is::<BlockPanicked>());
            log.emit(thrown);
        });
        let block = || manager.with(|()| -> Result<(), Exception> { panic!("out") });
        let panicked = panic::catch_unwind(AssertUnwindSafe(block)).unwrap_err();
        // The manager does not swallow the panic.
        assert_eq!(panicked.downcast_ref(), Some(&"out"));
        assert_eq!(log.events(), ["the block panicked"]);
    }

    #[test]
    fn one_that_does_nothing_hands_over() {
        let mut lent = vec![1];
        let pushed = NullContext::once(&mut lent).with(|lent| {
            lent.push(2);
            done(lent.len())
        });
        assert_eq!((pushed.unwrap(), lent), (Some(2), vec![1, 2]));
        assert!(nullcontext(()).with(|()| fails::<()>("broken")).is_err());
    }

    #[test]
    fn a_function_runs_within_a_new_one_each_time() {
        let log = Log::default();
        let half = within(
            || log.manager("call"),
            |n: u32| {
                if n % 2 == 0 { Ok(n / 2) } else { fails("odd") }
            },
        );
        assert_eq!(half(4).unwrap(), Some(2));
        assert_eq!(half(3).unwrap_err().to_string(), "odd");
        assert_eq!(log.events(), ["+call", "-call", "+call", "-call"]);
    }
}

mod stacks {
    use super::*;
    use cogen::context::ExitStack;

    #[test]
    fn what_is_on_it_is_left_the_last_one_first() {
        let log = &Log::default();
        let names = exit_stack(|stack| {
            let a = stack.enter(log.manager("a"))?;
            stack.callback(|| log.emit("call"));
            stack.push(|exception| {
                assert!(exception.is_none());
                log.emit("exit");
                Ok(())
            });
            done([a, stack.enter(log.manager("b"))?])
        });
        assert_eq!(names.unwrap(), Some(["a", "b"]));
        assert_eq!(log.events(), ["+a", "+b", "-b", "exit", "call", "-a"]);
    }

    #[test]
    fn an_error_of_entering_leaves_what_was_entered() {
        let log = &Log::default();
        let left = exit_stack(|stack| {
            stack.enter(log.manager("a"))?;
            stack.enter(context_manager::<(), _>(|_co| async { fails("closed") }))?;
            done(())
        });
        assert_eq!(left.unwrap_err().to_string(), "closed");
        assert_eq!(log.events(), ["+a", "-a"]);
    }

    /// What the exits are told, the outermost last.
    fn told(
        block: Result<(), Exception>,
        inner: fn(&mut Option<Exception>) -> Result<(), Exception>,
    ) -> (Vec<String>, Result<Option<()>, String>) {
        let log = &Log::default();
        let note = |exception: &mut Option<Exception>| {
            let exception = exception.as_ref().map(ToString::to_string);
            log.emit(exception.as_deref().unwrap_or("nothing"));
            Ok(())
        };
        let left = exit_stack(|stack| {
            stack.push(note);
            stack.push(inner);
            stack.push(note);
            block
        });
        (log.events(), left.map_err(|error| error.to_string()))
    }

    #[test]
    fn an_error_goes_on_is_swallowed_or_replaced() {
        let (events, left) = told(fails("block"), |_| Ok(()));
        assert_eq!(
            (events.join(" "), left),
            ("block block".into(), Err("block".into()))
        );

        let swallow = |exception: &mut Option<Exception>| {
            assert!(exception.take().is_some());
            Ok(())
        };
        let (events, left) = told(fails("block"), swallow);
        assert_eq!((events.join(" "), left), ("block nothing".into(), Ok(None)));

        let (events, left) = told(fails("block"), |_| fails("exit"));
        assert_eq!(
            (events.join(" "), left),
            ("block exit".into(), Err("exit".into()))
        );

        let (events, left) = told(done(()), |_| fails("exit"));
        assert_eq!(
            (events.join(" "), left),
            ("nothing exit".into(), Err("exit".into()))
        );

        let (events, left) = told(done(()), |_| Ok(()));
        assert_eq!(
            (events.join(" "), left),
            ("nothing nothing".into(), Ok(Some(())))
        );
    }

    #[test]
    fn a_clean_up_error_that_is_swallowed_leaves_the_value() {
        let left = exit_stack(|stack| {
            stack.push(|exception| {
                exception.take();
                Ok(())
            });
            stack.callback(|| fails("clean-up"));
            done(7)
        });
        assert_eq!(left.unwrap(), Some(7));
    }

    #[test]
    fn what_is_popped_is_left_later() {
        let log = &Log::default();
        let kept = exit_stack(|stack| {
            stack.enter(log.manager("a"))?;
            stack.enter(log.manager("b"))?;
            let kept = stack.pop_all();
            stack.enter(log.manager("c"))?;
            done(kept)
        });
        let kept = kept.unwrap().unwrap();
        assert_eq!(log.events(), ["+a", "+b", "+c", "-c"]);
        kept.callback(|| fails("last"));
        let closed = kept.close();
        assert_eq!(closed.unwrap_err().to_string(), "last");
        assert_eq!(log.events(), ["-b", "-a"]);
    }

    #[test]
    fn one_that_is_dropped_makes_no_calls() {
        let log = &Log::default();
        let stack = ExitStack::new();
        stack.callback(|| log.emit("never"));
        drop(stack);
        assert!(log.events().is_empty());
    }

    #[test]
    fn a_block_that_panics_leaves_all() {
        let log = &Log::default();
        let block = || {
            exit_stack(|stack| {
                stack.callback(|| log.emit("called"));
                stack.push(|exception| {
                    assert!(exception.take().unwrap().is::<BlockPanicked>());
                    Ok(())
                });
                assert!(!log.events().is_empty(), "out");
                done(())
            })
        };
        let panicked = panic::catch_unwind(AssertUnwindSafe(block)).unwrap_err();
        assert_eq!(panicked.downcast_ref(), Some(&"out"));
        assert_eq!(log.events(), ["called"]);
    }
}
