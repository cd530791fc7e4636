//! Random nests of the library's waits, limits, groups and clean-ups in combinators.
//!
//! There is no model. A nest is judged by what holds for each part of it:
//!
//! 1. A part that was begun comes to its end, unless something around it was cancelled, ran out of time, lost a
//!    `select!`, or was closed.
//! 2. A wait that comes to its end does so at its time, without an error.
//! 3. A clean-up that is around a part which was begun runs once: to its end, unless there was another reason of rule 1
//!    meanwhile. Only what loses a `select!` is dropped without it.
//! 4. What is cancelled, closed or out of time ends as soon as its clean-ups have ended, a limit with `Timeout`.
//! 5. A cancel of the task is not lost: the task ends as cancelled, unless a part has swallowed it.
//! 6. Nothing is left.

mod judge;
mod nest;
mod place;
mod run;

use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use cogen::aio::{self, Error, ReturnWhen, create_task, sleep, testing};

use self::judge::{Here, World};
use self::nest::Program;
use self::place::Place;
use self::run::run;
use super::branch::after;
use super::choose::Source;
use super::ledger::{Of, at, millis};
use super::quiet;

/// When all has ended that ends at all.
const LONG: u64 = 200_000;

async fn main(program: Program, world: Rc<World>) -> Result<(), Error> {
    let place = Rc::<Place>::default();
    let here = Here {
        world: world.clone(),
        place: place.clone(),
    };
    let clean_up = program.nest.clean_up();
    let task = create_task(run(program.nest, here));
    for cancel in program.cancels {
        let (task, place) = (task.clone(), place.clone());
        aio::call_at(after(cancel), move || {
            if task.cancel() {
                place.fire();
            }
        });
    }
    task.add_done_callback({
        let (world, place) = (world.clone(), place.clone());
        move |task| {
            if place.fired().is_some_and(|fired| at() > fired + clean_up) {
                world.fault("the task was cancelled, and ended late");
            }
            if place.fired().is_some() && !task.cancelled() && !world.swallowed.get() {
                world.fault(format!("a cancel was lost: {:?}", task.result()));
            }
        }
    });
    let (ended, _) = aio::wait([task.clone()], ReturnWhen::AllCompleted)
        .timeout(millis(LONG))
        .await?;
    if ended.is_empty() {
        world.fault("the task hangs");
    }
    if place.fired().is_none() && task.result().is_err() {
        world.fault(format!("the task ended with {:?}", task.result()));
    }
    drop((task, ended, place));
    sleep(millis(LONG)).await;
    let census = testing::census();
    if (census.tasks, census.timers) != (1, 0) {
        world.fault(format!("left: {census:?}"));
    }
    let left: Vec<_> = world
        .sources
        .borrow()
        .iter()
        .filter_map(|source| (source.left)())
        .collect();
    for left in left {
        world.fault(left);
    }
    world.over.set(true);
    Ok(())
}

/// What is wrong with a program, if anything is.
fn fault(program: &Program) -> Option<String> {
    let world = Rc::<World>::default();
    let (ran, _) = quiet::listen(|| {
        let main = main(program.clone(), world.clone());
        panic::catch_unwind(AssertUnwindSafe(|| testing::run(main)))
    });
    let mut faults = world.faults.take();
    match ran {
        Ok(Ok(())) => {}
        Ok(Err(error)) => faults.push(format!("the main task: {error}")),
        Err(_) => faults.push("a panic out of the loop".to_owned()),
    }
    if world
        .ledger
        .marks(Of::Task)
        .iter()
        .any(|mark| mark.drops != mark.entered)
    {
        faults.push("a task of a wait was leaked".to_owned());
    }
    if Rc::strong_count(&world) != 1 {
        faults.push("a part was leaked".to_owned());
    }
    (!faults.is_empty()).then(|| faults.join("; "))
}

/// The smallest program that still has a fault.
fn smallest(mut program: Program) -> Program {
    'smaller: loop {
        for less in program.smaller() {
            if fault(&less).is_some() {
                program = less;
                continue 'smaller;
            }
        }
        return program;
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).map_or(usual, |value| value.parse().expect("a number"))
}

#[test]
fn random_nests() {
    let (first, count) = (number("COGEN_SEED", 1), number("COGEN_ROUNDS", 300));
    let mut failed = 0;
    for seed in first..first + count {
        let program = Program::random(&mut Source::seed(seed));
        if let Some(whole) = fault(&program) {
            failed += 1;
            let small = smallest(program);
            let fault = fault(&small).unwrap_or(whole);
            println!("COGEN_SEED={seed} {small:?}: {fault}");
        }
    }
    println!("{failed} of {count} nests fail, from COGEN_SEED={first} on");
    assert_eq!(failed, 0);
}
