//! Runs a nest, and checks each part of it on the way.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use cogen::aio::{self, Error, TaskGroup, async_generator, create_task, sleep, task_group};
use futures::future;
use futures::stream::{self, FuturesUnordered, StreamExt};

use super::super::branch::{after, unless_closed};
use super::super::columns::{self, twice};
use super::super::ledger::{at, millis};
use super::super::rows::ROWS;
use super::judge::{Bound, CleanUp, GroupBody, Here, Must};
use super::nest::{Call, Clean, Group, Join, Nest, Select};
use super::place::Place;

type Part = columns::Part<()>;

pub fn run(nest: Nest, here: Here) -> Part {
    Box::pin(async move {
        let must = Must::end(&here, format!("{nest:?}"));
        part(nest, here).await;
        must.ended();
    })
}

fn runs(parts: Vec<Nest>, here: &Here) -> Vec<Part> {
    parts
        .into_iter()
        .map(|part| run(part, here.clone()))
        .collect()
}

fn part(nest: Nest, here: Here) -> Part {
    match nest {
        Nest::Wait(row, takes) => Box::pin(wait(row.0, takes, here)),
        Nest::Then(parts) => Box::pin(async move {
            for part in runs(parts, &here) {
                part.await;
            }
        }),
        Nest::Join(join, parts) => joined(join, runs(parts, &here)),
        Nest::Select(select, parts) => {
            let place = here.place.inside();
            Box::pin(selected(
                select,
                runs(parts, &here.at(place.clone())),
                place,
            ))
        }
        Nest::Limit(limit, part) => Box::pin(limited(limit, *part, here, false)),
        Nest::WaitFor(limit, part) => Box::pin(limited(limit, *part, here, true)),
        Nest::Group {
            of,
            is_static,
            parts,
        } => Box::pin(group(of, is_static, parts, here)),
        Nest::Clean(clean, takes, part) => Box::pin(cleaned(clean, takes, *part, here)),
        Nest::Task(part) => Box::pin(async move {
            let ended = create_task(run(*part, here.clone())).await;
            here.expect(&"a task", unless_closed(ended).await);
        }),
        Nest::Gather(all, parts) => Box::pin(async move {
            let parts = runs(parts, &here);
            if all {
                for ended in aio::gather_all(parts).await {
                    here.expect(&"gather_all", unless_closed(ended).await);
                }
            } else {
                let ended = aio::gather(parts).await.map(drop);
                here.expect(&"gather", unless_closed(ended).await);
            }
        }),
        Nest::Shield(part) => Box::pin(async move {
            // What is inside comes to its end, whatever happens here.
            let inside = here.at(Rc::default());
            let ended = aio::shield(run(*part, inside)).await;
            here.expect(&"shield", unless_closed(ended).await);
        }),
        Nest::Swallow(part) => Box::pin(async move {
            if aio::catch_cancelled(run(*part, here.clone()))
                .await
                .is_err()
            {
                here.world.swallowed.set(true);
            }
        }),
        Nest::Twice(part) => twice(run(*part, here)),
        Nest::Moved(part) => {
            let place = here.place.inside();
            Box::pin(moved(run(*part, here.at(place.clone())), place))
        }
        Nest::Generator(call, part) => Box::pin(called(call, *part, here)),
    }
}

async fn wait(row: usize, takes: u64, here: Here) {
    let until = at() + takes;
    let row = &ROWS[row];
    let source = (row.start)(&here.world.ledger, after(takes));
    let wait = (source.wait)();
    here.world.sources.borrow_mut().push(source);
    let ended = unless_closed(wait.await).await;
    here.expect(&row.name, ended);
    if at() != until {
        here.world
            .fault(format!("{} was to end at {until}, and ended", row.name));
    }
}

fn two(mut parts: Vec<Part>) -> (Part, Part) {
    let rest = parts.split_off(parts.len().min(1));
    let first = parts.pop().unwrap_or_else(|| Box::pin(async {}));
    (
        first,
        Box::pin(async { drop(future::join_all(rest).await) }),
    )
}

fn joined(join: Join, parts: Vec<Part>) -> Part {
    Box::pin(async move {
        match join {
            Join::Futures => {
                let (a, b) = two(parts);
                futures::join!(a, b);
            }
            Join::Tokio => {
                let (a, b) = two(parts);
                tokio::join!(a, b);
            }
            Join::All => drop(future::join_all(parts).await),
            Join::Unordered => drop(
                parts
                    .into_iter()
                    .collect::<FuturesUnordered<_>>()
                    .collect::<Vec<_>>()
                    .await,
            ),
            Join::Buffered => drop(stream::iter(parts).buffered(3).collect::<Vec<_>>().await),
        }
    })
}

async fn selected(select: Select, mut parts: Vec<Part>, place: Rc<Place>) {
    if parts.len() < 2 {
        parts.push(Box::pin(future::pending()));
    }
    match select {
        Select::Futures => {
            let rest = future::select_all(parts.split_off(1));
            let decided = future::select(parts.remove(0), rest).await;
            place.drops(true);
            drop(decided);
        }
        Select::Tokio => {
            let mut rest = future::select_all(parts.split_off(1));
            let mut first = parts.remove(0);
            let losers = tokio::select! {
                biased;
                () = &mut first => Vec::new(),
                (.., losers) = &mut rest => losers,
            };
            place.drops(true);
            drop(losers);
        }
        Select::All => {
            let (.., rest) = future::select_all(parts).await;
            place.drops(true);
            drop(rest);
        }
    }
}

async fn limited(limit: u64, part: Nest, here: Here, waits_for: bool) {
    let deadline = at() + limit;
    let inside = here.at(here.place.limited(deadline));
    // An error of a group replaces the cancel that passes it, and what swallows a cancel goes on.
    let may_be_late = part.any(&|part| {
        let fails = matches!(
            part,
            Nest::Group {
                of: Group::Fails(_),
                ..
            }
        );
        fails || matches!(part, Nest::Swallow(_))
    });
    let clean_up = part.clean_up();
    let bound = Bound::new(&inside, "a limit", clean_up);
    let block = run(part, inside);
    let ended = if waits_for {
        aio::wait_for(block, millis(limit)).await
    } else {
        aio::timeout(millis(limit), block).await
    };
    drop(bound);
    match unless_closed(ended).await {
        Ok(()) if at() > deadline && !may_be_late => {
            here.world.fault(format!("a limit of {deadline} was lost"));
        }
        Err(Error::Timeout) if at() >= deadline => {}
        Ok(()) => {}
        Err(error) => here.world.fault(format!("a limit gave {error:?}")),
    }
}

async fn group(of: Group, is_static: bool, parts: Vec<Nest>, here: Here) {
    let place = here.place.inside();
    let inside = here.at(place.clone());
    let clean_up = parts.iter().map(Nest::clean_up).sum();
    let _bound = Bound::new(&inside, "a group", clean_up);
    let ended = task_group(async |group: &TaskGroup<'_>| {
        let mut parts = parts.into_iter();
        let body = parts.next();
        for part in parts {
            if is_static {
                group.create_static_task(run(part, inside.clone()));
            } else {
                group.create_task(run(part, inside.clone()));
            }
        }
        let fired = place.clone();
        match of {
            Group::Whole => {}
            Group::Fails(time) => drop(group.create_task(async move {
                sleep(millis(time)).await;
                fired.fire();
                Err::<(), _>(Error::new("a task of the nest"))
            })),
            Group::Cancelled(time) => {
                let cancels = group.clone();
                drop(group.create_task(async move {
                    sleep(millis(time)).await;
                    fired.fire();
                    cancels.cancel();
                }));
            }
        }
        if let Some(body) = body {
            let cut = GroupBody::of(place.clone());
            run(body, inside.clone()).await;
            cut.ended();
        }
    })
    .await;
    let ended = unless_closed(ended).await;
    match of {
        Group::Whole => here.expect(&"a group", ended),
        Group::Fails(_) if ended.is_ok() => here.world.fault("a group has lost an error"),
        // The error goes first. The cancel that came from around is requested anew, as by CPython 3.13.
        Group::Fails(_) if place.is_fired_around() => here.place.fire(),
        _ => {}
    }
}

async fn cleaned(clean: Clean, takes: u64, part: Nest, here: Here) {
    let clean_up = CleanUp::new(&here, clean);
    let does = clean_up.run(takes);
    let block = clean_up.around(run(part, here));
    match clean {
        Clean::Finally => aio::finally(block, does).await,
        Clean::Catch => match aio::catch_cancelled(block).await {
            Ok(()) => does.await,
            Err(cancelled) => {
                does.await;
                cancelled.raise().await;
            }
        },
    }
}

/// Polled once by another task, which goes on.
async fn moved(part: Part, place: Rc<Place>) {
    // On its way it is in no task: a cancel of this one drops it.
    place.drops(true);
    let shelf = Rc::new(RefCell::new(Some(part)));
    let first = create_task({
        let shelf = shelf.clone();
        async move {
            let Some(mut part) = shelf.take() else { return };
            let polled = poll_fn(|cx| Poll::Ready(part.as_mut().poll(cx).is_ready())).await;
            shelf.replace((!polled).then_some(part));
            sleep(millis(700)).await;
        }
    });
    sleep(millis(0)).await;
    sleep(millis(0)).await;
    drop(first);
    let part = shelf.take();
    if let Some(part) = part {
        place.drops(false);
        part.await;
    }
}

async fn called(call: Call, part: Nest, here: Here) {
    let place = here.place.inside();
    let inside = here.at(place.clone());
    let bound = Bound::new(&inside, "a generator", part.clean_up());
    let generator = async_generator(move |co| async move {
        let bound = bound;
        run(part, inside).await;
        drop(bound);
        co.yield_(()).await;
    });
    let ended = match call {
        Call::Whole => generator.anext().await.map(drop),
        Call::Dropped(time) | Call::Closed(time) => {
            let first = {
                let (first, timer) = (pin!(generator.anext()), pin!(sleep(millis(time))));
                match future::select(first, timer).await {
                    future::Either::Left((ended, _)) => Some(ended),
                    future::Either::Right(_) => None,
                }
            };
            match (first, call) {
                (Some(ended), _) => ended.map(drop),
                (None, Call::Closed(_)) => {
                    place.close();
                    generator.aclose().await
                }
                (None, _) => generator.anext().await.map(drop),
            }
        }
    };
    here.expect(&"a generator", unless_closed(ended).await);
}
