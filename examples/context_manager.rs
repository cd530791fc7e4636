//! An asynchronous context manager: section 3 of the tutorial ("asynccontextmanager").
//!
//! `context_manager fail` fails inside the block.

use std::{env, process::ExitCode, time::Duration};

use cogen::aio::{self, AsyncContext, ContextManager, Error, context_manager};

fn async_manager() -> ContextManager<&'static str> {
    context_manager(|co| async move {
        println!("Entering async context");
        // Acquires the resource.
        aio::sleep(Duration::from_secs(1)).await;
        aio::finally(co.yield_("resource"), async {
            // Releases it.
            aio::sleep(Duration::from_secs(1)).await;
            println!("Exiting async context");
        })
        .await;
    })
}

async fn inside(fails: bool) -> Result<(), Error> {
    let block = async |resource| {
        if fails {
            return Err(Error::new("broken inside"));
        }
        println!("Inside async context: {resource}");
        Ok(())
    };
    async_manager().with(block).await.map(drop)
}

fn main() -> ExitCode {
    let fails = match env::args().nth(1).as_deref() {
        None => false,
        Some("fail") => true,
        Some(_) => {
            eprintln!("context_manager: usage: context_manager [fail]");
            return ExitCode::from(2);
        }
    };
    match aio::run(inside(fails)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("context_manager: {error}");
            ExitCode::FAILURE
        }
    }
}
