//! asyncio's basics: section 1 of the tutorial ("协程使用", how coroutines are used).
//!
//! `asyncio_basics` runs all programs of the section, `asyncio_basics NAME` one of them. With `--virtual` they run on the
//! virtual clock: the same lines, without the waiting.

use std::{env, process::ExitCode, time::Duration};

use cogen::aio::{self, Error, ReturnWhen, Task, create_task, ensure_future, testing};

async fn a() -> &'static str {
    println!("Coro a is running");
    aio::sleep(Duration::from_secs(2)).await; // `await`: calls a coroutine
    println!("Coro a is done");
    "A"
}

async fn b() -> &'static str {
    println!("Coro b is running");
    aio::sleep(Duration::from_secs(1)).await;
    println!("Coro b is done");
    "B"
}

async fn c() -> Result<&'static str, Error> {
    println!("Coro c is running");
    aio::sleep(Duration::from_secs(1)).await;
    Err(Error::new("Coro c failed"))
}

/// Runs them at the same time and collects their results: errors are results, too.
async fn gather() -> Result<(), Error> {
    let (a, b) = aio::gather_all((a(), b())).await;
    println!("{} {}", a?, b?);
    Ok(())
}

fn print_results(done: &[Task<&'static str>]) -> Result<(), Error> {
    for task in done {
        println!("Task {} result: {}", task.name(), task.result()?);
    }
    Ok(())
}

/// Waits for all of them.
async fn wait_all_completed() -> Result<(), Error> {
    let tasks = [create_task(a()), create_task(b())];
    let (done, _pending) = aio::wait(tasks, ReturnWhen::AllCompleted).await?;
    print_results(&done)
}

/// Waits for the first one. The other one is cancelled when the loop ends.
async fn wait_first_completed() -> Result<(), Error> {
    let tasks = [create_task(a()), create_task(b())];
    let (done, pending) = aio::wait(tasks, ReturnWhen::FirstCompleted).await?;
    assert!(pending.iter().map(|task| task.name()).eq(["Task-2"]));
    print_results(&done)
}

/// Waits for the first error, or for all of them.
async fn wait_first_exception() -> Result<(), Error> {
    let tasks = [create_task(a()), create_task(c())];
    let (done, _pending) = aio::wait(tasks, ReturnWhen::FirstException).await?;
    for task in done {
        if let Some(error) = task.exception()? {
            println!("Task {} exception: {error}", task.name());
        }
    }
    Ok(())
}

async fn tasks() -> Result<(), Error> {
    let task1 = create_task(a());
    let task2 = create_task(b());
    task1.await?;
    task2.await?;
    Ok(())
}

/// Makes a task of a coroutine; anything that can already be awaited comes back as it is.
async fn futures() -> Result<(), Error> {
    let task1 = ensure_future(a());
    let task2 = ensure_future(ensure_future(b()));
    task1.await?;
    task2.await?;
    Ok(())
}

/// A task that is cancelled before its first turn never runs.
async fn cancel() -> Result<(), Error> {
    let task1 = create_task(a());
    let task2 = create_task(b());
    task2.cancel();
    task1.await?;
    assert!(matches!(task2.await, Err(Error::Cancelled(_))));
    Ok(())
}

/// The shielded coroutine runs to its end; awaiting the shield gives the cancel all the same.
async fn shield() -> Result<(), Error> {
    let task1 = create_task(a());
    let task2 = aio::shield(b());
    task2.cancel();
    task1.await?;
    assert!(matches!(task2.await, Err(Error::Cancelled(_))));
    Ok(())
}

const PROGRAMS: [&str; 8] = [
    "gather",
    "wait_all_completed",
    "wait_first_completed",
    "wait_first_exception",
    "tasks",
    "futures",
    "cancel",
    "shield",
];

/// Runs a program on a loop of its own.
fn run(program: &str, in_virtual_time: bool) -> Result<(), Error> {
    let main = async {
        match program {
            "gather" => gather().await,
            "wait_all_completed" => wait_all_completed().await,
            "wait_first_completed" => wait_first_completed().await,
            "wait_first_exception" => wait_first_exception().await,
            "tasks" => tasks().await,
            "futures" => futures().await,
            "cancel" => cancel().await,
            "shield" => shield().await,
            _ => Err(Error::Value("no such program")),
        }
    };
    if in_virtual_time {
        testing::run(main)
    } else {
        aio::run(main)
    }
}

fn main() -> Result<ExitCode, Error> {
    let mut names: Vec<_> = env::args().skip(1).collect();
    let given = names.len();
    names.retain(|name| name != "--virtual");
    let in_virtual_time = names.len() < given;
    match names.as_slice() {
        [] => {
            for program in PROGRAMS {
                println!("{program}:");
                run(program, in_virtual_time)?;
            }
        }
        [name] if PROGRAMS.contains(&name.as_str()) => run(name, in_virtual_time)?,
        _ => {
            let programs = PROGRAMS.join("|");
            eprintln!("asyncio_basics: usage: asyncio_basics [--virtual] [{programs}]");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
