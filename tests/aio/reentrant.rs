//! Destructors, clones and wakers that call back into their own task.

use cogen::aio::testing;
use cogen::aio::{self, Promise, Task, create_task, sleep};
use futures::FutureExt;
use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::secs;

/// Calls its function when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

type Slot<T> = Rc<RefCell<Option<T>>>;

/// In its destructor a body cancels its task, looks at it, names it, starts others, and drops the last
/// handle.
#[test]
fn a_body_s_destructor_uses_its_own_task() {
    testing::run(async {
        let (slot, promise) = (Slot::<Task<u8>>::default(), Promise::new());
        let body = {
            let (slot, promise) = (slot.clone(), promise.clone());
            OnDrop(move || {
                let Some(task) = slot.take() else { return };
                assert!(!task.done() && task.result().is_err());
                assert!(task.cancel());
                task.uncancel();
                task.set_name("gone");
                task.add_done_callback(|task| assert_eq!(task.name(), "gone"));
                promise.set_result(create_task(async { 1_u8 })).unwrap();
                drop(task);
            })
        };
        slot.replace(Some(create_task(async move {
            let _body = body;
            sleep(secs(1)).await;
            7_u8
        })));
        assert_eq!(promise.await?.await?, 1);
        assert!(slot.take().is_none());
        aio::ok(())
    })
    .unwrap();
}

/// A task that has a handle of itself is freed with its loop.
#[test]
fn a_task_in_its_own_body_goes_with_the_loop() {
    let alive = Rc::new(());
    let held = alive.clone();
    testing::run(async move {
        let slot = Slot::<Task<()>>::default();
        let inner = slot.clone();
        let task = create_task(async move {
            let _held = (inner, held);
            let _ended = aio::catch_cancelled(sleep(secs(9))).await;
            std::future::pending::<()>().await;
        });
        slot.replace(Some(task));
        sleep(secs(1)).await;
    })
    .unwrap_err();
    assert_eq!(Rc::strong_count(&alive), 1);
}

struct Value(Slot<Task<Value>>, Rc<Cell<u8>>);

impl Clone for Value {
    fn clone(&self) -> Self {
        // The last handle except the one that is being asked.
        drop(self.0.take());
        self.1.set(self.1.get() + 1);
        Self(Rc::default(), Rc::default())
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            assert!(task.result().is_err() && task.exception().unwrap().is_none());
            self.1.set(self.1.get() + 10);
        }
    }
}

#[test]
fn a_value_s_clone_and_drop_use_its_task() {
    testing::run(async {
        let (slot, count) = (Slot::default(), Rc::new(Cell::new(0)));
        let value = Value(slot.clone(), count.clone());
        let task = create_task(async { aio::ok(value) });
        sleep(secs(1)).await;
        slot.replace(Some(task.clone()));
        drop(task.result()?);
        assert_eq!(count.get(), 1);
        slot.replace(Some(task.clone()));
        drop(task.await?);
        assert_eq!(count.get(), 11);
        aio::ok(())
    })
    .unwrap();
}

/// The last handle is dropped where there is no loop, and the value's destructor panics.
#[test]
fn a_value_panics_in_its_drop_after_the_loop() {
    let task = testing::run(async {
        let task = create_task(async { aio::ok(OnDrop(|| panic!("in a destructor"))) });
        sleep(secs(1)).await;
        aio::ok(RefCell::new(Some(task)).take())
    })
    .unwrap();
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(task)));
    assert!(dropped.is_err());
}

/// The waker is cloned, woken and dropped on other threads while the body is polled, and after its loop.
#[test]
fn wakers_on_other_threads() {
    let kept: Slot<Waker> = Slot::default();
    let slot = kept.clone();
    testing::run(async move {
        let mut polls = 0;
        poll_fn(|cx| {
            polls += 1;
            let waker = cx.waker();
            let far = std::thread::scope(|s| {
                let clone = s.spawn(|| waker.clone());
                s.spawn(|| waker.wake_by_ref());
                clone.join().unwrap()
            });
            assert!(!far.will_wake(waker));
            let near = waker.clone();
            near.wake_by_ref();
            std::thread::spawn(move || far.wake()).join().unwrap();
            slot.replace(Some(near));
            if polls < 3 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    })
    .unwrap();
    let waker = kept.take().unwrap();
    std::thread::spawn(move || waker.wake()).join().unwrap();
}

/// A child's body panics in its destructor, after it has created another one.
#[test]
fn a_child_panics_in_its_destructor() {
    let data = Cell::new(0);
    let outcome = testing::run(async {
        aio::task_group(async |group| {
            let data = &data;
            let inner = group.clone();
            group.create_task(async move {
                let _drop = OnDrop(move || {
                    data.set(data.get() + 1);
                    inner.create_task(async move { data.set(data.get() + 10) });
                    panic!("in a destructor");
                });
                sleep(secs(1)).await;
            });
            sleep(secs(9)).await;
            aio::ok(())
        })
        .await
    });
    assert!(outcome.is_err());
    assert_eq!(data.get(), 11, "it was created before the panic");
}

/// If a task other than the one that made it polls a group's future, the children have their turns in that one's.
#[test]
fn a_group_moves_to_another_task() {
    testing::run(async {
        let tasks = Rc::new(RefCell::new(Vec::new()));
        let moved: Slot<std::pin::Pin<Box<dyn Future<Output = ()>>>> = Slot::default();
        let first = create_task({
            let (moved, tasks) = (moved.clone(), tasks.clone());
            async move {
                let mut group: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
                    let _ended = aio::task_group(async |group| {
                        tasks.borrow_mut().push(group.create_task(sleep(secs(1))));
                        tasks.borrow_mut().push(group.create_task(async {
                            sleep(secs(0)).await;
                        }));
                        sleep(secs(1)).await;
                    })
                    .await;
                });
                assert!(futures::poll!(&mut group).is_pending());
                sleep(secs(0)).await;
                moved.replace(Some(group));
                sleep(secs(0)).await;
            }
        });
        first.await?;
        let group = moved.take().unwrap();
        let second = create_task(group);
        sleep(secs(5)).await;
        assert!(second.done());
        second.await?;
        for task in tasks.take() {
            task.await?;
        }
        aio::ok(())
    })
    .unwrap();
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

/// A cancel that comes in the last step replaces the value, whose destructor is foreign code.
#[test]
fn a_panic_of_a_value_that_a_cancel_replaces_stops_nothing() {
    testing::run(async {
        let task = create_task(async {
            aio::current_task().unwrap().cancel();
            aio::ok(PanicsInDrop)
        });
        sleep(secs(1)).await;
        assert!(task.done());
        aio::ok(())
    })
    .unwrap();
}

/// The tasks that are left are the loop's last.
#[test]
fn panics_of_values_of_leftover_tasks_stop_nothing() {
    let closed = Rc::new(Cell::new(false));
    let kept = RefCell::new(None);
    let ended = testing::run(async {
        for _ in 0..2 {
            create_task(async {
                drop(aio::catch_cancelled(sleep(secs(9))).await);
                aio::ok(PanicsInDrop)
            });
        }
        let cleaned = closed.clone();
        let generator = aio::async_generator(move |co| async move {
            aio::finally(co.yield_(1), async move { cleaned.set(true) }).await;
        });
        assert_eq!(generator.anext().await?, Some(1));
        kept.replace(Some(generator));
        sleep(secs(0)).await;
        aio::ok(7_u8)
    });
    assert_eq!(ended.unwrap(), 7);
    assert!(closed.get());
}

struct Looks(Rc<RefCell<Option<aio::Task<Looks>>>>, Rc<Cell<bool>>);

impl Clone for Looks {
    fn clone(&self) -> Self {
        let task = self.0.borrow().clone();
        if let Some(task) = task {
            let taken = task.into_future().now_or_never();
            self.1.set(matches!(taken, Some(Err(_))));
        }
        Self(Rc::default(), Rc::default())
    }
}

/// A value that is being cloned cannot be taken.
#[test]
fn a_value_that_takes_itself_while_it_is_cloned_gets_an_error() {
    testing::run(async {
        let (slot, refused) = (Rc::new(RefCell::new(None)), Rc::new(Cell::new(false)));
        let value = Looks(slot.clone(), refused.clone());
        let task = create_task(async { aio::ok(value) });
        sleep(secs(1)).await;
        slot.replace(Some(task.clone()));
        let _copy = task.result()?;
        assert!(refused.get());
        slot.take();
        aio::ok(())
    })
    .unwrap();
}
