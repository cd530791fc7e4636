use std::rc::Rc;

use cogen::aio::testing::run;
use cogen::aio::{self, BoundedSemaphore, Semaphore};

use crate::secs;

#[test]
fn a_permit_that_is_given_back_goes_to_who_waits() {
    run(async {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.acquire().await;
        aio::task_group(async |group| {
            group.create_task(async {
                let _permit = semaphore.acquire().await;
                aio::sleep(secs(1)).await;
            });
            aio::sleep(secs(1)).await;
            drop(permit);
            assert_eq!(semaphore.available(), 0);
            assert!(semaphore.locked());
            assert!(semaphore.try_acquire().is_none());
        })
        .await?;
        assert_eq!(semaphore.available(), 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn permits_added_by_hand_are_more_than_in_the_beginning() {
    let semaphore = Semaphore::new(0);
    assert!(semaphore.try_acquire().is_none());
    semaphore.release();
    semaphore.release();
    assert_eq!(semaphore.available(), 2);
    let permits = [semaphore.try_acquire(), semaphore.try_acquire()];
    assert!(permits.iter().all(Option::is_some));
    assert!(semaphore.locked());
}

#[test]
fn a_bounded_semaphore_has_no_more_permits_than_in_the_beginning() {
    let semaphore = BoundedSemaphore::new(1);
    assert!(semaphore.release().is_err());
    let permit = semaphore.try_acquire();
    semaphore.release().unwrap();
    drop(permit);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_waiter_with_a_permit_that_is_cancelled_passes_it_on() {
    run(async {
        let semaphore = Rc::new(Semaphore::new(0));
        let wait = |semaphore: &Rc<Semaphore>| {
            let semaphore = semaphore.clone();
            aio::create_task(async move { semaphore.acquire().await.forget() })
        };
        let (first, second) = (wait(&semaphore), wait(&semaphore));
        aio::sleep(secs(1)).await;
        semaphore.release();
        first.cancel();
        second.await?;
        assert_eq!(semaphore.available(), 0);
        aio::ok(())
    })
    .unwrap();
}
