//! Groups, gathers and other waits for several tasks.

use std::cell::RefCell;
use std::pin::Pin;

use cogen::aio::{self, Error, ReturnWhen, TaskGroup};

use super::body::{self, body};
use super::value::{ActOnDrop, Val};
use super::waits::seconds;
use super::world::{self, Fut, chance, keep};

type Step<'a> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'a>>;

fn step(depth: u32, own: &Val) -> Step<'_> {
    Box::pin(body::step(depth, own))
}

fn some(depth: u32) -> Vec<Fut> {
    (0..=world::below(4)).map(|_| body(depth)).collect()
}

pub async fn with_children(depth: u32, own: &Val) -> Result<(), Error> {
    match world::below(6) {
        0 | 1 => borrowing(depth, own).await?,
        2 => kept(depth).await?,
        3 => gathered(depth).await?,
        4 => {
            let tasks: Vec<_> = some(depth).into_iter().map(aio::create_task).collect();
            let when = match world::below(3) {
                0 => ReturnWhen::FirstCompleted,
                1 => ReturnWhen::FirstException,
                _ => ReturnWhen::AllCompleted,
            };
            let (done, pending) = aio::wait(tasks, when).timeout(seconds()).await?;
            drop(done);
            for task in pending {
                task.cancel();
            }
        }
        _ => {
            let mut completed = aio::as_completed(some(depth)).limit(1 + world::below(2) as usize);
            for _ in 0..world::below(4) {
                drop(completed.next().await);
            }
        }
    }
    Ok(())
}

/// Children that borrow from the body that makes them.
async fn borrowing(depth: u32, own: &Val) -> Result<(), Error> {
    let local = Val::new();
    let made = RefCell::new(Vec::<Val>::new());
    let children = 1 + world::below(3);
    let ended = aio::task_group(async |group: &TaskGroup<'_>| {
        for _ in 0..children {
            let (local, made) = (&local, &made);
            let child = async move {
                let _acts = ActOnDrop;
                local.check();
                drop(step(depth, local).await);
                local.check();
                own.check();
                made.borrow_mut().push(Val::new());
                assert!(!chance(10), "a child of the attack");
                Ok::<_, Error>(Val::new())
            };
            let task = group.create_task(child);
            if chance(2) {
                keep(|lists| &mut lists.tasks, task, 12);
            }
        }
        if chance(2) {
            drop(step(depth, &local).await);
        }
        if chance(6) {
            group.cancel();
        }
        local.check();
        aio::ok(())
    })
    .await;
    local.check();
    made.borrow().iter().for_each(Val::check);
    ended
}

/// A group whose handle is kept for the whole round.
async fn kept(depth: u32) -> Result<(), Error> {
    let group = async move |group: &TaskGroup<'static>| {
        keep(|lists| &mut lists.groups, group.clone(), 4);
        keep(|lists| &mut lists.tasks, group.create_task(body(depth)), 12);
        keep(
            |lists| &mut lists.tasks,
            group.create_static_task(body(depth)),
            12,
        );
        aio::sleep(seconds()).await;
        aio::ok(())
    };
    aio::task_group(group).await
}

async fn gathered(depth: u32) -> Result<(), Error> {
    let limit = 1 + world::below(3) as usize;
    if chance(2) {
        let gather = aio::gather(some(depth)).limit(limit);
        if chance(4) {
            gather.cancel();
        }
        drop(gather.await?);
    } else {
        let gather = aio::gather_all(some(depth)).limit(limit);
        let waits = async {
            drop(gather.await);
        };
        drop(aio::timeout(seconds(), waits).await);
    }
    Ok(())
}
