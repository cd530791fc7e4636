//! The holes of cancellation by scope: each one that docs/cancellation.md answers, by its number there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cogen::aio::testing::{self, Recorder};
use cogen::aio::{self, Error, Promise, Queue, catch_cancelled, create_task, finally, sleep};
use cogen::{Co, Generator, LocalBoxGen, Step, generator};
use futures::FutureExt;
use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::secs;

/// 1. Branches of our own gather are tasks, each with its scopes; all of them get the cancel.
#[test]
fn every_branch_of_a_gather_has_its_own_scopes() {
    testing::run(async {
        let log = Recorder::new();
        let branch = |name: &'static str| {
            let log = log.clone();
            async move {
                let caught = catch_cancelled(sleep(secs(10))).await;
                log.emit((name, caught.is_err()));
            }
        };
        let all = create_task({
            let gather = aio::gather((branch("a"), branch("b")));
            async move { gather.await }
        });
        sleep(secs(1)).await;
        all.cancel();
        sleep(secs(1)).await;
        let names: Vec<_> = log.events().into_iter().map(|(_, event)| event).collect();
        assert_eq!(names, [("a", true), ("b", true)]);
        aio::ok(())
    })
    .unwrap();
}

/// 1. Under a foreign `join!` every scope gets it.
#[test]
fn under_a_foreign_join_every_scope_gets_the_cancel() {
    testing::run(async {
        let task = create_task(
            async {
                futures::join!(
                    catch_cancelled(sleep(secs(2))),
                    catch_cancelled(sleep(secs(2)))
                )
            }
            .map(|(a, b)| (a.is_ok(), b.is_ok())),
        );
        sleep(secs(1)).await;
        task.cancel();
        assert_eq!(task.await?, (false, false));
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

/// 2. A scope inside `FuturesUnordered` is polled only if its own waker is woken.
#[test]
fn a_cancel_reaches_a_scope_inside_futures_unordered() {
    testing::run(async {
        let task = create_task(async {
            let mut unordered: FuturesUnordered<_> = (0..3)
                .map(|n| async move { (n, catch_cancelled(sleep(secs(10 + n))).await.is_err()) })
                .collect();
            let first = unordered.next().await.unwrap();
            (first, testing::elapsed())
        });
        sleep(secs(1)).await;
        task.cancel();
        let ((_, cancelled), when) = task.await?;
        assert!(cancelled);
        assert_eq!(when, secs(1));
        aio::ok(())
    })
    .unwrap();
}

/// A generator that is suspended at a yield in a scope, after its first step; what it yields second is
/// whether the scope caught a cancel.
fn suspended_in_a_scope() -> LocalBoxGen<'static, bool> {
    generator(|co: Co<'_, bool>| async move {
        let caught = catch_cancelled(async {
            co.yield_(false).await;
            sleep(secs(5)).await;
        });
        let caught = caught.await.is_err();
        co.yield_(caught).await;
    })
    .boxed_local()
}

/// 3. A scope that is suspended at a generator's yield gets no cancel: the task that drives the
///    generator is somewhere else. The generator goes on as if nothing had happened.
#[test]
fn a_scope_at_a_yield_gets_no_cancel() {
    testing::run(async {
        let task = create_task(
            async {
                let mut numbers = suspended_in_a_scope();
                assert_eq!(numbers.anext().await.unwrap(), Step::Yielded(false));
                let caught = catch_cancelled(sleep(secs(10))).await;
                assert_eq!((caught.is_err(), testing::elapsed()), (true, secs(1)));
                numbers.anext().await.unwrap()
            }
            .map(|step| step == Step::Yielded(false)),
        );
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await?);
        aio::ok(())
    })
    .unwrap();
}

/// 3. Nor does such a scope keep a cancel from the task.
#[test]
fn a_scope_at_a_yield_keeps_no_cancel_from_the_task() {
    testing::run(async {
        let task = create_task(async {
            let mut numbers = suspended_in_a_scope();
            let _first = numbers.anext().await;
            sleep(secs(10)).await;
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(1));
        aio::ok(())
    })
    .unwrap();
}

/// 3. While the generator runs, its scopes are those of the task that drives it.
#[test]
fn a_scope_in_a_generator_that_runs_gets_the_cancel() {
    testing::run(async {
        let task = create_task(async {
            let mut numbers = suspended_in_a_scope();
            let _first = numbers.anext().await;
            numbers.anext().await.unwrap() == Step::Yielded(true)
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await?);
        aio::ok(())
    })
    .unwrap();
}

/// 3. A timeout around a yield cancels the task that entered it, wherever that is by then, as in asyncio
///    (PEP 789): it is not an error of the block, which the cancel did not leave.
#[test]
fn a_timeout_at_a_yield_cancels_the_task_that_entered_it() {
    testing::run(async {
        let task = create_task(async {
            let mut limited = generator(|co: Co<'_, bool>| async move {
                let block = aio::timeout(secs(2), async { co.yield_(false).await });
                let ended = block.await.is_ok();
                co.yield_(ended).await;
            })
            .boxed_local();
            let _first = limited.anext().await;
            let cancelled = catch_cancelled(sleep(secs(10))).await.is_err();
            let when = testing::elapsed();
            let second = limited.anext().await.unwrap();
            (cancelled, when, second == Step::Yielded(true))
        });
        assert_eq!((&task).await?, (true, secs(2), true));
        assert_eq!(task.cancelling(), 0);
        aio::ok(())
    })
    .unwrap();
}

/// 3. Tasks of a group that is suspended at a yield: those that borrow wait for the generator to go on,
///    static ones have their turns.
#[test]
fn static_tasks_of_a_group_at_a_yield_have_their_turns() {
    testing::run(async {
        let log = Recorder::new();
        let borrowed = &log;
        let mut generator = std::pin::pin!(generator(move |co: Co<'_, ()>| async move {
            aio::task_group(async |group| {
                group.create_task(async { borrowed.emit("borrows") });
                let log = borrowed.clone();
                group.create_static_task(async move { log.emit("static") });
                co.yield_(()).await;
            })
            .await
        }));
        assert!(matches!(generator.anext().await, Ok(Step::Yielded(()))));
        sleep(secs(1)).await;
        assert!(matches!(
            generator.anext().await,
            Ok(Step::Complete(Ok(())))
        ));
        assert_eq!(log.events(), [(secs(0), "static"), (secs(1), "borrows")]);
        aio::ok(())
    })
    .unwrap();
}

/// 4. A wait of the library passes the cancel on, and waits for the end of what it waits for.
#[test]
fn a_cancel_is_passed_on_to_the_awaited_task() {
    testing::run(async {
        let child = create_task(async {
            let _cancelled = catch_cancelled(sleep(secs(10))).await;
            sleep(secs(5)).await;
            7_u8
        });
        let parent = create_task(child);
        sleep(secs(1)).await;
        parent.cancel();
        assert_eq!((&parent).await?, 7);
        assert_eq!((testing::elapsed(), parent.cancelling()), (secs(6), 1));
        aio::ok(())
    })
    .unwrap();
}

/// 5. `finally` goes on unwinding; a scope that loses the cancel leaves it counted.
#[test]
fn finally_goes_on_and_a_swallowed_cancel_is_counted() {
    testing::run(async {
        let after = Rc::new(Cell::new(false));
        let unwound = create_task({
            let after = after.clone();
            async move {
                finally(sleep(secs(10)), sleep(secs(1))).await;
                after.set(true);
            }
        });
        let swallows = create_task(async {
            let _lost = catch_cancelled(sleep(secs(10))).await;
            sleep(secs(1)).await;
        });
        sleep(secs(1)).await;
        unwound.cancel();
        swallows.cancel();
        assert!((&unwound).await.unwrap_err().is_cancelled());
        assert!(!after.get());
        (&swallows).await?;
        assert_eq!((swallows.cancelled(), swallows.cancelling()), (false, 1));
        aio::ok(())
    })
    .unwrap();
}

/// 4. `wait` cancels nothing.
#[test]
fn a_cancelled_wait_leaves_what_it_waits_for() {
    testing::run(async {
        let child = create_task(sleep(secs(5)));
        let parent = create_task({
            let child = child.clone();
            async move {
                aio::wait([child], aio::ReturnWhen::AllCompleted)
                    .await
                    .map(|_| ())
            }
        });
        sleep(secs(1)).await;
        parent.cancel();
        assert!(parent.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(1));
        child.await
    })
    .unwrap();
}

/// 4. A cancelled plain gather is over when the first of its children is.
#[test]
fn a_cancelled_gather_waits_for_its_first_child() {
    testing::run(async {
        let child = |n| async move { finally(sleep(secs(10)), sleep(secs(n))).await };
        let children = [3, 2].map(|n| create_task(child(n)));
        let parent = create_task({
            let gather = aio::gather(children.clone());
            async move { gather.await.map(|_| ()) }
        });
        sleep(secs(1)).await;
        parent.cancel();
        assert!(parent.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(1 + 2));
        assert!(!children[0].done());
        aio::ok(())
    })
    .unwrap();
}

/// 6. A task that cancels itself gets it at its next suspension; nothing is dropped while it runs.
#[test]
fn a_self_cancel_is_delivered_at_the_next_suspension() {
    testing::run(async {
        let reached = Rc::new(Cell::new(0));
        let task = create_task({
            let reached = reached.clone();
            async move {
                aio::current_task().unwrap().cancel();
                reached.set(1);
                let done = create_task(async { 1_u8 });
                drop(done);
                sleep(secs(0)).await;
                reached.set(2);
            }
        });
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(reached.get(), 1);
        aio::ok(())
    })
    .unwrap();
}

/// 6. A value and a cancel in the same turn: the cancel wins, as in Python.
#[test]
fn a_cancel_beats_a_value_that_came_in_the_same_turn() {
    testing::run(async {
        let promise = Promise::new();
        let task = create_task({
            let promise = promise.clone();
            async move { promise.await }
        });
        sleep(secs(1)).await;
        promise.set_result(1_u8)?;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

/// 6. From another thread.
#[test]
fn another_thread_cancels() {
    let outcome = aio::run(async {
        let task = create_task(async {
            catch_cancelled(sleep(secs(3600)))
                .await
                .unwrap_err()
                .message()
                .map(str::to_owned)
        });
        let remote = task.remote();
        sleep(secs(0)).await;
        std::thread::spawn(move || remote.cancel_with("from afar"))
            .join()
            .unwrap();
        task.await
    });
    assert_eq!(outcome.unwrap().as_deref(), Some("from afar"));
}

/// Runs something when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// 7. Destructors may cancel and spawn.
#[test]
fn destructors_may_cancel_spawn_and_complete() {
    testing::run(async {
        let other = create_task(sleep(secs(10)));
        let spawned = Rc::new(RefCell::new(None));
        let promise = Promise::new();
        let task = create_task({
            let (other, spawned, promise) = (other.clone(), spawned.clone(), promise.clone());
            async move {
                let _guard = OnDrop(|| {
                    other.cancel();
                    *spawned.borrow_mut() = Some(create_task(async { 5_u8 }));
                    promise.set_result(()).unwrap();
                    aio::current_task().unwrap().cancel();
                });
                sleep(secs(10)).await;
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(other.await.unwrap_err().is_cancelled());
        promise.await?;
        let spawned = spawned.take().unwrap();
        assert_eq!(spawned.await?, 5);
        aio::ok(())
    })
    .unwrap();
}

/// 7. Destructors that run as the loop is dropped may use it, too.
#[test]
fn destructors_may_spawn_while_the_loop_goes() {
    let dropped = Rc::new(Cell::new(0));
    let count = dropped.clone();
    testing::run(async move {
        create_task(async move {
            let inner = count.clone();
            let _guard = OnDrop(move || {
                inner.set(inner.get() + 1);
                let again = inner.clone();
                create_task(async move {
                    let _guard = OnDrop(move || again.set(again.get() + 1));
                    sleep(secs(1)).await;
                });
            });
            // It swallows the cancel at the end, and so is dropped with the loop.
            let _lost = catch_cancelled(sleep(secs(5))).await;
        });
        sleep(secs(1)).await;
    })
    .unwrap();
    assert!(dropped.get() >= 1);
}

/// 8. A cancel from outside beats a timeout that comes at the same time, in either order.
#[test]
fn an_outer_cancel_beats_a_timeout() {
    for cancel_first in [true, false] {
        testing::run(async {
            let cancel = |task: &aio::Task<()>| {
                let task = task.clone();
                aio::call_later(secs(1), move || {
                    task.cancel();
                });
            };
            let task = create_task(aio::timeout(secs(1), sleep(secs(10))));
            if cancel_first {
                cancel(&task);
            }
            sleep(secs(0)).await;
            if !cancel_first {
                cancel(&task);
            }
            assert!(task.await.unwrap_err().is_cancelled());
            assert_eq!(testing::elapsed(), secs(1));
            aio::ok(())
        })
        .unwrap();
    }
}

/// 9. A shield is a task of its own: the cancel does not reach it.
#[test]
fn a_shield_keeps_the_cancel_from_the_child() {
    testing::run(async {
        let child = create_task(async {
            sleep(secs(5)).await;
            1_u8
        });
        let outer = create_task({
            let shield = aio::shield(&child);
            async move { shield.await }
        });
        sleep(secs(1)).await;
        outer.cancel();
        assert!(outer.await.unwrap_err().is_cancelled());
        assert_eq!(testing::elapsed(), secs(1));
        assert_eq!(child.await?, 1);
        aio::ok(())
    })
    .unwrap();
}

/// 10. Dropping the loop's future drops every body.
#[test]
fn a_dropped_loop_drops_its_bodies() {
    let alive = Rc::new(());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let alive = alive.clone();
        let running = aio::EventLoop::run(async move {
            let inner = alive.clone();
            create_task(async move {
                sleep(secs(3600)).await;
                drop(inner);
            });
            sleep(secs(3600)).await;
            drop(alive);
        });
        tokio::select! {
            _ = running => unreachable!("it sleeps for an hour"),
            () = tokio::task::yield_now() => {}
        }
    });
    assert_eq!(Rc::strong_count(&alive), 1);
}

/// 10. A foreign future is dropped by a cancel: it is not a task, and nothing waits for it.
#[test]
fn a_cancel_drops_what_is_foreign() {
    testing::run(async {
        let alive = Rc::new(());
        let task = create_task({
            let inner = alive.clone();
            async move {
                let foreign = async move {
                    std::future::pending::<()>().await;
                    drop(inner);
                };
                catch_cancelled(foreign).await.is_err()
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await?);
        assert_eq!(Rc::strong_count(&alive), 1);
        aio::ok(())
    })
    .unwrap();
}

/// 10. The clean-up of what is dropped, as by a foreign select, does not run.
#[test]
fn a_drop_is_no_cancel() {
    testing::run(async {
        let cleaned = Cell::new(false);
        let work = finally(sleep(secs(10)), async { cleaned.set(true) });
        let nap = sleep(secs(1));
        futures::future::select(std::pin::pin!(work), std::pin::pin!(nap))
            .await
            .factor_first();
        sleep(secs(20)).await;
        assert!(!cleaned.get());
        aio::ok(())
    })
    .unwrap();
}

/// 11. Dropping a handle leaves the task running.
#[test]
fn a_task_without_a_handle_runs_on() {
    testing::run(async {
        let done = Promise::new();
        drop(create_task({
            let done = done.clone();
            async move {
                sleep(secs(3)).await;
                done.set_result(()).unwrap();
            }
        }));
        done.await
    })
    .unwrap();
}

/// 12. A second cancel during clean-up goes to the next scope out.
#[test]
fn a_second_cancel_interrupts_the_clean_up() {
    testing::run(async {
        let log = Recorder::new();
        let task = create_task({
            let log = log.clone();
            async move {
                let inner = finally(sleep(secs(10)), async {
                    log.emit("clean-up");
                    sleep(secs(10)).await;
                    log.emit("never");
                });
                let outer = catch_cancelled(inner).await;
                log.emit(if outer.is_err() {
                    "outer scope"
                } else {
                    "nothing"
                });
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        sleep(secs(1)).await;
        task.cancel();
        task.await?;
        assert_eq!(
            log.events(),
            [(secs(1), "clean-up"), (secs(2), "outer scope")]
        );
        aio::ok(())
    })
    .unwrap();
}

/// A task's own cancel raises: nothing after the await runs, even if its result is thrown away.
#[test]
fn a_discarded_result_does_not_swallow_a_cancel() {
    testing::run(async {
        let reached = Rc::new(Cell::new(false));
        let task = create_task({
            let reached = reached.clone();
            async move {
                let child = create_task(sleep(secs(10)));
                let _ignored = child.await;
                reached.set(true);
            }
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(!reached.get());
        aio::ok(())
    })
    .unwrap();
}

/// A cancel of another task is a value.
#[test]
fn a_cancel_of_the_awaited_task_is_a_value() {
    testing::run(async {
        let child = create_task(sleep(secs(10)));
        let parent = create_task({
            let child = child.clone();
            async move { matches!(child.await, Err(Error::Cancelled(_))) }
        });
        sleep(secs(1)).await;
        child.cancel();
        assert!(parent.await?);
        aio::ok(())
    })
    .unwrap();
}

/// A cancel goes to a wait beside a scope, too: even if the scope swallows it, the wait does not end, and the task is
/// cancelled. What was meant for the wait is left for others.
#[test]
fn a_wait_beside_a_scope_has_the_cancel_too() {
    testing::run(async {
        let queue = Rc::new(Queue::new(0));
        let waits = |in_combinator: bool| {
            let queue = queue.clone();
            create_task(async move {
                let got = async move {
                    if !in_combinator {
                        return queue.get().await.unwrap();
                    }
                    let mut inside = FuturesUnordered::from_iter([queue.get()]);
                    inside.next().await.unwrap().unwrap()
                };
                let scope = catch_cancelled(std::future::pending::<()>());
                let (got, cancelled) = futures::join!(got, scope);
                assert!(cancelled.is_err());
                aio::ok(got)
            })
        };
        for in_combinator in [false, true] {
            let task = waits(in_combinator);
            sleep(secs(1)).await;
            task.cancel();
            queue.put_nowait(7)?;
            let ended = aio::timeout(secs(5), task).await;
            assert!(ended.unwrap_err().is_cancelled(), "{in_combinator}");
            assert_eq!(queue.get_nowait()?, 7, "{in_combinator}");
        }
        aio::ok(())
    })
    .unwrap();
}
