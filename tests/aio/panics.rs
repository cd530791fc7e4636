//! A panic ends its task, and nothing else.

use cogen::aio::{self, Error, create_task, sleep, testing};

use super::secs;

#[test]
fn a_panic_in_a_task_is_an_error_with_the_payload() {
    testing::run(async {
        let task = create_task(async {
            sleep(secs(1)).await;
            let passed = testing::elapsed().as_secs();
            assert!(passed == 0, "broken {passed}");
        });
        let Err(Error::Panicked(panicked)) = task.await else {
            panic!("it did panic");
        };
        assert_eq!(panicked.message(), "broken 1");
        let payload = panicked.take_payload().unwrap();
        assert_eq!(*payload.downcast::<String>().unwrap(), "broken 1");
        assert!(panicked.take_payload().is_none());
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_panic_in_main_is_an_error() {
    let outcome = testing::run(async { panic!("main") });
    assert!(matches!(outcome, Err(Error::Panicked(_))));
}

#[test]
fn a_panic_in_a_callback_stops_nothing() {
    testing::run(async {
        let log = testing::Recorder::new();
        let task = create_task(async {});
        task.add_done_callback(|_| panic!("callback"));
        task.add_done_callback({
            let log = log.clone();
            move |_| log.emit("second")
        });
        aio::call_soon(|| panic!("soon"));
        task.await?;
        sleep(secs(0)).await;
        assert_eq!(log.events().len(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_panic_in_a_child_ends_its_group() {
    testing::run(async {
        let outcome = aio::task_group(async |group| {
            group.create_task(async { panic!("child") });
            let sibling = group.create_task(sleep(secs(10)));
            sibling.await
        })
        .await;
        let Err(error) = outcome else {
            panic!("it failed")
        };
        assert!(matches!(error.errors(), [Error::Panicked(_)]));
        assert_eq!(testing::elapsed(), secs(0));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_panic_while_a_body_is_dropped_is_the_tasks() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "bomb");
        }
    }
    testing::run(async {
        let task = create_task(async {
            let _bomb = Bomb;
            sleep(secs(10)).await;
        });
        sleep(secs(1)).await;
        task.cancel();
        assert!(matches!(task.await, Err(Error::Panicked(_))));
        aio::ok(())
    })
    .unwrap();
}
