//! Jobs of an executor that is busy: they wait until the test runs them, on the loop's own thread.

use cogen::aio::{self, Error, EventLoop, create_task, sleep, testing};
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

type Job = Box<dyn FnOnce() + Send>;

/// The jobs that no thread has begun.
#[derive(Clone, Default)]
struct Busy(Rc<RefCell<Vec<Job>>>);

impl aio::Executor for Busy {
    fn execute(&self, job: Job) {
        self.0.borrow_mut().push(job);
    }
}

impl Busy {
    fn run_all(&self) {
        self.0.take().into_iter().for_each(|job| job());
    }
}

/// Counts the calls that were made, and the values that they hold.
#[derive(Clone, Default)]
struct Counts {
    made: Arc<AtomicUsize>,
    held: Arc<()>,
}

impl Counts {
    fn job(&self, busy: &Busy) -> aio::InThread<()> {
        let Self { made, held } = self.clone();
        aio::run_in_executor(busy, move || {
            made.fetch_add(1, Ordering::Relaxed);
            drop(held);
        })
    }

    fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    fn held(&self) -> usize {
        Arc::strong_count(&self.held) - 1
    }
}

async fn turns(n: usize) {
    for _ in 0..n {
        sleep(Duration::ZERO).await;
    }
}

type Wait = Pin<Box<dyn Future<Output = bool>>>;

fn is_cancel<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(error) if error.is_cancelled() || error.is_timeout())
}

/// As in CPython, whose pool does not run what was cancelled while it was queued.
#[test]
fn a_job_that_is_cancelled_before_it_began_does_not_run() {
    let cancelled = |wait: fn(aio::InThread<()>) -> Wait| {
        let (busy, counts) = (Busy::default(), Counts::default());
        testing::run(async {
            let job = counts.job(&busy);
            let task = create_task(wait(job));
            turns(3).await;
            task.cancel();
            assert!(task.await.unwrap_or(true));
            turns(3).await;
            // At once, and not when a thread comes to it.
            assert_eq!((counts.made(), counts.held()), (0, 0));
            aio::ok(())
        })
        .unwrap();
        // The loop did not wait for it.
        busy.run_all();
        assert_eq!(counts.made(), 0);
    };
    cancelled(|job| Box::pin(async { is_cancel(&job.await) }));
    cancelled(|job| Box::pin(async { is_cancel(&aio::gather([job]).await) }));
    cancelled(|job| Box::pin(async { is_cancel(&aio::wait_for(job, Duration::MAX).await) }));
    cancelled(|job| Box::pin(async { is_cancel(&aio::timeout(Duration::MAX, job).await) }));
    cancelled(|job| Box::pin(async { is_cancel(&create_task(job.into_future()).await) }));
}

#[test]
fn a_limit_cancels_a_job_that_has_not_begun() {
    let (busy, counts) = (Busy::default(), Counts::default());
    // The real clock: the virtual one stands still while a job is at work.
    aio::run(async {
        for _ in 0..5 {
            let late = aio::wait_for(counts.job(&busy), Duration::from_millis(1)).await;
            assert!(late.unwrap_err().is_timeout());
        }
        let late = aio::wait_for(counts.job(&busy), Duration::ZERO).await;
        assert!(late.unwrap_err().is_timeout());
        turns(3).await;
        assert_eq!(counts.held(), 0);
        aio::ok(())
    })
    .unwrap();
    busy.run_all();
    assert_eq!(counts.made(), 0);
}

/// As with a task: to cancel is not to look away.
#[test]
fn a_job_whose_handle_or_wait_is_dropped_runs() {
    let (busy, counts) = (Busy::default(), Counts::default());
    testing::run(async {
        drop(counts.job(&busy));
        let mut waited = counts.job(&busy).into_future();
        let _pending = Pin::new(&mut waited).poll(&mut Context::from_waker(Waker::noop()));
        drop(waited);
        drop(aio::shield(counts.job(&busy)));
        turns(3).await;
        busy.run_all();
        aio::ok(())
    })
    .unwrap();
    assert_eq!((counts.made(), counts.held()), (3, 0));
}

#[test]
fn a_shield_keeps_its_job() {
    let (busy, counts) = (Busy::default(), Counts::default());
    testing::run(async {
        let waits = create_task(aio::shield(counts.job(&busy)).into_future());
        turns(2).await;
        waits.cancel();
        assert!(is_cancel(&waits.await));
        turns(2).await;
        busy.run_all();
        aio::ok(())
    })
    .unwrap();
    assert_eq!(counts.made(), 1);
}

#[test]
fn a_loop_that_is_dropped_makes_no_more_calls() {
    let (busy, counts) = (Busy::default(), Counts::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let lp = EventLoop::run(async {
            let job = counts.job(&busy);
            drop(counts.job(&busy));
            job.await
        });
        let mut lp = pin!(lp);
        assert!(futures::poll!(&mut lp).is_pending());
        assert_eq!(counts.held(), 2);
        // Not `drop`: it is pinned here.
    });
    assert_eq!(counts.held(), 0);
    busy.run_all();
    assert_eq!(counts.made(), 0);
}

/// What a cancelled job holds may do as it likes.
#[test]
fn a_destructor_of_a_cancelled_job_stops_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("bomb");
        }
    }
    let busy = Busy::default();
    let ended = testing::run(async {
        let bomb = Bomb;
        let job = aio::run_in_executor(&busy, move || drop(bomb));
        let task = create_task(job.into_future());
        turns(1).await;
        task.cancel();
        assert!(is_cancel(&task.await));
        turns(3).await;
        aio::ok(7)
    });
    assert_eq!(ended.unwrap(), 7);
    busy.run_all();
}
