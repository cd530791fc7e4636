//! A wait of each kind, and what ends it.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc;

use cogen::aio::{self, Barrier, Condition, Event, Lock, Promise, Queue, ReturnWhen, Semaphore};
use cogen::aio::{Task, create_task, sleep};

use crate::secs;

pub(crate) type Wait = Pin<Box<dyn Future<Output = ()>>>;

/// Ends the wait, if that does not end by itself.
pub(crate) type End = Box<dyn FnOnce()>;

/// Makes a wait that ends by itself after 50 seconds, or is ended.
pub(crate) type Make = fn() -> (Wait, End);

pub(crate) const KINDS: [(&str, Make); 20] = [
    ("sleep", || by_itself(sleep(secs(50)))),
    ("promise", promise),
    ("task", || by_itself(async { nap().await.unwrap() })),
    ("wait", wait),
    ("gather", gather),
    ("gather with a limit", gather_with_a_limit),
    ("gather_all", gather_all),
    ("shield", || {
        by_itself(async { aio::shield(nap()).await.unwrap() })
    }),
    ("wait_for", wait_for),
    ("as_completed", as_completed),
    ("timeout", timeout),
    ("event", event),
    ("lock", lock),
    ("semaphore", semaphore),
    ("condition", condition),
    ("barrier", barrier),
    ("queue: get", get),
    ("queue: put", put),
    ("queue: join", join),
    ("to_thread", to_thread),
];

/// The end of a group, for the task in which that began.
pub(crate) const GROUPS: [(&str, Make); 2] =
    [("of a task", group), ("of a static task", static_group)];

fn nap() -> Task<()> {
    create_task(sleep(secs(50)))
}

fn by_itself(wait: impl Future<Output = ()> + 'static) -> (Wait, End) {
    (Box::pin(wait), Box::new(|| ()))
}

/// `ends` ends what `waits` waits for.
fn ended_by<T: 'static, F: Future<Output = ()> + 'static>(
    thing: T,
    waits: impl FnOnce(Rc<T>) -> F,
    ends: impl FnOnce(&T) + 'static,
) -> (Wait, End) {
    let thing = Rc::new(thing);
    let wait = waits(thing.clone());
    (Box::pin(wait), Box::new(move || ends(&thing)))
}

fn promise() -> (Wait, End) {
    let waits = async |promise: Rc<Promise<()>>| (&*promise).await.unwrap();
    ended_by(Promise::new(), waits, |promise| {
        promise.set_result(()).unwrap();
    })
}

fn wait() -> (Wait, End) {
    by_itself(async {
        let (done, _) = aio::wait([nap()], ReturnWhen::AllCompleted).await.unwrap();
        assert_eq!(done.len(), 1);
    })
}

fn gather() -> (Wait, End) {
    by_itself(async {
        let [(), ()] = aio::gather([sleep(secs(50)), sleep(secs(1))])
            .await
            .unwrap();
    })
}

fn gather_with_a_limit() -> (Wait, End) {
    by_itself(async {
        let halves = aio::gather([25, 25].map(|n| sleep(secs(n)))).limit(1);
        let [(), ()] = halves.await.unwrap();
    })
}

fn gather_all() -> (Wait, End) {
    by_itself(async {
        let (one, other) = aio::gather_all((nap(), sleep(secs(1)))).await;
        one.and(other).unwrap();
    })
}

fn wait_for() -> (Wait, End) {
    by_itself(async { aio::wait_for(nap(), secs(90)).await.unwrap() })
}

fn as_completed() -> (Wait, End) {
    by_itself(async {
        let mut completed = aio::as_completed([nap()]);
        completed.next().await.unwrap().unwrap();
    })
}

fn timeout() -> (Wait, End) {
    by_itself(async { aio::timeout(secs(90), sleep(secs(50))).await.unwrap() })
}

fn event() -> (Wait, End) {
    let waits = async |event: Rc<Event>| event.wait().await;
    ended_by(Event::new(), waits, Event::set)
}

fn lock() -> (Wait, End) {
    let lock = Lock::new(());
    lock.try_lock().unwrap().forget();
    let waits = async |lock: Rc<Lock<()>>| drop(lock.lock().await);
    ended_by(lock, waits, |lock| lock.release().unwrap())
}

fn semaphore() -> (Wait, End) {
    let waits = async |semaphore: Rc<Semaphore>| drop(semaphore.acquire().await);
    ended_by(Semaphore::new(0), waits, Semaphore::release)
}

fn condition() -> (Wait, End) {
    let waits = async |condition: Rc<Condition<()>>| {
        let mut guard = condition.lock().await;
        condition.wait(&mut guard).await;
    };
    ended_by(Condition::new(()), waits, |condition| {
        let _guard = condition.shared_lock().try_lock().unwrap();
        condition.notify(1).unwrap();
    })
}

fn barrier() -> (Wait, End) {
    let waits = async |barrier: Rc<Rc<Barrier>>| assert!(barrier.wait().await.is_ok());
    ended_by(Rc::new(Barrier::new(2)), waits, |barrier| {
        let barrier = barrier.clone();
        create_task(async move { barrier.wait().await });
    })
}

fn get() -> (Wait, End) {
    let waits = async |queue: Rc<Queue<()>>| queue.get().await.unwrap();
    ended_by(Queue::new(0), waits, |queue| queue.put_nowait(()).unwrap())
}

fn put() -> (Wait, End) {
    let waits = async |queue: Rc<Queue<()>>| queue.put(()).await.unwrap();
    ended_by(full(), waits, |queue| queue.get_nowait().unwrap())
}

fn join() -> (Wait, End) {
    let waits = async |queue: Rc<Queue<()>>| queue.join().await;
    ended_by(full(), waits, |queue| queue.task_done().unwrap())
}

fn full() -> Queue<()> {
    let queue = Queue::new(1);
    queue.put_nowait(()).unwrap();
    queue
}

fn group() -> (Wait, End) {
    by_itself(async {
        let group = aio::task_group(async |group| drop(group.create_task(sleep(secs(50)))));
        group.await.unwrap();
    })
}

fn static_group() -> (Wait, End) {
    by_itself(async {
        let group = aio::task_group(async |group| drop(group.create_static_task(sleep(secs(50)))));
        group.await.unwrap();
    })
}

/// The thread ends when it is told to, or when that can no longer happen.
fn to_thread() -> (Wait, End) {
    let (go, goes) = mpsc::channel();
    let wait = Box::pin(async move {
        let result = aio::to_thread(move || goes.recv().is_ok());
        assert!(result.await.unwrap());
    });
    (wait, Box::new(move || go.send(()).unwrap()))
}
