//! The outcomes: what happens to a column while it runs.

use cogen::aio::{self, AsyncGenerator, Error, Task, async_generator, create_task, sleep};
use futures::future;
use std::pin::pin;

use super::branch::after;
use super::columns::Part;
use super::ledger::{End, millis};
use super::oracle::SECOND;

/// When something from outside cuts the column short.
const CUT: u64 = 2_500;

/// The same, where the limit of a branch comes before that.
const LATE_CUT: u64 = 5_300;

/// What cuts a column short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Cancel,
    /// A cancel, and another one during the clean-up.
    Cancels,
    /// A `GeneratorExit`.
    Exit,
}

pub struct Outcome {
    pub name: &'static str,
    /// The time limit of each branch.
    pub limit: fn(usize) -> Option<u64>,
    /// The last branch panics.
    pub panics: bool,
    /// Only for combinators that wait for all branches.
    pub only_all: bool,
    /// When the column is cut short, and how the cell ends then.
    pub cut: Option<(u64, End)>,
    /// What cuts it short.
    pub by: By,
    /// Runs the column, in the task under test.
    pub inside: fn(Part<()>) -> Part<End>,
    /// What is done to that task.
    pub outside: fn(&Task<End>),
}

const ENDS: Outcome = Outcome {
    name: "ends",
    limit: |_| None,
    panics: false,
    only_all: false,
    cut: None,
    by: By::Cancel,
    inside: |column| Box::pin(plain(column)),
    outside: |_| {},
};

async fn plain(column: Part<()>) -> End {
    column.await;
    End::Value
}

/// A task that is cancelled from outside at `CUT`.
fn cancelled(task: &Task<End>) {
    let task = task.clone();
    aio::call_at(after(CUT), move || {
        task.cancel();
    });
}

/// An outcome whose column runs in `$inside`.
macro_rules! inside {
    (|$column:ident| $body:expr) => {
        |$column| Box::pin(async move { $body })
    };
}

fn first(i: usize) -> Option<u64> {
    (i == 0).then_some(2_000)
}

pub fn outcomes() -> Vec<Outcome> {
    let all = [left_alone(), limits(), cancels(), groups(), generators()];
    all.into_iter().flatten().collect()
}

/// Nothing comes from outside.
fn left_alone() -> Vec<Outcome> {
    vec![
        ENDS,
        Outcome {
            name: "each has its limit",
            limit: |i| Some(2_000 + 300 * i as u64),
            ..ENDS
        },
        Outcome {
            name: "the first has a limit",
            limit: first,
            ..ENDS
        },
        Outcome {
            name: "equal limits",
            limit: |_| Some(2_000),
            only_all: true,
            ..ENDS
        },
        Outcome {
            name: "a branch panics",
            panics: true,
            ..ENDS
        },
    ]
}

/// A time limit around the column.
fn limits() -> Vec<Outcome> {
    vec![
        Outcome {
            name: "a limit around",
            cut: Some((CUT, End::Timeout)),
            inside: inside!(|column| aio::timeout(millis(CUT), column).await.into()),
            ..ENDS
        },
        Outcome {
            name: "a limit inside, then one around",
            limit: first,
            cut: Some((LATE_CUT, End::Timeout)),
            inside: inside!(|column| aio::timeout(millis(LATE_CUT), column).await.into()),
            ..ENDS
        },
        Outcome {
            name: "wait_for around",
            cut: Some((CUT, End::Timeout)),
            inside: inside!(|column| aio::wait_for(column, millis(CUT)).await.into()),
            ..ENDS
        },
    ]
}

/// The task is cancelled.
fn cancels() -> Vec<Outcome> {
    vec![
        Outcome {
            name: "cancel",
            cut: Some((CUT, End::TaskCancelled)),
            outside: cancelled,
            ..ENDS
        },
        Outcome {
            name: "cancel, and again",
            cut: Some((CUT, End::TaskCancelled)),
            by: By::Cancels,
            outside: |task| {
                cancelled(task);
                let task = task.clone();
                aio::call_at(after(CUT + SECOND), move || {
                    task.cancel();
                });
            },
            ..ENDS
        },
        Outcome {
            name: "cancel, and a limit around at the same time",
            cut: Some((CUT, End::TaskCancelled)),
            inside: inside!(|column| aio::timeout(millis(CUT), column).await.into()),
            outside: cancelled,
            ..ENDS
        },
        Outcome {
            name: "cancel, after a limit inside",
            limit: first,
            cut: Some((LATE_CUT, End::TaskCancelled)),
            outside: |task| {
                let task = task.clone();
                aio::call_at(after(LATE_CUT), move || {
                    task.cancel();
                });
            },
            ..ENDS
        },
        Outcome {
            name: "cancel, caught",
            cut: Some((CUT, End::Caught(1))),
            inside: inside!(|column| caught(column).await),
            outside: cancelled,
            ..ENDS
        },
        Outcome {
            name: "cancel of a task that awaits it",
            cut: Some((CUT, End::TaskCancelled)),
            inside: inside!(|column| create_task(column).await.into()),
            outside: cancelled,
            ..ENDS
        },
        Outcome {
            name: "the loop ends",
            cut: Some((CUT, End::TaskCancelled)),
            ..ENDS
        },
    ]
}

/// A group cancels the column.
fn groups() -> Vec<Outcome> {
    let failed = || End::Group("failed".to_owned());
    vec![
        Outcome {
            name: "in a group, a sibling fails",
            cut: Some((CUT, failed())),
            inside: inside!(|column| sibling(column).await.into()),
            ..ENDS
        },
        Outcome {
            name: "the body of a group, a child fails",
            cut: Some((CUT, failed())),
            inside: inside!(|column| body(column).await.into()),
            ..ENDS
        },
        Outcome {
            name: "the body of a group in a scope, a child fails",
            cut: Some((CUT, failed())),
            inside: inside!(|column| aio::finally(body(column), async {}).await.into()),
            ..ENDS
        },
        Outcome {
            name: "the body of a group with a limit, the group is cancelled",
            cut: Some((CUT, End::Cancelled)),
            inside: inside!(|column| {
                let group = group_cancel(column);
                aio::timeout(millis(100_000), group).await.into()
            }),
            ..ENDS
        },
        Outcome {
            name: "the body of a group that is cancelled",
            cut: Some((CUT, End::Cancelled)),
            inside: inside!(|column| group_cancel(column).await.into()),
            ..ENDS
        },
    ]
}

/// The column is in the body of an async generator.
fn generators() -> Vec<Outcome> {
    vec![
        Outcome {
            name: "in a generator, cancel",
            cut: Some((CUT, End::TaskCancelled)),
            inside: inside!(|column| generator(column).anext().await.map(drop).into()),
            outside: cancelled,
            ..ENDS
        },
        Outcome {
            name: "in a generator, a limit around its call",
            cut: Some((CUT, End::Timeout)),
            inside: inside!(|column| {
                let generator = generator(column);
                let call = async { generator.anext().await.map(drop) };
                aio::timeout(millis(CUT), call).await.into()
            }),
            ..ENDS
        },
        Outcome {
            name: "in a generator, aclose after a dropped call",
            by: By::Exit,
            cut: Some((CUT, End::Value)),
            inside: inside!(|column| closed(column).await.into()),
            ..ENDS
        },
    ]
}

/// At the end of the main task the loop cancels the others.
pub const LOOP_ENDS: &str = "the loop ends";

/// When the main task ends in that case.
pub fn loop_end() -> u64 {
    CUT
}

async fn caught(column: Part<()>) -> End {
    if aio::catch_cancelled(column).await.is_ok() {
        return End::Value;
    }
    let task = aio::current_task().expect("a task runs");
    let cancels = task.cancelling();
    // It goes on as if nothing had happened.
    sleep(millis(0)).await;
    End::Caught(usize::try_from(cancels).expect("few"))
}

async fn fail() -> Result<(), Error> {
    sleep(millis(CUT)).await;
    Err(Error::new("failed"))
}

/// The column ends as a child whose sibling fails, if it has not ended before: then the failing one is cancelled.
async fn sibling(column: Part<()>) -> Result<(), Error> {
    aio::task_group(async |group| {
        let fails = group.create_task(fail());
        let column = group.create_task(column);
        let _value = (&column).await;
        fails.cancel();
    })
    .await
}

async fn body(column: Part<()>) -> Result<(), Error> {
    aio::task_group(async |group| {
        let fails = group.create_task(fail());
        column.await;
        fails.cancel();
    })
    .await
}

async fn group_cancel(column: Part<()>) -> Result<(), Error> {
    aio::task_group(async |group| {
        let cancelling = group.clone();
        let cancels = group.create_task(async move {
            sleep(millis(CUT)).await;
            cancelling.cancel();
        });
        column.await;
        cancels.cancel();
    })
    .await
}

/// The column is in the body of an async generator.
fn generator(column: Part<()>) -> AsyncGenerator<u8> {
    async_generator(|co| async move {
        column.await;
        co.yield_(1).await;
    })
}

async fn closed(column: Part<()>) -> Result<(), Error> {
    let generator = generator(column);
    {
        let call = pin!(generator.anext());
        if let future::Either::Left((ended, _)) =
            future::select(call, pin!(sleep(millis(CUT)))).await
        {
            return ended.map(drop);
        }
    }
    generator.aclose().await
}
