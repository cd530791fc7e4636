//! The columns: the combinators of futures and of tokio, and what else may be done to a future.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::Poll;

use cogen::aio::{self, create_task, sleep};
use futures::future::{self, FutureExt};
use futures::stream::{self, FuturesUnordered, StreamExt};

use self::Ends::{Against, All, First, FirstError, Repeated};
use super::branch::{Branch, Make, Shelf, after};
use super::ledger::{End, millis};

pub type Part<T> = Pin<Box<dyn Future<Output = T>>>;

/// When a combinator is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// When all branches are.
    All,
    /// When one branch is; the others are dropped.
    First,
    /// When one branch has ended with an error, or all have ended.
    FirstError,
    /// When the branch is, or at this time; the branch is dropped then.
    Against(u64),
    /// The branch's future is dropped at these times; the one that is made at the last of them stays.
    Repeated(&'static [u64]),
}

/// Which branches a column polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Polls {
    All,
    /// Sometimes none: times are not judged, nor whether a clean-up has come to its end.
    NowAndThen,
    /// After a move to another task, only those that were woken since. So that task does not know the others, and its
    /// cancel drops them.
    WhenWoken,
}

pub struct Column {
    pub name: &'static str,
    pub branches: usize,
    pub ends: Ends,
    /// Contains the panic of a branch.
    pub contains: bool,
    /// On tokio's clock, which is paused. The others run on the virtual clock.
    pub tokio: bool,
    pub polls: Polls,
    pub run: fn(Vec<Make>) -> Part<()>,
}

const fn column(
    name: &'static str,
    branches: usize,
    ends: Ends,
    run: fn(Vec<Make>) -> Part<()>,
) -> Column {
    Column {
        name,
        branches,
        ends,
        contains: false,
        tokio: false,
        polls: Polls::All,
        run,
    }
}

impl Column {
    const fn containing(mut self) -> Self {
        self.contains = true;
        self
    }

    const fn on_tokio(mut self) -> Self {
        self.tokio = true;
        self
    }

    const fn now_and_then(mut self) -> Self {
        self.polls = Polls::NowAndThen;
        self
    }

    const fn when_woken(mut self) -> Self {
        self.polls = Polls::WhenWoken;
        self
    }

    /// So large that it runs in one form only.
    pub fn is_large(&self) -> bool {
        self.branches > 10
    }
}

fn made(makes: Vec<Make>) -> Vec<Branch> {
    makes.into_iter().map(|make| make()).collect()
}

fn one(makes: Vec<Make>) -> Branch {
    made(makes).remove(0)
}

fn two(makes: Vec<Make>) -> [Branch; 2] {
    made(makes).try_into().ok().expect("two branches")
}

/// An error is an error to `try_join!`.
async fn checked(branch: Branch) -> Result<(), End> {
    match branch.await {
        End::Value => Ok(()),
        error => Err(error),
    }
}

/// When the other side of a select is ready.
const OTHER: u64 = 19_800;

fn other() -> aio::Sleep {
    sleep(millis(OTHER))
}

/// The table: a name, how many branches, when it ends, what runs the branches.
macro_rules! columns {
    ($($name:literal, $count:literal, $ends:expr, $makes:ident => $run:expr $(, $flag:ident)*;)*) => {
        pub const COLUMNS: &[Column] = &[
            $(column($name, $count, $ends, |$makes| Box::pin(async move { let _ended = $run; }))$(.$flag())*),*
        ];
    };
}

columns! {
    "alone", 1, All, m => one(m).await;
    "join!", 2, All, m => { let [a, b] = two(m); futures::join!(a, b) };
    "tokio join!", 2, All, m => { let [a, b] = two(m); tokio::join!(a, b) };
    "tokio join! biased", 2, All, m => { let [a, b] = two(m); tokio::join!(biased; a, b) };
    "try_join! of values", 2, All, m => {
        let [a, b] = two(m);
        futures::try_join!(a.map(Ok::<_, ()>), b.map(Ok))
    };
    "try_join!", 2, FirstError, m => { let [a, b] = two(m).map(checked); futures::try_join!(a, b) };
    "tokio try_join!", 2, FirstError, m => { let [a, b] = two(m).map(checked); tokio::try_join!(a, b) };
    "try_join_all", 3, FirstError, m => future::try_join_all(made(m).into_iter().map(checked)).await;
    "join_all", 3, All, m => future::join_all(made(m)).await;
    "join_all of 35", 35, All, m => future::join_all(made(m)).await;
    "FuturesUnordered", 3, All, m => unordered(m).collect::<Vec<_>>().await;
    "FuturesUnordered of 35", 35, All, m => unordered(m).collect::<Vec<_>>().await;
    "FuturesUnordered, beside a tick", 3, All, m => ticking(unordered(m)).await;
    "buffered", 3, All, m => stream::iter(made(m)).buffered(3).collect::<Vec<_>>().await;
    "buffer_unordered", 3, All, m => stream::iter(made(m)).buffer_unordered(3).collect::<Vec<_>>().await;
    "for_each_concurrent", 3, All, m => {
        stream::iter(made(m)).for_each_concurrent(None, |branch| branch.map(drop)).await;
    };
    "join! in join!", 2, All, m => {
        let [a, b] = two(m);
        futures::join!(async { futures::join!(a) }, future::join(b, async {}))
    };
    "select!", 2, First, m => {
        let [mut a, mut b] = two(m).map(FutureExt::fuse);
        futures::select! { end = a => end, end = b => end }
    };
    "select_biased!", 2, First, m => {
        let [mut b, mut a] = two(m).map(FutureExt::fuse);
        futures::select_biased! { end = a => end, end = b => end }
    };
    "tokio select!", 2, First, m => {
        let [a, b] = two(m);
        tokio::select! { end = a => end, end = b => end }
    };
    "tokio select! biased", 2, First, m => {
        let [a, b] = two(m);
        tokio::select! { biased; end = b => end, end = a => end }
    };
    "select_all", 3, First, m => drop(future::select_all(made(m)).await);
    "select_ok", 3, First, m => {
        let ends = made(m).into_iter().map(|branch| branch.map(Ok::<_, ()>));
        drop(future::select_ok(ends).await);
    };
    "select, as the first", 1, Against(OTHER), m => drop(future::select(one(m), pin!(other())).await);
    "select, as the second", 1, Against(OTHER), m => drop(future::select(pin!(other()), one(m)).await);
    "tokio select! as the first", 1, Against(OTHER), m => {
        let branch = one(m);
        tokio::select! { biased; end = branch => drop(end), () = other() => {} }
    };
    "tokio select! as the last", 1, Against(OTHER), m => {
        let branch = one(m);
        tokio::select! { biased; () = other() => {}, end = branch => drop(end) }
    };
    "catch_unwind", 1, All, m => AssertUnwindSafe(one(m)).catch_unwind().await;
    "join! of catch_unwind", 2, All, m => {
        let [a, b] = two(m).map(|branch| AssertUnwindSafe(branch).catch_unwind());
        futures::join!(a, b)
    }, containing;
    "moved", 1, All, m => moved(one(m), None).await;
    "moved, then a cancel", 1, All, m => moved(one(m), Some(1_000)).await;
    "moved into a join!", 2, All, m => { let [a, b] = two(m); futures::join!(moved(a, Some(500)), b) };
    "moved as a join!", 2, All, m => { let [a, b] = two(m); moved(future::join(a, b), None).await };
    "moved in FuturesUnordered", 2, All, m => moved(unordered(m).collect::<Vec<_>>(), None).await, when_woken;
    "dropped and repeated", 1, Repeated(&[500, 1_000]), m => repeated(m).await;
    "pinned in a select! loop", 1, All, m => pinned(one(m), 0).await;
    "in a loop with a busy arm", 1, All, m => pinned(one(m), 700).await, now_and_then;
    "polled twice", 1, All, m => twice(one(m)).await;
    "shared", 1, All, m => { let shared = one(m).shared(); futures::join!(shared.clone(), shared) };
    "abortable", 1, All, m => future::abortable(one(m)).0.await;
    "unconstrained", 1, All, m => tokio::task::unconstrained(one(m)).await;
    "tokio timeout, in time", 1, All, m => tokio::time::timeout(millis(100_000), one(m)).await, on_tokio;
    "tokio timeout, late", 1, Against(OTHER), m => tokio::time::timeout(millis(OTHER), one(m)).await, on_tokio;
    "join! of tokio timeouts", 2, All, m => {
        let [a, b] = two(m).map(|branch| tokio::time::timeout(millis(100_000), branch));
        futures::join!(a, b)
    }, on_tokio;
}

fn unordered(makes: Vec<Make>) -> FuturesUnordered<Branch> {
    made(makes).into_iter().collect()
}

async fn ticking(mut all: FuturesUnordered<Branch>) {
    loop {
        tokio::select! {
            biased;
            () = sleep(millis(400)) => {}
            next = all.next() => if next.is_none() { return },
        }
    }
}

/// Polls twice in each step, as if it had been woken once more.
pub fn twice<T: 'static>(mut part: Part<T>) -> Part<T> {
    Box::pin(poll_fn(move |cx| match part.as_mut().poll(cx) {
        Poll::Pending => part.as_mut().poll(cx),
        ready @ Poll::Ready(_) => ready,
    }))
}

/// The branch is polled in a task first, and then moved to the one that awaits it here. The first task goes on, and is
/// cancelled later, or not.
async fn moved<F: Future<Output: 'static> + 'static>(part: F, cancel: Option<u64>) -> F::Output {
    let shelf = Shelf::new();
    let first = create_task({
        let shelf = shelf.clone();
        async move {
            let mut branch = Box::pin(part) as Part<F::Output>;
            let polled = poll_fn(|cx| Poll::Ready(branch.as_mut().poll(cx).is_ready())).await;
            assert!(!polled);
            shelf.put(branch);
            sleep(millis(60_000)).await;
        }
    });
    sleep(millis(0)).await;
    sleep(millis(0)).await;
    if let Some(cancel) = cancel {
        aio::call_at(after(cancel), move || {
            first.cancel();
        });
    }
    shelf.take().await
}

async fn repeated(makes: Vec<Make>) -> End {
    for _ in 0..2 {
        let branch = (makes[0])();
        drop(future::select(branch, pin!(sleep(millis(500)))).await);
    }
    (makes[0])().await
}

/// Polled by reference in a loop, beside a tick whose arm takes this long.
async fn pinned(branch: Branch, busy: u64) -> End {
    let mut branch = pin!(branch);
    loop {
        tokio::select! {
            biased;
            end = &mut branch => return end,
            () = sleep(millis(700)) => {
                if busy > 0 {
                    sleep(millis(busy)).await;
                }
            }
        }
    }
}
