//! Long chains of tasks, promises, gathers and groups, on a small stack: what goes along them does not
//! recurse, and costs the same for each.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use cogen::RecursionError;
use cogen::aio::{
    self, Error, Promise, Task, create_task, current_task, gather, gather_all, shield, sleep,
    task_group, testing,
};

use super::secs;

#[cfg(not(miri))]
const DEEP: usize = 100_000;
#[cfg(miri)]
const DEEP: usize = 60;

type Body = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// Runs `test` on a thread with a stack of the usual size.
fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(test).unwrap().join().unwrap();
}

/// Gives ready tasks `n` turns.
async fn turns(n: usize) {
    for _ in 0..n {
        sleep(Duration::ZERO).await;
    }
}

/// Tasks each of which awaits the one before; gives the last one.
fn chain(first: Task<usize>, n: usize) -> Task<usize> {
    (0..n).fold(first, |inner, _| {
        create_task(async move { Ok::<_, Error>(inner.await? + 1) })
    })
}

fn sleeper() -> Task<usize> {
    create_task(async {
        sleep(secs(60)).await;
        0_usize
    })
}

#[test]
fn a_value_goes_up_a_long_chain() {
    on_small_stack(|| {
        let sum = testing::run(async { chain(sleeper(), DEEP).await });
        assert_eq!(sum.unwrap(), DEEP);
    });
}

#[test]
fn a_cancel_goes_down_a_long_chain() {
    on_small_stack(|| {
        let first = testing::run(async {
            let first = create_task(async {
                let slept = aio::catch_cancelled(sleep(secs(60))).await;
                assert_eq!(slept.unwrap_err().message(), Some("enough"));
                assert_eq!(current_task().unwrap().cancelling(), 1);
                7_usize
            });
            let last = chain(first, DEEP);
            turns(3).await;
            assert!(last.cancel_with("enough"));
            assert_eq!(last.cancelling(), 1);
            last.await
        });
        assert_eq!(first.unwrap(), DEEP + 7);
    });
}

#[test]
fn a_cancelled_chain_ends_as_cancelled() {
    on_small_stack(|| {
        testing::run(async {
            let last = chain(sleeper(), DEEP);
            turns(3).await;
            assert!(last.cancel());
            assert!(last.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

/// A cancel of a running task is passed on when it next waits.
#[test]
fn a_cancel_of_a_running_task_goes_down_the_chain_that_it_awaits() {
    on_small_stack(|| {
        testing::run(async {
            let last = chain(sleeper(), DEEP);
            turns(3).await;
            let own = create_task(async move {
                current_task().unwrap().cancel();
                last.await
            });
            assert!(own.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

#[test]
fn the_loop_ends_over_a_long_chain() {
    on_small_stack(|| {
        // Tasks of a chain that were cancelled one after the other: linear, or this takes hours.
        let clean = Rc::new(Cell::new(0_usize));
        let counted = clean.clone();
        testing::run(async move {
            let mut last = sleeper();
            for _ in 0..DEEP {
                let (inner, clean) = (last, counted.clone());
                last = create_task(async move {
                    let ended = aio::catch(inner).await;
                    clean.set(clean.get() + 1);
                    match ended {
                        Ok(ended) => ended,
                        Err(error) => error.raise().await,
                    }
                });
            }
            turns(3).await;
            drop(last);
            aio::ok(())
        })
        .unwrap();
        assert_eq!(clean.get(), DEEP);
    });
}

#[test]
fn the_loop_ends_over_a_long_chain_that_never_ran() {
    on_small_stack(|| {
        testing::run(async {
            drop(chain(sleeper(), DEEP));
            aio::ok(())
        })
        .unwrap();
    });
}

#[test]
fn a_loop_is_dropped_over_a_long_chain() {
    on_small_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let main = aio::EventLoop::run(async {
                let _last = chain(create_task(pending::<usize>()), DEEP);
                pending::<()>().await;
            });
            tokio::select! {
                biased;
                _ = main => unreachable!("it waits for ever"),
                () = async { for _ in 0..4 { tokio::task::yield_now().await } } => {}
            }
        });
    });
}

/// Values that hold the task before them.
#[test]
fn a_long_chain_of_ended_tasks_is_dropped() {
    struct Link {
        _before: Option<Task<Link>>,
        count: Rc<Cell<usize>>,
    }
    impl Drop for Link {
        fn drop(&mut self) {
            self.count.set(self.count.get() + 1);
        }
    }
    on_small_stack(|| {
        let count = Rc::new(Cell::new(0));
        let counted = count.clone();
        testing::run(async move {
            let mut last = None;
            for _ in 0..DEEP {
                let (before, count) = (last.take(), counted.clone());
                last = Some(create_task(async move {
                    Ok::<_, Error>(Link {
                        _before: before,
                        count,
                    })
                }));
            }
            turns(2).await;
            assert_eq!(counted.get(), 0);
            drop(last);
            assert_eq!(counted.get(), DEEP);
            aio::ok(())
        })
        .unwrap();
        assert_eq!(count.get(), DEEP);
    });
}

#[test]
fn a_long_chain_of_promises_is_dropped() {
    struct Link(#[expect(dead_code, reason = "it is there to be dropped")] Option<Promise<Link>>);
    on_small_stack(|| {
        testing::run(async {
            let last = (0..DEEP).fold(None, |before, _| {
                let promise = Promise::new();
                promise.set_result(Link(before)).unwrap();
                Some(promise)
            });
            drop(last);
            aio::ok(())
        })
        .unwrap();
    });
}

#[test]
fn a_long_chain_of_callbacks_is_dropped() {
    on_small_stack(|| {
        testing::run(async {
            let mut last = Promise::<()>::new();
            for _ in 0..DEEP {
                let next = Promise::new();
                next.add_done_callback(move |_| drop(last));
                last = next;
            }
            drop(last);
            aio::ok(())
        })
        .unwrap();
    });
}

/// Callbacks that complete the next promise.
#[test]
fn an_end_goes_along_a_long_chain_of_callbacks() {
    on_small_stack(|| {
        testing::run(async {
            let first = Promise::new();
            let mut last = first.clone();
            for _ in 0..DEEP {
                let next = Promise::new();
                let then = next.clone();
                last.add_done_callback(move |done: &Promise<usize>| {
                    then.set_result(done.result().unwrap() + 1).unwrap();
                });
                last = next;
            }
            first.set_result(0)?;
            assert_eq!(last.await?, DEEP);
            aio::ok(())
        })
        .unwrap();
    });
}

/// Through every kind of thing that passes a cancel on.
#[test]
fn a_cancel_goes_down_a_long_chain_of_gathers() {
    on_small_stack(|| {
        testing::run(async {
            let mut last = sleeper();
            for n in 0..DEEP {
                let inner = last;
                last = create_task(async move {
                    match n % 3 {
                        0 => gather((inner,)).await.map(|(value,)| value),
                        1 => {
                            let [value] = gather_all([inner]).await;
                            value
                        }
                        _ => inner.await,
                    }
                });
            }
            turns(3).await;
            last.cancel();
            assert!(last.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

/// A shield ends the cancel's way; promises at the end are cancelled once.
#[test]
fn a_cancel_of_a_long_chain_ends_at_a_shield() {
    on_small_stack(|| {
        testing::run(async {
            let inside = sleeper();
            let shielded = inside.clone();
            let first = create_task(async move { shield(shielded).await });
            let last = chain(first, DEEP);
            turns(3).await;
            last.cancel();
            assert!(last.await.unwrap_err().is_cancelled());
            assert!(!inside.done());
            aio::ok(())
        })
        .unwrap();
    });
}

/// Each gather has the one before it twice: nested calls would be 2^n.
#[test]
fn a_cancel_goes_through_what_is_gathered_twice_only_so_often() {
    on_small_stack(|| {
        testing::run(async {
            let mut last = sleeper();
            for _ in 0..64 {
                let inner = last;
                last = create_task(async move { gather((&inner, &inner)).await.map(|(n, _)| n) });
            }
            turns(3).await;
            last.cancel();
            assert!(last.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

/// The tasks of one group wait for each other: its cancel is linear.
#[test]
fn a_group_is_cancelled_whose_tasks_are_a_long_chain() {
    on_small_stack(|| {
        let ended = testing::run(task_group(async |group| {
            let mut last = group.create_static_task(async {
                sleep(secs(60)).await;
                0
            });
            for _ in 0..DEEP {
                let inner = last;
                last = group.create_static_task(async move {
                    Ok::<_, Error>(inner.await.unwrap_or(0) + 1)
                });
            }
            turns(3).await;
            group.cancel();
            last.await.map(drop)
        }));
        assert!(ended.unwrap_err().is_cancelled());
    });
}

fn nested(depth: usize, inside: Rc<dyn Fn() -> Body>) -> Body {
    Box::pin(async move {
        if depth == 0 {
            return inside().await;
        }
        task_group(async |group| {
            group.create_static_task(nested(depth - 1, inside));
        })
        .await
    })
}

#[test]
fn static_groups_are_nested_to_any_depth() {
    on_small_stack(|| {
        testing::run(nested(
            DEEP,
            Rc::new(|| {
                Box::pin(async {
                    turns(10).await;
                    aio::ok(())
                })
            }),
        ))
        .unwrap();
    });
}

#[test]
fn a_cancel_goes_down_deeply_nested_groups() {
    on_small_stack(|| {
        testing::run(async {
            let started = Rc::new(Cell::new(false));
            let start = started.clone();
            let inside: Rc<dyn Fn() -> Body> = Rc::new(move || {
                let start = start.clone();
                Box::pin(async move {
                    start.set(true);
                    sleep(secs(60)).await;
                    aio::ok(())
                })
            });
            let outermost = create_task(nested(DEEP, inside));
            while !started.get() {
                turns(1).await;
            }
            outermost.cancel();
            assert!(outermost.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

/// The error of the innermost group is in every group around it; it is written, cloned and dropped.
#[test]
fn an_error_comes_out_of_deeply_nested_groups() {
    on_small_stack(|| {
        let inside: Rc<dyn Fn() -> Body> = Rc::new(|| Box::pin(async { Err(Error::new("deep")) }));
        let error = testing::run(nested(DEEP, inside)).unwrap_err();
        let mut innermost = error.clone();
        let mut depth = 0;
        while let Error::Group(group) = innermost {
            innermost = group.errors()[0].clone();
            depth += 1;
        }
        assert_eq!((depth, innermost.to_string().as_str()), (DEEP, "deep"));
        assert!(format!("{error:?}").ends_with(" …") || cfg!(miri));
    });
}

/// Values dropped within others are dropped in Rust's order as long as they are few.
#[test]
fn a_short_chain_is_dropped_in_order() {
    struct Link(Option<Promise<Link>>, u32, Rc<RefCell<Vec<u32>>>);
    impl Drop for Link {
        fn drop(&mut self) {
            drop(self.0.take());
            self.2.borrow_mut().push(self.1);
        }
    }
    testing::run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let last = (0..4).fold(None, |before, n| {
            let promise = Promise::new();
            let set = promise.set_result(Link(before, n, order.clone()));
            set.unwrap();
            Some(promise)
        });
        drop(last);
        assert_eq!(*order.borrow(), [0, 1, 2, 3]);
        aio::ok(())
    })
    .unwrap();
}

/// Counts the polls of the future inside.
struct Counting<F> {
    polls: Rc<Cell<usize>>,
    inside: Pin<Box<F>>,
}

impl<F: Future> Future for Counting<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.polls.set(self.polls.get() + 1);
        self.inside.as_mut().poll(cx)
    }
}

/// Groups in groups whose tasks may borrow; the polls of all bodies are counted.
fn borrowing(depth: usize, polls: Rc<Cell<usize>>, inside: Rc<dyn Fn() -> Body>) -> Body {
    let counted = polls.clone();
    let nested = Box::pin(async move {
        if depth == 0 {
            return inside().await;
        }
        let (polls, inside) = (&polls, &inside);
        task_group(async |group| {
            group.create_task(async { borrowing(depth - 1, polls.clone(), inside.clone()).await });
        })
        .await
    });
    Box::pin(Counting {
        polls: counted,
        inside: nested,
    })
}

fn on_large_stack<R: Send + 'static>(test: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(1 << 30);
    thread.spawn(test).unwrap().join().unwrap()
}

/// Runs nested groups, of which each is polled about `polls_each` times, however deep they are nested.
fn polls_for_each(polls_each: usize, run: impl Fn(usize, Rc<Cell<usize>>) + Send + Copy + 'static) {
    let depths = if cfg!(miri) {
        [4, 8, 12]
    } else {
        [50, 500, 2_000]
    };
    for depth in depths {
        let polls = on_large_stack(move || {
            let polls = Rc::new(Cell::new(0));
            run(depth, polls.clone());
            polls.get()
        });
        assert!(
            polls <= polls_each * depth + 1_000,
            "{polls} polls for {depth} groups"
        );
    }
}

#[test]
fn nested_groups_that_borrow_cost_the_same_for_each() {
    polls_for_each(12, |depth, polls| {
        let inside: Rc<dyn Fn() -> Body> = Rc::new(|| {
            Box::pin(async {
                turns(10).await;
                aio::ok(())
            })
        });
        testing::run(borrowing(depth, polls, inside)).unwrap();
    });
}

#[test]
fn a_cancel_of_nested_groups_that_borrow_costs_the_same_for_each() {
    polls_for_each(20, |depth, polls| {
        testing::run(async move {
            let (started, start) = (Promise::new(), Promise::new());
            let begin = start.clone();
            let inside: Rc<dyn Fn() -> Body> = Rc::new(move || {
                let start = begin.clone();
                Box::pin(async move {
                    start.set_result(())?;
                    sleep(secs(60)).await;
                    aio::ok(())
                })
            });
            start.add_done_callback({
                let started = started.clone();
                move |_: &Promise<()>| started.set_result(()).unwrap()
            });
            let task = create_task(borrowing(depth, polls, inside));
            started.await?;
            task.cancel();
            assert!(task.await.unwrap_err().is_cancelled());
            aio::ok(())
        })
        .unwrap();
    });
}

/// Too deep for the stack: the innermost group that does not fit is an error, inside as many groups.
#[test]
#[cfg_attr(miri, ignore = "Miri has no bound")]
fn groups_that_borrow_are_nested_as_deep_as_the_stack_goes() {
    on_small_stack(|| {
        let inside: Rc<dyn Fn() -> Body> = Rc::new(|| unreachable!("so deep no stack is"));
        let polls = Rc::new(Cell::new(0));
        let mut error = testing::run(borrowing(DEEP, polls, inside)).unwrap_err();
        let mut depth = 0;
        while let Error::Group(group) = &error {
            error = group.errors()[0].clone();
            depth += 1;
        }
        assert!(error.downcast_ref::<RecursionError>().is_some());
        assert!(depth > 50, "{depth}");
    });
}

/// A tree of groups and tasks, built from a seed; notes what happens.
fn tree(seed: u64, depth: usize, fixed: bool, told: Rc<RefCell<Vec<String>>>) -> Body {
    Box::pin(async move {
        let next = |n: u64| {
            let mixed = (seed + n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33
        };
        let tell = |what: &str| told.borrow_mut().push(format!("{seed:x} {what}"));
        tell("starts");
        turns((next(1) % 3) as usize).await;
        let ended = task_group(async |group| {
            for n in 0..(if depth == 0 { 0 } else { next(2) % 4 }) {
                let body = tree(next(10 + n) % 0x1_0000, depth - 1, fixed, told.clone());
                if fixed {
                    group.create_static_task(body);
                } else {
                    group.create_task(body);
                }
                turns((next(20 + n) % 2) as usize).await;
            }
            match next(3) % 12 {
                0 => group.cancel(),
                1 => {
                    current_task().unwrap().cancel();
                }
                2 => return Err(Error::new("failed")),
                3 => {
                    let told = told.clone();
                    aio::call_soon(move || told.borrow_mut().push(format!("{seed:x} called")));
                }
                4 => sleep(Duration::from_millis(next(4) % 3)).await,
                _ => {}
            }
            turns((next(5) % 3) as usize).await;
            aio::ok(())
        })
        .await;
        tell(match ended {
            Ok(()) => "ends",
            Err(_) => "fails",
        });
        if next(6) % 4 == 0 { ended } else { Ok(()) }
    })
}

/// Children that the group's future polls have their turns in the same order as those that the loop does.
#[test]
fn children_that_borrow_have_their_turns_in_the_same_order() {
    let told = |seed, fixed| {
        let told = Rc::new(RefCell::new(Vec::new()));
        let trees = (
            tree(seed, 4, fixed, told.clone()),
            tree(seed + 1, 4, fixed, told.clone()),
        );
        let ended = testing::run(async move {
            let ticks = create_task({
                let told = told.clone();
                async move {
                    for n in 0..20 {
                        told.borrow_mut().push(format!("tick {n}"));
                        turns(1).await;
                    }
                }
            });
            let _ended = gather_all(trees).await;
            ticks.await?;
            Ok::<_, Error>(told.take())
        });
        ended.map_err(|error| error.to_string())
    };
    for seed in 0..(if cfg!(miri) { 3 } else { 300 }) {
        assert_eq!(told(seed * 7, false), told(seed * 7, true), "{seed}");
    }
}
