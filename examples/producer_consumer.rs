//! The producer and the consumer: section 2 of the tutorial ("协程原理", how coroutines work).
//!
//! No thread and no lock: each `send` goes over to the consumer, each yield comes back.

use std::{env, error::Error, process::ExitCode};

use cogen::{BoxGen, Generator, Step, generator};

/// Receives numbers and yields its replies. A zero ends it.
fn consumer() -> BoxGen<'static, &'static str, u32> {
    generator(|co| async move {
        let mut reply = "";
        loop {
            let n = co.yield_(reply).await;
            if n == 0 {
                return;
            }
            println!("[CONSUMER] Consuming {n}...");
            reply = "OK";
        }
    })
    .boxed()
}

fn produce(mut c: BoxGen<'static, &'static str, u32>, count: u32) -> Result<(), Box<dyn Error>> {
    c.start()?;
    for n in 1..=count {
        println!("[PRODUCER] Producing {n}...");
        let Step::Yielded(reply) = c.send(n)? else {
            break;
        };
        println!("[PRODUCER] Consumer return: {reply}");
    }
    c.close()?;
    Ok(())
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let argument = env::args_os().nth(1).unwrap_or("5".into());
    let argument = argument.to_string_lossy();
    let Ok(count) = argument.parse() else {
        eprintln!("producer_consumer: the count must be a whole number, not {argument:?}");
        return Ok(ExitCode::from(2));
    };
    produce(consumer(), count)?;
    Ok(ExitCode::SUCCESS)
}
