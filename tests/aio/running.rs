//! Which task runs, and what its waker and its scopes lead to: in nested steps, in steps that panic, and
//! between steps.

use std::cell::RefCell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use cogen::aio::{self, EventLoop, create_task, current_task, sleep, testing};
use cogen::{Generator as _, Step, generator};

use super::secs;

fn name() -> Option<String> {
    current_task().map(|task| task.name())
}

/// A child of a group is polled inside the poll of its parent, which polls other things beside it.
#[test]
fn the_innermost_task_runs_and_the_one_around_it_afterwards() {
    testing::run(async {
        let names = RefCell::new(Vec::new());
        aio::task_group(async |group| {
            group.create_task(async {
                names.borrow_mut().push(name());
                sleep(secs(1)).await;
                names.borrow_mut().push(name());
            });
            names.borrow_mut().push(name());
            sleep(secs(2)).await;
            names.borrow_mut().push(name());
            aio::ok(())
        })
        .await?;
        names.borrow_mut().push(name());
        let names = names.take().into_iter().map(Option::unwrap);
        let expected = ["Task-1", "Task-2", "Task-2", "Task-1", "Task-1"];
        assert_eq!(names.collect::<Vec<_>>(), expected);
        aio::ok(())
    })
    .unwrap();
    assert_eq!(name(), None);
}

/// Notes which task runs when it is woken, dropped or cloned.
struct Notes(Mutex<Vec<Option<String>>>);

impl Wake for Notes {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().push(name());
    }
}

/// The executor's own wakers are called before and after every step.
#[test]
fn no_task_runs_between_the_steps() {
    let notes = Arc::new(Notes(Mutex::default()));
    let waker = Waker::from(notes.clone());
    let (give, take) = mpsc::channel::<Waker>();
    let mut loops = pin!(EventLoop::run(async move {
        poll_fn(|cx| {
            if give.send(cx.waker().clone()).is_ok() && name().is_some() {
                return Poll::<()>::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }));
    let mut cx = Context::from_waker(&waker);
    assert!(loops.as_mut().poll(&mut cx).is_pending());
    assert_eq!(name(), None);
    take.recv().unwrap().wake();
    assert_eq!(*notes.0.lock().unwrap(), [None]);
    drop(take);
    assert!(loops.as_mut().poll(&mut cx).is_ready());
}

/// A step that panics, even in a scope and in a task's own waits, leaves the task before it as the running
/// one.
#[test]
fn a_step_that_panics_leaves_the_task_around_it_running() {
    testing::run(async {
        for round in 0..3 {
            let ended = aio::task_group(async |group| {
                group.create_task(async move {
                    aio::catch_cancelled(async move {
                        if round > 0 {
                            sleep(secs(round)).await;
                        }
                        panic!("round {round}");
                    })
                    .await
                    .ok();
                });
                pending::<()>().await;
                aio::ok(())
            })
            .await;
            assert!(ended.is_err());
            assert_eq!(name().as_deref(), Some("Task-1"));
            // Its scopes are found as before.
            let me = current_task().unwrap();
            let caught = aio::catch_cancelled(async {
                me.cancel();
                sleep(secs(1)).await;
            })
            .await;
            assert!(caught.is_err());
            me.uncancel();
        }
        aio::ok(())
    })
    .unwrap();
}

/// A loop inside a task is refused, and that task runs on.
#[test]
fn a_loop_that_is_refused_leaves_the_task_running() {
    testing::run(async {
        assert!(aio::run(async {}).is_err());
        let mut other = aio::Runner::new()?;
        assert!(other.run(async {}).is_err());
        drop(other);
        assert_eq!(name().as_deref(), Some("Task-1"));
        sleep(secs(1)).await;
        assert_eq!(name().as_deref(), Some("Task-1"));
        aio::ok(())
    })
    .unwrap();
}

/// To a task, a clone of another task's waker is a combinator's: what is awaited with it wakes that other
/// task.
#[test]
fn a_wait_under_another_tasks_waker_wakes_that_task() {
    testing::run(async {
        let task = create_task(async {
            let outer = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            let inner = create_task(async move {
                let mut nap = Box::pin(sleep(secs(1)));
                poll_fn(|_| nap.as_mut().poll(&mut Context::from_waker(&outer))).await;
                7
            });
            sleep(secs(2)).await;
            assert!(!inner.done(), "nobody has woken it");
            inner.cancel();
            inner.await
        });
        assert!(task.await.is_err());
        aio::ok(())
    })
    .unwrap();
}

/// Scopes and raises are found through generators between them and their task, which have slots of their own.
#[test]
fn a_scope_around_a_generator_has_what_is_raised_in_it() {
    testing::run(async {
        for _ in 0..3 {
            let me = current_task().unwrap();
            let caught = aio::catch_cancelled(async {
                let mut numbers = pin!(generator(async |co| {
                    co.yield_(1).await;
                    co.yield_(2).await;
                }));
                let mut sum = 0;
                while let Ok(Step::Yielded(number)) = numbers.as_mut().next() {
                    sum += number;
                    if sum == 3 {
                        me.cancel();
                    }
                    sleep(secs(0)).await;
                }
                sum
            })
            .await;
            assert!(caught.is_err());
            me.uncancel();
        }
        aio::ok(())
    })
    .unwrap();
}

/// Clones of a step's waker outlive the step, its task and its loop, on any thread.
#[test]
fn clones_of_a_steps_waker_outlive_everything() {
    let kept = Rc::new(RefCell::new(Vec::new()));
    let give = kept.clone();
    aio::run(async move {
        let task = create_task(poll_fn(move |cx| {
            for _ in 0..3 {
                give.borrow_mut().push(cx.waker().clone());
            }
            Poll::Ready(())
        }));
        task.await
    })
    .unwrap();
    let mut wakers = kept.take();
    let sent = wakers.pop().unwrap();
    thread::spawn(move || sent.wake()).join().unwrap();
    let same = wakers[0].clone();
    let forgotten = wakers.pop();
    if cfg!(not(miri)) {
        // Miri reports leaks.
        std::mem::forget(forgotten);
    }
    wakers.into_iter().for_each(Waker::wake);
    // In another loop, whose tasks have the same numbers.
    let polls = Rc::new(RefCell::new(0));
    let counts = polls.clone();
    aio::run(async move {
        let task = create_task(poll_fn(move |_| {
            *counts.borrow_mut() += 1;
            Poll::<()>::Pending
        }));
        sleep(secs(0)).await;
        same.wake();
        sleep(secs(0)).await;
        sleep(secs(0)).await;
        task.cancel();
    })
    .unwrap();
    assert_eq!(*polls.borrow(), 1);
}

/// A destructor that runs in the middle of its task's last poll, or after it, finds the loop as it is.
#[test]
fn destructors_of_a_body_see_the_task_run_until_its_poll_is_over() {
    struct Sees(Rc<RefCell<Vec<Option<String>>>>);
    impl Drop for Sees {
        fn drop(&mut self) {
            self.0.borrow_mut().push(name());
        }
    }
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (inside, beside, panics) = (Sees(seen.clone()), Sees(seen.clone()), Sees(seen.clone()));
    testing::run(async move {
        let task = create_task(async move {
            drop(inside);
            sleep(secs(1)).await;
        });
        task.await?;
        let task = create_task(async move {
            let _beside = beside;
            sleep(secs(9)).await;
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(task.await.is_err());
        let task = create_task(async move {
            let _panics = panics;
            panic!("on purpose");
        });
        assert!(task.await.is_err());
        aio::ok(())
    })
    .unwrap();
    // The cancelled body is dropped by the step that delivers the cancel.
    let seen = seen.take();
    let expected = [Some("Task-2"), Some("Task-3"), Some("Task-4")];
    assert_eq!(
        seen.iter().map(Option::as_deref).collect::<Vec<_>>(),
        expected
    );
}

/// A panic in a body that is polled by hand inside a task leaves that task's scopes where they are.
#[test]
fn a_panic_inside_a_poll_by_hand_leaves_the_scopes_around_it() {
    testing::run(async {
        let me = current_task().unwrap();
        let caught = aio::catch_cancelled(async {
            let mut hostile = Box::pin(aio::task_group(async |_group| {
                let panics = poll_fn(|_| -> Poll<()> { panic!("on purpose") });
                let _never = aio::catch_cancelled(panics).await;
                aio::ok(())
            }));
            poll_fn(|cx| {
                let polled =
                    catch_unwind(AssertUnwindSafe(|| hostile.as_mut().poll(cx).is_ready()));
                assert!(polled.is_err());
                Poll::Ready(())
            })
            .await;
            me.cancel();
            sleep(secs(1)).await;
        })
        .await;
        assert!(caught.is_err());
        me.uncancel();
        aio::ok(())
    })
    .unwrap();
}
