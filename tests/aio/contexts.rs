//! How async contexts are left: one shape with those that do not await, panics in exits, stacks that are closed early.

use std::cell::RefCell;
use std::fmt;
use std::mem;
use std::panic;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use cogen::aio::testing;
use cogen::aio::{
    self, AsyncContext, AsyncExitStack, Error, NullContext, create_task, nullcontext, sleep,
    suppress, suppress_if,
};
use cogen::context::BlockPanicked;

use super::secs;

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn emit(&self, event: impl fmt::Display) {
        self.0.borrow_mut().push(event.to_string());
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// A context that notes what it is told when it is left, and then may panic.
struct Noting {
    log: Log,
    name: &'static str,
    panics: bool,
}

impl AsyncContext for Noting {
    type Resource = ();

    async fn enter(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn exit(&mut self, error: &mut Option<Error>) -> Result<(), Error> {
        sleep(secs(1)).await;
        match error {
            None => self.log.emit(self.name),
            Some(error) if error.downcast_ref::<BlockPanicked>().is_some() => {
                self.log.emit(format!("{}!", self.name));
            }
            Some(error) => self.log.emit(format!("{}({error})", self.name)),
        }
        if self.panics {
            panic::panic_any(self.name.to_owned());
        }
        Ok(())
    }
}

/// Leaves a stack of three contexts, of which some panic. Gives the message of the panic that goes on.
fn stacked(log: &Log, panicking: &'static str, block: Result<(), Error>) -> String {
    let left = testing::run(async {
        let stack = async |stack: &AsyncExitStack| {
            for name in ["a", "b", "c"] {
                let (log, panics) = (log.clone(), panicking.contains(name));
                stack.enter(Noting { log, name, panics }).await?;
            }
            block
        };
        aio::exit_stack(stack).await.map(drop)
    });
    match left {
        Err(Error::Panicked(panicked)) => panicked.message().to_owned(),
        left => format!("{left:?}"),
    }
}

#[test]
fn an_exit_that_panics_leaves_the_others_to_run() {
    let log = Log::default();
    assert_eq!(stacked(&log, "b", Ok(())), "b");
    assert_eq!(log.take(), "c b a!");
    assert_eq!(stacked(&log, "c", Err(Error::new("block"))), "c");
    assert_eq!(log.take(), "c(block) b! a!");
    // The first panic is the one that goes on.
    assert_eq!(stacked(&log, "abc", Ok(())), "c");
    assert_eq!(log.take(), "c b! a!");
    assert_eq!(stacked(&log, "", Ok(())), "Ok(())");
    assert_eq!(log.take(), "c b a");
}

/// What a panic takes the place of is not lost without a word, but for a cancel.
#[test]
fn errors_behind_a_panic_are_told_to_the_hook() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    cogen::set_unraisable_hook(move |unraisable| {
        let message = unraisable.to_string();
        // Others are told here, too.
        if message.contains("mine") || message.contains("cancel") {
            heard.lock().unwrap().push(message);
        }
    });
    let take = || mem::take(&mut *told.lock().unwrap());
    let ignored = |what: &str| format!("{what} ignored in a context that a panic left: mine");

    let stack = async |stack: &AsyncExitStack| {
        stack.callback(async || Err::<(), _>(Error::new("mine")));
        stack.callback(async || -> () { panic!("mine") });
        stack.callback(async || -> () { panic!("exit") });
        Err::<(), _>(Error::new("mine"))
    };
    let left = testing::run(async { aio::exit_stack(stack).await.map(drop) });
    assert!(matches!(left, Err(Error::Panicked(panicked)) if panicked.message() == "exit"));
    assert_eq!(take(), ["exception", "panic", "exception"].map(ignored));

    // The error of the block, when the exit panics before it has looked at that.
    let exit = Noting {
        log: Log::default(),
        name: "exit",
        panics: true,
    };
    let left = testing::run(exit.with(async |()| Err::<(), _>(Error::new("mine"))));
    assert!(matches!(left, Err(Error::Panicked(panicked)) if panicked.message() == "exit"));
    assert_eq!(take(), [ignored("exception")]);

    let left = testing::run(async {
        let task = create_task(aio::exit_stack(async |stack| {
            stack.callback(async || -> () { panic!("exit") });
            sleep(secs(1)).await;
        }));
        sleep(secs(0)).await;
        task.cancel();
        task.await.map(drop)
    });
    assert!(matches!(left, Err(Error::Panicked(panicked)) if panicked.message() == "exit"));
    assert!(take().is_empty());
    drop(cogen::take_unraisable_hook());
}

#[test]
fn an_exit_that_panics_before_it_is_a_future_is_one_too() {
    let log = Log::default();
    let left = testing::run(async {
        let stack = AsyncExitStack::new();
        let called = log.clone();
        stack.callback(async move || called.emit("called"));
        stack.push(
            |_: &mut Option<Error>| -> std::future::Ready<Result<(), Error>> { panic!("at once") },
        );
        stack.aclose().await
    });
    assert!(matches!(left, Err(Error::Panicked(panicked)) if panicked.message() == "at once"));
    assert_eq!(log.take(), "called");
}

#[test]
fn a_stack_may_be_closed_in_its_block_and_by_an_exit() {
    testing::run(async {
        let log = Log::default();
        let emit = |event: &'static str| {
            let log = log.clone();
            async move || log.emit(event)
        };
        aio::exit_stack(async |stack| {
            stack.callback(emit("1"));
            stack.callback(emit("2"));
            stack.aclose().await?;
            log.emit("closed");
            stack.callback(emit("3"));
            stack.callback(async || Err::<(), _>(Error::new("clean-up")));
            log.emit(stack.aclose().await.unwrap_err());
            stack.callback(emit("4"));
            aio::ok(())
        })
        .await?;
        assert_eq!(log.take(), "2 1 closed 3 clean-up 4");

        let stack = Rc::new(AsyncExitStack::new());
        stack.callback(emit("first"));
        let (inner, pushed) = (stack.clone(), emit("pushed"));
        stack.callback(async move || inner.callback(pushed));
        let (inner, last) = (stack.clone(), emit("last"));
        stack.callback(async move || {
            inner.callback(last);
            inner.aclose().await
        });
        stack.aclose().await?;
        assert_eq!(log.take(), "last pushed first");
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_error_that_just_passes_stays_in_place() {
    testing::run(async {
        let plain = || {
            aio::context_manager(|co| async move {
                co.yield_(()).await;
            })
        };
        let returns = || aio::context_manager(|co| async move { co.try_yield(()).await });
        for mut context in [plain(), returns()] {
            context.enter().await?;
            let mut error = Some(Error::new("foo"));
            context.exit(&mut error).await?;
            assert_eq!(error.unwrap().to_string(), "foo");
        }

        let mut swallows = aio::context_manager(|co| async move {
            let _swallowed = co.try_yield(()).await;
        });
        swallows.enter().await?;
        let mut error = Some(Error::new("foo"));
        swallows.exit(&mut error).await?;
        assert!(error.is_none());

        let mut replaces = aio::context_manager(|co| async move {
            let thrown = co.try_yield(()).await;
            thrown.map_err(|_| Error::new("bar"))
        });
        replaces.enter().await?;
        let left = replaces.exit(&mut Some(Error::new("foo"))).await;
        assert_eq!(left.unwrap_err().to_string(), "bar");
        aio::ok(())
    })
    .unwrap();
}

/// A cancel of the task itself goes on after the exit, and may be swallowed by it.
#[test]
fn a_cancel_passes_or_is_taken_out() {
    testing::run(async {
        let log = Log::default();
        let passes = create_task({
            let log = log.clone();
            async move {
                let name = "passes";
                let noting = Noting {
                    log,
                    name,
                    panics: false,
                };
                noting.with(async |()| sleep(secs(9)).await).await
            }
        });
        let swallows =
            create_task(suppress_if(Error::is_cancelled).with(async |()| sleep(secs(9)).await));
        sleep(secs(1)).await;
        passes.cancel();
        swallows.cancel();
        assert!(passes.await.unwrap_err().is_cancelled());
        assert_eq!(swallows.await?, None);
        assert!(log.take().starts_with("passes("));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn some_errors_are_suppressed() {
    testing::run(async {
        let parse = async |()| "x".parse::<i32>();
        let other = suppress::<fmt::Error>().with(parse).await;
        assert!(
            other
                .unwrap_err()
                .downcast_ref::<std::num::ParseIntError>()
                .is_some()
        );
        let mut again = suppress::<std::num::ParseIntError>();
        for _ in 0..2 {
            again.enter().await?;
            let mut error = parse(()).await.err().map(Error::from);
            again.exit(&mut error).await?;
            assert!(error.is_none());
        }
        assert_eq!(again.with(async |()| "7".parse::<i32>()).await?, Some(7));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn one_that_does_nothing_may_be_entered_again() {
    testing::run(async {
        let mut context = nullcontext(1);
        for _ in 0..2 {
            assert_eq!(context.enter().await?, 1);
            assert_eq!(context.enter().await?, 1);
            context.exit(&mut None).await?;
        }
        let mut lent = vec![1];
        let mut once = NullContext::once(&mut lent);
        once.enter().await?.push(2);
        assert!(once.enter().await.is_err());
        assert_eq!(lent, [1, 2]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_thing_is_lent_and_closed_however_the_block_ends() {
    testing::run(async {
        let log = Log::default();
        let open = || {
            let log = log.clone();
            aio::closing(vec![1], async move |lent: Vec<i32>| {
                sleep(secs(1)).await;
                log.emit(format!("{lent:?}"));
                if lent.len() < 3 {
                    Ok(())
                } else {
                    Err(fmt::Error)
                }
            })
        };
        let length = open().with(async |lent| {
            lent.push(2);
            lent.len()
        });
        assert_eq!(length.await?, 2);
        let failed = open().with(async |_| Err::<(), _>(Error::new("block")));
        assert_eq!(failed.await.unwrap_err().to_string(), "block");
        for block in [Ok(()), Err(Error::new("block"))] {
            let failed = open().with(async |lent| {
                lent.extend([2, 3]);
                block
            });
            assert!(
                failed
                    .await
                    .unwrap_err()
                    .downcast_ref::<fmt::Error>()
                    .is_some()
            );
        }
        let cancelled = create_task(open().with(async |_| sleep(secs(9)).await));
        sleep(secs(1)).await;
        cancelled.cancel();
        assert!(cancelled.await.unwrap_err().is_cancelled());
        assert_eq!(log.take(), "[1, 2] [1] [1, 2, 3] [1, 2, 3] [1]");
        aio::ok(())
    })
    .unwrap();
}

/// What does not await goes onto the same stack, and is left in the same order.
#[test]
fn a_stack_that_awaits_has_contexts_and_callbacks_that_do_not() {
    let log = Log::default();
    testing::run({
        let log = log.clone();
        async move {
            let stack_log = log.clone();
            let ended = aio::exit_stack(async |stack| {
                let log = stack_log;
                let manager = |name: &'static str| {
                    let log = log.clone();
                    cogen::context::context_manager(move |co| async move {
                        match co.try_yield(name).await {
                            Ok(()) => log.emit(name),
                            Err(error) => {
                                log.emit(format!("{name}({error})"));
                                return Err(error);
                            }
                        }
                        Ok::<_, cogen::Exception>(())
                    })
                };
                assert_eq!(stack.enter_sync(manager("sync"))?, "sync");
                stack
                    .enter(Noting {
                        log: log.clone(),
                        name: "async",
                        panics: false,
                    })
                    .await?;
                let swallows = log.clone();
                stack.push_sync(move |exception| {
                    let replaced = exception.take().unwrap();
                    swallows.emit(format!("{replaced} is replaced"));
                    Err(cogen::Exception::new("other"))
                });
                let called = log.clone();
                stack.callback_sync(move || called.emit("callback"));
                Err::<(), _>(Error::new("failed"))
            });
            let error = ended.await.unwrap_err();
            assert_eq!(error.to_string(), "other");
            aio::ok(())
        }
    })
    .unwrap();
    assert_eq!(
        log.take(),
        "callback failed is replaced async(other) sync(other)"
    );
}

/// A cancel that passes a sync exit is the cancel that it was.
#[test]
fn a_cancel_passes_exits_that_do_not_await() {
    testing::run(async {
        let task = create_task(aio::exit_stack(async |stack| {
            stack.push_sync(|exception| {
                assert!(exception.is_some());
                Ok(())
            });
            sleep(secs(9)).await;
        }));
        sleep(secs(1)).await;
        task.cancel_with("why");
        let error = task.await.unwrap_err();
        assert!(
            error.is_cancelled() && error.to_string().contains("why"),
            "{error:?}"
        );
        aio::ok(())
    })
    .unwrap();
}

/// The cancel comes while the stack is left: the other exits are told of it, and then it goes on.
#[test]
fn a_cancel_while_a_stack_is_left_is_raised() {
    fn fill(log: &Log, stack: &AsyncExitStack) {
        let told = log.clone();
        stack.push(async move |error: &mut Option<Error>| {
            told.emit(if error.as_ref().is_some_and(Error::is_cancelled) {
                "told"
            } else {
                "not told"
            });
            Ok(())
        });
        stack.callback(async || sleep(secs(9)).await);
    }
    let log = Log::default();
    testing::run(async {
        let (in_block, by_hand) = (log.clone(), log.clone());
        let after_block = create_task(async move {
            let _ended = aio::exit_stack(async |stack| fill(&in_block, stack)).await;
            in_block.emit("went on");
        });
        let after_close = create_task(async move {
            let stack = AsyncExitStack::new();
            fill(&by_hand, &stack);
            let _ended = stack.aclose().await;
            by_hand.emit("went on");
        });
        for task in [after_block, after_close] {
            sleep(secs(1)).await;
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        aio::ok(())
    })
    .unwrap();
    assert_eq!(log.take(), "told told");
}

/// An exit that swallows such a cancel ends it, and one that fails takes its place.
#[test]
fn an_exit_may_swallow_the_cancel_of_another() {
    testing::run(async {
        for fails in [false, true] {
            let task = create_task(aio::exit_stack(async move |stack| {
                stack.push(async move |error: &mut Option<Error>| {
                    assert!(error.take().is_some_and(|error| error.is_cancelled()));
                    if fails {
                        Err(Error::new("failed"))
                    } else {
                        Ok(())
                    }
                });
                stack.callback(async || sleep(secs(9)).await);
            }));
            sleep(secs(1)).await;
            task.cancel();
            let ended = task.await.map_err(|error| error.to_string());
            assert_eq!(
                ended,
                if fails {
                    Err("failed".to_owned())
                } else {
                    Ok(Some(()))
                }
            );
        }
        aio::ok(())
    })
    .unwrap();
}
