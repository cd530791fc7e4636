//! What the error says where every task waits for ever: who waits, at which line, and for whom.

use std::future::{Future, pending};
use std::rc::Rc;

use cogen::aio::{
    self, Barrier, Condition, Deadlock, Error, Event, Lock, Output, Promise, Queue, ReturnWhen,
    Semaphore, create_task, sleep, testing,
};

use super::secs;

/// How the run of `main` gets stuck.
fn deadlock<F>(main: F) -> Deadlock
where
    F: Future<Output: Output<Ok: 'static>>,
{
    match testing::run(main) {
        Err(Error::Deadlock(deadlock)) => deadlock,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it ended"),
    }
}

/// What is said of each task, with the text of the line in the place of the line's number.
fn waits_of(deadlock: &Deadlock) -> Vec<String> {
    deadlock
        .waits()
        .iter()
        .map(|wait| with_text(wait))
        .collect()
}

fn with_text(wait: &str) -> String {
    let Some((task, place)) = wait.split_once(concat!(" at ", file!(), ":")) else {
        return wait.to_owned();
    };
    let (line, column) = place.split_once(':').unwrap();
    let line: usize = line.parse().unwrap();
    let text = include_str!("deadlocks.rs").lines().nth(line - 1).unwrap();
    let after = column.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{task}: {}{after}", text.trim())
}

#[test]
fn each_kind_of_wait_is_shown_at_the_line_of_the_user() {
    macro_rules! stuck {
        ($($wait:expr),+ $(,)?) => {$(
            let stuck = deadlock(async {
                let _ = $wait;
            });
            let waits = waits_of(&stuck);
            assert_eq!(waits.len(), 1, "{waits:?}");
            let shown = waits[0].replace(' ', "");
            let expected = format!("Task-1:{},", stringify!($wait)).replace(char::is_whitespace, "");
            assert_eq!(shown, expected);
        )+};
    }
    let (lock, semaphore, event) = (Lock::new(()), Semaphore::new(0), Event::new());
    let (queue, full) = (Queue::<u8>::new(0), Queue::new(1));
    let (barrier, condition) = (Barrier::new(2), Condition::new(0));
    full.put_nowait(1_u8).unwrap();
    let _held = lock.try_lock().unwrap();
    stuck! {
        lock.lock().await,
        semaphore.acquire().await,
        event.wait().await,
        queue.get().await,
        full.put(2).await,
        full.join().await,
        barrier.wait().await,
        Promise::<()>::new().await,
        aio::shield(Promise::<()>::new()).await,
        aio::gather([Promise::<()>::new()]).await,
        aio::gather_all([Promise::<()>::new()]).await,
        aio::wait([Promise::<()>::new()], ReturnWhen::AllCompleted).await,
        aio::wait_for(Promise::<()>::new(), None).await,
        aio::as_completed([Promise::<()>::new()]).next().await,
        aio::timeout(None, event.wait()).await,
    }
    let stuck = deadlock(async {
        let mut held = condition.lock().await;
        condition.wait(&mut held).await;
    });
    let here = "Task-1: condition.wait(&mut held).await;";
    assert_eq!(waits_of(&stuck), [here]);
}

#[test]
fn tasks_that_wait_for_each_other_are_named() {
    let stuck = deadlock(async {
        let (a, b) = (Rc::new(Lock::new(())), Rc::new(Lock::new(())));
        let left = create_task({
            let (a, b) = (a.clone(), b.clone());
            async move {
                let _held = a.lock().await;
                sleep(secs(1)).await;
                let _second = b.lock().await;
            }
        });
        let right = create_task(async move {
            let _held = b.lock().await;
            sleep(secs(1)).await;
            let _other = a.lock().await;
        });
        left.set_name("left");
        right.set_name("right");
        left.await?;
        right.await
    });
    let waits = [
        "Task-1: left.await?;, for left",
        "left: let _second = b.lock().await;",
        "right: let _other = a.lock().await;",
    ];
    assert_eq!(waits_of(&stuck), waits);
}

#[test]
fn the_tasks_of_a_group_are_named_and_the_end_of_its_body() {
    let stuck = deadlock(async {
        let event = Event::new();
        aio::task_group(async |group| {
            group.create_task(event.wait()).set_name("borrows");
            group.create_static_task(async { Promise::<()>::new().await });
            aio::ok(())
        })
        .await
    });
    let waits = waits_of(&stuck);
    assert_eq!(waits.len(), 3, "{waits:?}");
    assert_eq!(waits[0], "Task-1: aio::task_group(async |group| {");
    assert!(
        waits[1].starts_with("borrows: group.create_task(event.wait())"),
        "{waits:?}"
    );
    assert!(
        waits[2].starts_with("Task-3: group.create_static_task"),
        "{waits:?}"
    );
}

#[test]
fn what_waits_for_something_foreign_says_so() {
    let foreign = ", for several things, or for something foreign \
                   (tokio's timers and sockets do not run under `testing::run`)";
    let stuck = deadlock(pending::<()>());
    assert_eq!(waits_of(&stuck), [format!("Task-1{foreign}")]);
    let stuck = deadlock(async {
        let (_sender, receiver) = tokio::sync::oneshot::channel::<()>();
        drop(receiver.await);
    });
    assert_eq!(waits_of(&stuck), [format!("Task-1{foreign}")]);
}

#[test]
fn a_task_beyond_a_limit_says_so() {
    let stuck = deadlock(async { aio::gather([pending::<()>(), pending()]).limit(1).await });
    let waits = waits_of(&stuck);
    assert_eq!(
        waits[2],
        "Task-3, which is beyond the limit of a gather or an `as_completed`"
    );
}

#[test]
fn a_task_that_will_not_be_cancelled_at_the_end_is_named() {
    let stuck = deadlock(async {
        create_task(async {
            let _cancelled = aio::catch_cancelled(sleep(secs(9))).await;
            Event::new().wait().await;
        });
        sleep(secs(1)).await;
    });
    assert_eq!(waits_of(&stuck), ["Task-2: Event::new().wait().await;"]);
}

#[test]
fn of_many_tasks_ten_are_named_and_the_others_counted() {
    let stuck = deadlock(async {
        for _ in 0..20 {
            create_task(async { Event::new().wait().await });
        }
        Event::new().wait().await;
    });
    assert_eq!(stuck.waits().len(), 10);
    let line = stuck.to_string();
    assert!(line.starts_with("deadlock: every task waits"), "{line}");
    assert!(
        line.ends_with("; 11 more") && line.lines().count() == 1,
        "{line}"
    );
    let error = Error::Deadlock(stuck);
    assert_eq!(error.to_string(), line);
    assert_eq!(format!("{error:?}").lines().count(), 12, "{error:?}");
}
