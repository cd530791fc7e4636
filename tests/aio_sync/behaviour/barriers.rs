use std::rc::Rc;

use cogen::aio::testing::run;
use cogen::aio::{self, Barrier, BrokenBarrier, Task};

use crate::secs;

fn arrive(barrier: &Rc<Barrier>) -> Task<usize> {
    let barrier = barrier.clone();
    aio::create_task(async move { barrier.wait().await })
}

#[test]
fn each_has_an_index_of_its_own_and_rounds_follow_each_other() {
    run(async {
        let barrier = Rc::new(Barrier::new(2));
        let tasks: Vec<_> = (0..4).map(|_| arrive(&barrier)).collect();
        let indices = aio::gather(tasks).await?;
        assert_eq!(indices, [0, 1, 0, 1]);
        assert_eq!(barrier.n_waiting(), 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_aborted_barrier_is_broken_until_it_is_reset() {
    run(async {
        let barrier = Rc::new(Barrier::new(2));
        let waiter = arrive(&barrier);
        aio::sleep(secs(1)).await;
        barrier.abort().await;
        let error = waiter.await.unwrap_err();
        assert!(error.downcast_ref::<BrokenBarrier>().is_some());
        assert!(barrier.broken());
        assert!(barrier.wait().await.is_err());
        barrier.reset().await;
        assert!(!barrier.broken());
        let waiter = arrive(&barrier);
        assert_eq!(barrier.wait().await? + waiter.await?, 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_reset_sends_away_who_waits() {
    run(async {
        let barrier = Rc::new(Barrier::new(3));
        let waiters = [arrive(&barrier), arrive(&barrier)];
        aio::sleep(secs(1)).await;
        assert_eq!(barrier.n_waiting(), 2);
        barrier.reset().await;
        for outcome in aio::gather_all(waiters).await {
            assert!(outcome.is_err());
        }
        assert_eq!((barrier.n_waiting(), barrier.broken()), (0, false));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn who_is_cancelled_or_dropped_leaves_the_barrier_whole() {
    run(async {
        let barrier = Rc::new(Barrier::new(2));
        let cancelled = arrive(&barrier);
        aio::sleep(secs(1)).await;
        cancelled.cancel();
        aio::sleep(secs(1)).await;
        assert_eq!(barrier.n_waiting(), 0);
        {
            let mut wait = std::pin::pin!(barrier.wait());
            assert!(futures::poll!(&mut wait).is_pending());
            assert_eq!(barrier.n_waiting(), 1);
        }
        assert_eq!(barrier.n_waiting(), 0);
        let waiter = arrive(&barrier);
        assert_eq!(barrier.wait().await? + waiter.await?, 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
#[should_panic(expected = "at least one party")]
fn a_barrier_for_nobody_is_refused() {
    let _barrier = Barrier::new(0);
}
