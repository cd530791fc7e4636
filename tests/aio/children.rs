//! The handles of several things at once: which are the same, how they ended, and which of them.

use cogen::aio::testing;
use cogen::aio::{
    self, Error, GatherAll, Promise, ReturnWhen, Shield, Task, as_completed, create_task, gather,
    gather_all, shield, sleep, sleep_with, wait,
};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use super::secs;

#[test]
#[expect(
    clippy::mutable_key_type,
    reason = "what changes inside is no part of the comparison"
)]
fn handles_are_equal_if_they_are_of_the_same_thing() {
    testing::run(async {
        let (task, other) = (create_task(async { 1_u8 }), create_task(async { 1_u8 }));
        let (promise, unset) = (Promise::<u8>::new(), Promise::<u8>::new());
        let (gathered, later) = (gather([&task]), gather([&task]));
        let (all, other_all) = (gather_all([&task]), gather_all([&task]));
        let (shielded, other_shield) = (shield(&task), shield(&task));
        macro_rules! identity {
            ($(($one:ident, $other:ident)),*) => {$(
                let set = HashSet::from([$one.clone(), $one.clone(), $other.clone()]);
                assert_eq!(set.len(), 2);
                assert!(set.contains(&$one) && $one == $one.clone() && $one != $other);
            )*};
        }
        identity!(
            (task, other),
            (promise, unset),
            (gathered, later),
            (all, other_all)
        );
        identity!((shielded, other_shield));
        let both: HashSet<Task<u8>> = [task, other].into();
        assert_eq!(gather(both.into_iter().collect::<Vec<_>>()).await?, [1, 1]);
        aio::ok(())
    })
    .unwrap();
}

/// CPython's gather gives the value as often; its `wait` and `as_completed` give each thing once.
#[test]
fn the_same_task_twice_is_waited_for_once() {
    testing::run(async {
        let task = create_task(sleep_with(secs(1), "value"));
        assert_eq!(gather([&task, &task]).await?, ["value"; 2]);
        let taken = gather([task.clone(), task.clone()]).await.unwrap_err();
        assert!(taken.to_string().contains("(&task).await"), "{taken}");
        let (task, other) = (
            create_task(sleep_with(secs(2), 1)),
            create_task(sleep_with(secs(1), 2)),
        );
        let mut completed = as_completed([task.clone(), other.clone(), task, other]);
        let mut order = Vec::new();
        while let Some((index, value)) = completed.next_indexed().await {
            order.push((index, value?));
        }
        assert_eq!(order, [(1, 2), (0, 1)]);

        let (one, never) = (
            create_task(async { 1 }),
            create_task(std::future::pending::<i32>()),
        );
        let handles = [&one, &never, &one, &never];
        let (done, pending) = wait(handles, ReturnWhen::FirstCompleted).await?;
        assert_eq!((done, pending), (vec![&one], vec![&never]));
        let promise = Promise::new();
        promise.set_result(7)?;
        let twice = [promise.clone(), promise];
        assert_eq!(wait(twice, ReturnWhen::AllCompleted).await?.0.len(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_clone_that_comes_late_is_told_what_to_do() {
    testing::run(async {
        let task = create_task(async { 7_u8 });
        let late = task.clone();
        assert_eq!(task.await?, 7);
        assert!(
            late.result()
                .unwrap_err()
                .to_string()
                .contains("(&task).await")
        );
        let error = late.await.unwrap_err();
        assert!(matches!(error, Error::InvalidState(said) if said.contains("(&task).await")));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn children_that_are_late_are_given_in_their_order() {
    testing::run(async {
        let naps = [9, 1, 8, 2].map(|n| sleep_with(secs(n), n));
        let mut completed = as_completed(naps).timeout(secs(3));
        let mut order = Vec::new();
        while let Some((index, value)) = completed.next_indexed().await {
            order.push((index, value.ok()));
        }
        assert_eq!(order, [(1, Some(1)), (3, Some(2)), (0, None), (2, None)]);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_gather_tells_how_it_ended() {
    testing::run(async {
        let told = Rc::new(RefCell::new(Vec::new()));
        let both = gather((
            sleep_with(secs(1), 1_u8),
            sleep_with(secs(2), "two".to_owned()),
        ));
        assert!(!both.done() && !both.cancelled());
        assert!(matches!(both.result(), Err(Error::InvalidState(_))));
        assert!(matches!(both.exception(), Err(Error::InvalidState(_))));
        let tell = told.clone();
        both.add_done_callback(move |both| tell.borrow_mut().push(both.result().unwrap()));
        let never = both.add_done_callback(|_| unreachable!("it is taken back"));
        assert!(both.remove_done_callback(never) && !both.remove_done_callback(never));
        sleep(secs(3)).await;
        assert_eq!(both.result()?, (1, "two".to_owned()));
        assert!(both.exception()?.is_none());
        assert_eq!(*told.borrow(), [(1, "two".to_owned())]);
        assert_eq!(both.await?.0, 1);

        // Nobody holds it but its callback.
        let tell = told.clone();
        gather([sleep_with(secs(1), 3_u8)]).add_done_callback(move |three| {
            tell.borrow_mut()
                .push((three.result().unwrap()[0], String::new()));
        });
        sleep(secs(2)).await;
        assert_eq!(told.borrow().len(), 2);

        let failed = gather_all([create_task(async { Err::<u8, _>(Error::new("x")) })]);
        sleep(secs(1)).await;
        assert_eq!(failed.result()?[0].as_ref().unwrap_err().to_string(), "x");
        let cut: GatherAll<_> = gather_all([sleep(secs(9))]);
        cut.cancel();
        sleep(secs(1)).await;
        assert!(cut.cancelled() && cut.exception().unwrap_err().is_cancelled());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_shield_tells_how_it_ended() {
    testing::run(async {
        let task = create_task(sleep_with(secs(2), 7_u8));
        let (kept, cut): (Shield<_>, Shield<_>) = (shield(&task), shield(&task));
        let told = Rc::new(Cell::new(None));
        let tell = told.clone();
        kept.add_done_callback(move |kept| tell.set(kept.result().ok()));
        assert!(cut.cancel_with("enough") && !cut.cancel());
        assert!(cut.done() && cut.cancelled() && cut.result().unwrap_err().is_cancelled());
        assert!(cut.exception().unwrap_err().to_string().contains("enough"));
        assert!(!kept.done() && !kept.cancelled());
        assert!(matches!(kept.result(), Err(Error::InvalidState(_))));
        sleep(secs(3)).await;
        assert_eq!((kept.result()?, told.get()), (7, Some(7)));
        assert!(kept.exception()?.is_none() && !kept.cancelled());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_late_reschedule_is_an_error() {
    testing::run(async {
        let mut kept = None;
        let late = aio::timeout_with(secs(1), async |limit| {
            limit.reschedule(aio::now() + secs(2))?;
            let _cancelled = aio::catch_cancelled(sleep(secs(9))).await;
            let error = limit.reschedule(aio::now() + secs(9)).unwrap_err();
            assert!(matches!(error, Error::Runtime(said) if said.contains("expiring")));
            kept = Some(limit);
            aio::ok(())
        });
        assert!(late.await.is_ok() && testing::elapsed() == secs(2));
        let expired = kept.take().unwrap().reschedule(None).unwrap_err();
        assert!(expired.to_string().contains("expired"), "{expired}");
        aio::timeout_with(secs(1), async |limit| kept = Some(limit)).await?;
        let finished = kept.unwrap().reschedule(None).unwrap_err();
        assert!(finished.to_string().contains("finished"), "{finished}");
        aio::ok(())
    })
    .unwrap();
}
