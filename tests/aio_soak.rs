//! A million tasks, each asleep until a time of its own, many of them cancelled at random; at the end nothing is left.
//! `COGEN_SOAK_TASKS` sets the number of tasks, `COGEN_SOAK_SEED` the seed.

#![cfg(feature = "aio")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::env;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use cogen::aio::{self, Error, testing};

/// Counts the allocated bytes, rounded as the system's allocator rounds them: 8 bytes more, to a multiple of 16, at
/// least 32.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

fn rounded(size: usize) -> usize {
    (size + 8).next_multiple_of(16).max(32)
}

// SAFETY: it passes every call on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(rounded(layout.size()), Relaxed);
        // SAFETY: by the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(rounded(layout.size()), Relaxed);
        // SAFETY: by the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most memory for a task that only sleeps: its own, its place in the loop, and its timer.
const BAR: u64 = 352;

fn setting(name: &str, otherwise: u64) -> u64 {
    let set = env::var(name).ok();
    set.map_or(otherwise, |set| set.parse().expect("a number"))
}

/// A step of `xorshift64`.
fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Counts how many of these exist.
struct Counted(Rc<Cell<usize>>);

impl Counted {
    fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A combinator's waker: all its clones must be dropped in the end.
struct Relay(Waker);

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

/// Sleeps; every eighth sleeps with a waker of its own, as inside a foreign combinator.
async fn nap(delay: Duration, seed: u64, wakers: &RefCell<Vec<Weak<Relay>>>) {
    if seed % 8 == 0 {
        let mut sleep = pin!(aio::sleep(delay));
        let mut relay: Option<Arc<Relay>> = None;
        poll_fn(|cx| {
            let relay = relay.get_or_insert_with(|| {
                let relay = Arc::new(Relay(cx.waker().clone()));
                wakers.borrow_mut().push(Arc::downgrade(&relay));
                relay
            });
            let waker = Waker::from(relay.clone());
            sleep.as_mut().poll(&mut Context::from_waker(&waker))
        })
        .await;
    } else {
        aio::sleep(delay).await;
    }
}

#[test]
fn a_million_sleeping_tasks_leave_nothing_behind() {
    let tasks = setting("COGEN_SOAK_TASKS", 1_000_000);
    let seed = setting("COGEN_SOAK_SEED", 0x9e37_79b9_7f4a_7c15);
    println!("{tasks} tasks, seed {seed}: set COGEN_SOAK_TASKS and COGEN_SOAK_SEED for others");
    let before = ALLOCATED.load(Relaxed);
    // A thread keeps memory for its next tasks, and frees it when it ends.
    let run = thread::spawn(move || end_and_cancel(tasks, seed));
    run.join().unwrap();
    let left = ALLOCATED.load(Relaxed).saturating_sub(before);
    assert!(left < 64 * 1024, "{left} bytes are still allocated");

    // This comes last because the other threads of the test harness allocate, too.
    sleeping_tasks_are_small(tasks);
}

/// Runs `tasks` tasks, and cancels some of them.
fn end_and_cancel(tasks: u64, seed: u64) {
    let bodies = Rc::new(Cell::new(0));
    let wakers = Rc::new(RefCell::new(Vec::new()));
    let counts = testing::run({
        let (bodies, wakers) = (bodies.clone(), wakers.clone());
        async move {
            let mut state = seed;
            let (mut handles, mut cancels) = (Vec::new(), Vec::new());
            for index in 0..tasks {
                let random = random(&mut state);
                let (bodies, wakers) = (Counted::new(&bodies), wakers.clone());
                handles.push(aio::create_task(async move {
                    let _counted = bodies;
                    nap(Duration::from_nanos(random >> 24), random, &wakers).await;
                    index
                }));
                if random % 3 == 0 {
                    cancels.push((random >> 25, index));
                }
            }
            // A third of the tasks is cancelled: half of those at random times, the other half at once.
            cancels.sort_unstable();
            let at_once = cancels.split_off(cancels.len() / 2);
            aio::sleep(Duration::ZERO).await;
            for (_, index) in at_once {
                handles[usize::try_from(index).unwrap()].cancel();
            }
            for chunk in cancels.chunks(1000) {
                aio::sleep_until(aio::now() + Duration::from_nanos(chunk[0].0 / 2000)).await;
                for (_, index) in chunk {
                    handles[usize::try_from(*index).unwrap()].cancel();
                }
            }
            let (mut ended, mut cancelled) = (0_u64, 0_u64);
            for (index, handle) in (0..).zip(handles) {
                match handle.await {
                    Ok(value) => {
                        assert_eq!(value, index);
                        ended += 1;
                    }
                    Err(Error::Cancelled(_)) => cancelled += 1,
                    Err(other) => panic!("{other}"),
                }
            }
            let census = testing::census();
            assert_eq!((census.tasks, census.timers), (1, 0), "only the main task");
            aio::ok((ended, cancelled))
        }
    });
    let (ended, cancelled) = counts.unwrap();
    println!("{ended} ended, {cancelled} were cancelled");
    assert_eq!(ended + cancelled, tasks);
    assert!(cancelled > 0 && ended > 0);
    assert_eq!(bodies.get(), 0, "bodies that were not dropped");
    let left = wakers
        .borrow()
        .iter()
        .filter(|w| w.upgrade().is_some())
        .count();
    assert_eq!(left, 0, "wakers that were not dropped");
}

fn sleeping_tasks_are_small(tasks: u64) {
    let each = testing::run(async move {
        // What a program keeps of a task is not part of it.
        let mut handles = Vec::with_capacity(usize::try_from(tasks).unwrap());
        let before = ALLOCATED.load(Relaxed);
        for index in 0..tasks {
            let delay = Duration::from_micros(1 + index * 7919 % 1_000_000);
            handles.push(aio::create_task(async move { aio::sleep(delay).await }));
        }
        // All of them have set their timers, and none has run out; the turns after that free the memory that only
        // starting them all at once took.
        for _ in 0..3 {
            aio::sleep(Duration::ZERO).await;
        }
        assert_eq!(testing::census().timers as u64, tasks);
        let each = (ALLOCATED.load(Relaxed) - before) as u64 / tasks;
        for handle in handles {
            handle.await?;
        }
        aio::ok(each)
    });
    let each = each.unwrap();
    println!("{each} bytes for each sleeping task, without the handle; the bar is {BAR}");
    // With few tasks, the growth of vectors outweighs the tasks.
    assert!(
        each <= BAR || tasks < 100_000,
        "{each} bytes for each sleeping task"
    );
}
