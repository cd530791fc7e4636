//! Decorators of async functions, without and with arguments: section 4 of the tutorial ("异步装饰器").

use std::{fmt::Display, time::Duration};

use cogen::aio::{self, Error};

/// Takes an async function, and gives one.
fn async_decorator<R: Display>(function: impl AsyncFn() -> R) -> impl AsyncFn() -> R {
    async move || {
        println!("Starting asynchronous operation...");
        let result = function().await;
        println!("Asynchronous operation completed:  {result}");
        result
    }
}

/// Takes its arguments first.
fn async_decorator_with_args<R: Display>(
    arg1: impl Display,
    arg2: impl Display,
    function: impl AsyncFn() -> R,
) -> impl AsyncFn() -> R {
    async move || {
        println!("Starting asynchronous operation with {arg1} and {arg2}...");
        let result = function().await;
        println!("Asynchronous operation completed:  {result}");
        result
    }
}

async fn my_function() -> &'static str {
    aio::sleep(Duration::from_secs(1)).await;
    println!("my_function completed.");
    "Hello, world!"
}

fn main() -> Result<(), Error> {
    let decorated = async_decorator(my_function);
    aio::run(decorated())?;

    let decorated = async_decorator_with_args("Parameter 1", "Parameter 2", my_function);
    aio::run(decorated())?;
    Ok(())
}
