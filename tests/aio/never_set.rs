//! What never ends, and what waits for it: when the loop is gone, and nobody can reach them, nothing is left of them.

use cogen::aio::{self, Error, Promise, Task, create_task, gather, shield, sleep, testing};
use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use super::secs;

/// Runs `body`, and checks that the value that it is given is dropped.
fn leaves_nothing(what: &str, body: impl AsyncFn(Rc<()>)) {
    for dead in [false, true] {
        let alive = Rc::new(());
        let held = alive.clone();
        let ended = testing::run(async {
            body(held).await;
            sleep(secs(5)).await;
            if dead {
                pending::<()>().await;
            }
        });
        assert_eq!(ended.is_err(), dead);
        assert_eq!(Rc::strong_count(&alive), 1, "{what}, dead: {dead}");
    }
}

#[test]
fn callbacks_of_what_never_ends_go_with_the_loop() {
    leaves_nothing("a promise", async |held| {
        Promise::<()>::new().add_done_callback(move |_| drop(held));
    });
    leaves_nothing("a promise, which its own callback holds", async |held| {
        let promise = Promise::<()>::new();
        let own = promise.clone();
        shield(&promise).add_done_callback(move |_| drop((held, own)));
    });
    leaves_nothing("a task", async |held| {
        create_task(pending::<()>()).add_done_callback(move |_| drop(held));
    });
    leaves_nothing("a shield", async |held| {
        shield(Promise::<()>::new()).add_done_callback(move |_| drop(held));
    });
    leaves_nothing("a gather", async |held| {
        gather([Promise::<()>::new()]).add_done_callback(move |_| drop(held));
    });
    leaves_nothing("a gather of all outcomes", async |held| {
        aio::gather_all([Promise::<()>::new()]).add_done_callback(move |_| drop(held));
    });
    leaves_nothing("a shield of a gather of a shield", async |held| {
        shield(gather([shield(Promise::<()>::new())])).add_done_callback(move |_| drop(held));
    });
    leaves_nothing("one in the other", async |held| {
        let shields = [(); 3].map(|()| shield(Promise::<()>::new()));
        let [a, b, c] = shields.clone();
        shields[0].add_done_callback(move |_| drop(b));
        shields[1].add_done_callback(move |_| drop(c));
        shields[2].add_done_callback(move |_| drop((a, held)));
    });
}

#[test]
fn a_callback_of_a_dropped_shield_or_gather_is_called() {
    testing::run(async {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let call = |what| {
            let calls = calls.clone();
            move || calls.borrow_mut().push(what)
        };
        let promise = Promise::<u8>::new();
        let (one, two, three) = (call("shield"), call("gather"), call("task"));
        shield(&promise).add_done_callback(move |_| one());
        gather([promise.clone()]).add_done_callback(move |_| two());
        create_task(sleep(secs(2))).add_done_callback(move |_| three());
        promise.set_result(1)?;
        sleep(secs(3)).await;
        assert_eq!(*calls.borrow(), ["shield", "gather", "task"]);
        aio::ok(())
    })
    .unwrap();
}

thread_local! {
    static TASKS: RefCell<Vec<Task<()>>> = const { RefCell::new(Vec::new()) };
}

/// Adds callbacks in the loop's end, to what has been given up.
struct Adds(Rc<()>);

impl Drop for Adds {
    fn drop(&mut self) {
        let held = &self.0;
        for task in TASKS.take() {
            let (one, two, three) = (held.clone(), held.clone(), held.clone());
            task.add_done_callback(move |_| drop(one));
            shield(&task).add_done_callback(move |_| drop(two));
            gather([task]).add_done_callback(move |_| drop(three));
        }
        let late = held.clone();
        shield(Promise::<()>::new()).add_done_callback(move |_| drop(late));
    }
}

#[test]
fn callbacks_that_a_destructor_adds_in_the_end_stay_nowhere() {
    leaves_nothing("a destructor's", async |held| {
        for _ in 0..3 {
            let adds = Adds(held.clone());
            let tasks = [(); 2].map(|()| create_task(pending::<()>()));
            TASKS.with_borrow_mut(|all| all.extend(tasks));
            create_task(async move {
                let _adds = adds;
                pending::<()>().await;
            });
        }
    });
}

/// A callback or waiter that is too late ends at once, and is not kept.
#[test]
fn a_task_of_a_loop_that_is_gone_keeps_no_callback() {
    let alive = Rc::new(());
    let kept: Rc<RefCell<Option<Task<()>>>> = Rc::default();
    let own = kept.clone();
    let dead: Result<(), Error> = testing::run(async move {
        *own.borrow_mut() = Some(create_task(pending::<()>()));
        pending::<()>().await;
        aio::ok(())
    });
    assert!(dead.is_err());
    let task = kept.take().unwrap();
    let held = alive.clone();
    task.add_done_callback(move |_| drop(held));
    assert_eq!(Rc::strong_count(&alive), 1);
    testing::run(async {
        let held = alive.clone();
        task.add_done_callback(move |_| drop(held));
        assert!(aio::timeout(Duration::MAX, task).await.is_err());
        aio::ok(())
    })
    .unwrap();
    assert_eq!(Rc::strong_count(&alive), 1);
}
