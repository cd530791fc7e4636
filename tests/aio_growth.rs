//! What has ended leaves nothing behind: memory is counted, and polls, never time.

use cogen::aio::{
    self, Queue, ReturnWhen, Task, as_completed, create_task, gather, shield, sleep, task_group,
    testing, wait,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

struct Counting;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
}

fn count(change: impl FnOnce(usize) -> usize) {
    // Memory may be given back when the thread's variables are gone.
    let _gone = LIVE.try_with(|live| live.set(change(live.get())));
}

// SAFETY: the system's allocator does what is asked.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(|live| live.wrapping_add(layout.size()));
        // SAFETY: by the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(|live| live.wrapping_sub(layout.size()));
        // SAFETY: by the contract.
        unsafe { System.dealloc(pointer, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const TURN: Duration = Duration::ZERO;

/// Runs `round` several times, and returns by how many bytes the later ones have grown.
async fn growth(mut round: impl AsyncFnMut()) -> usize {
    for _ in 0..3 {
        round().await;
    }
    let before = LIVE.get();
    for _ in 0..3 {
        round().await;
    }
    LIVE.get().wrapping_sub(before)
}

type Waits = fn(Task<()>) -> Task<()>;

#[test]
fn cancelled_waits_for_a_living_task_leave_nothing_with_it() {
    let all: [Waits; 5] = [
        |long| create_task(async move { shield(&long).await }),
        |long| create_task(shield(long).into_future()),
        |long| create_task(async move { gather([shield(&long)]).await.map(drop) }),
        |long| create_task(async move { wait([long], ReturnWhen::AllCompleted).await.map(drop) }),
        |long| create_task(async move { as_completed([shield(long)]).next().await.unwrap() }),
    ];
    testing::run(async move {
        let long = create_task(sleep(Duration::from_secs(3600)));
        for (number, waits) in all.into_iter().enumerate() {
            let grown = growth(async || {
                for _ in 0..200 {
                    let waits = waits(long.clone());
                    sleep(TURN).await;
                    waits.cancel();
                    assert!(waits.await.unwrap_err().is_cancelled());
                }
            });
            assert_eq!(grown.await, 0, "{number}");
        }
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_living_group_forgets_its_tasks_that_have_ended() {
    testing::run(async {
        let borrowed = 1;
        let grown = task_group(async |group| {
            growth(async || {
                for _ in 0..1000 {
                    group.create_task(async {
                        std::hint::black_box(&borrowed);
                    });
                    group.create_static_task(async {});
                    group.create_task(async {
                        sleep(TURN).await;
                    });
                    sleep(TURN).await;
                }
                sleep(TURN).await;
                sleep(TURN).await;
            })
            .await
        });
        assert_eq!(grown.await?, 0);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn handles_of_queues_leave_nothing_behind() {
    testing::run(async {
        let long = Rc::new(Queue::<u8>::new(1));
        let grown = growth(async || {
            for _ in 0..200 {
                let short = Rc::new(Queue::<u8>::new(0));
                let remotes = [short.remote(), short.remote(), long.remote()];
                drop(short);
                let mut waits = remotes.map(|remote| Box::pin(remote.get()));
                for wait in &mut waits {
                    let _polled = futures::poll!(wait);
                }
                sleep(TURN).await;
                drop(waits);
                sleep(TURN).await;
                sleep(TURN).await;
            }
        });
        assert_eq!(grown.await, 0);
        aio::ok(())
    })
    .unwrap();
}

thread_local! {
    static POLLS: Cell<usize> = const { Cell::new(0) };
}

type Nested = Pin<Box<dyn Future<Output = Result<(), aio::Error>>>>;

/// Counts how often it is polled.
fn counted(body: impl Future<Output = Result<(), aio::Error>> + 'static) -> Nested {
    let mut body = Box::pin(body);
    Box::pin(poll_fn(move |cx| {
        POLLS.set(POLLS.get() + 1);
        body.as_mut().poll(cx)
    }))
}

/// Groups in groups, whose innermost task sleeps `turns` times.
fn nest(depth: usize, turns: usize, joins: bool) -> Nested {
    counted(async move {
        if depth == 0 {
            for _ in 0..turns {
                sleep(TURN).await;
            }
            return Ok(());
        }
        task_group(async |group| {
            let inner = group.create_task(nest(depth - 1, turns, joins));
            if joins {
                inner.await?;
            }
            aio::ok(())
        })
        .await
    })
}

fn polls(depth: usize, turns: usize, joins: bool) -> usize {
    // Native stack is bounded, so on a thread with much of it.
    let nested = move || {
        POLLS.set(0);
        testing::run(nest(depth, turns, joins)).unwrap();
        POLLS.get()
    };
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    thread.spawn(nested).unwrap().join().unwrap()
}

#[test]
fn nested_groups_take_polls_in_proportion_to_their_number() {
    for (turns, joins) in [(0, false), (0, true), (3, false), (3, true)] {
        let [few, many] = [100, 400].map(|depth| polls(depth, turns, joins));
        assert!(many < 6 * few, "{turns} {joins}: {few} and {many}");
    }
}

/// Runs a loop that ends while a chain of tasks waits, each for the next. Returns how often they were polled in the end,
/// and how many turns the end took.
fn end_of_chain(length: usize, first: impl Fn(usize) -> bool) -> (usize, usize) {
    let (polls, turns) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (counted, ticks) = (polls.clone(), turns.clone());
    testing::run(async move {
        let mut last = create_task(sleep(Duration::from_secs(3600)));
        for link in 0..length {
            let (polls, before) = (counted.clone(), last);
            let mut wait = before.clone().into_future();
            last = create_task(poll_fn(move |cx| {
                polls.set(polls.get() + 1);
                Pin::new(&mut wait).poll(cx)
            }));
            if first(link) {
                // The wait begins before those of the later ones.
                sleep(TURN).await;
            }
        }
        sleep(TURN).await;
        sleep(TURN).await;
        counted.set(0);
        tick(ticks);
    })
    .unwrap();
    (polls.get(), turns.get())
}

/// Counts turns until the loop ends.
fn tick(turns: Rc<Cell<usize>>) {
    aio::call_soon(move || {
        turns.set(turns.get() + 1);
        tick(turns);
    });
}

#[test]
fn the_end_of_a_long_chain_of_tasks_takes_polls_in_proportion() {
    for first in [|_| false, |link| link % 100 == 0] {
        for length in [10, 1000, 30_000] {
            let (polls, turns) = end_of_chain(length, first);
            assert_eq!(polls, length);
            assert!(turns <= length + 20, "{length}: {turns}");
        }
    }
}
