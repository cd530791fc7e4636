//! Section 7 of the tutorial, "processes and coroutines": worker processes fetch pages, each with a limited number of
//! requests at a time.
//!
//! `cogen-fetch [URL]…` fetches those pages; `cogen-fetch --file FILE` fetches those in a file, one per line. Without
//! any, it starts a server of its own in this process, on a port that the system picks, and fetches 400 pages from it.
//! On a terminal it shows its progress. At the end, also after ctrl-c, it prints what was done.
//!
//! The exit code is 0 if all pages were fetched, 1 if one was not, 2 if the program could not begin, and 130 after
//! ctrl-c.

mod options;
mod page;
mod progress;
mod server;
mod summary;
mod worker;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use cogen::aio;
use cogen::process::{self, Items, ProcessPool, job};

use options::Options;
use page::{Page, Share};
use progress::Progress;
use summary::Summary;

/// How long workers may take to clean up after ctrl-c.
const GRACE: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    process::init();
    match fetch(&Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("fetch: {error}");
            ExitCode::from(2)
        }
    }
}

fn fetch(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let urls = options.urls()?;
    let start = Instant::now();
    let pool = ProcessPool::new(options.processes)?;
    let pages = pool.stream(
        job!(stream worker::fetch),
        Share::deal(urls.clone(), options),
    );
    pool.close();
    let mut summary = Summary::new(urls.len());
    let interrupted = aio::run(collect(pages, &pool, &mut summary))?;
    summary.print(start.elapsed());
    Ok(match (interrupted, summary.is_complete()) {
        (true, _) => ExitCode::from(130),
        (false, complete) => ExitCode::from(u8::from(!complete)),
    })
}

/// Takes the pages as they come. Ctrl-c ends that once the workers have cleaned up; returns whether it did.
async fn collect(
    mut pages: Items<Page>,
    pool: &ProcessPool,
    summary: &mut Summary,
) -> Result<bool, aio::Error> {
    let progress = Progress::new(summary.pages());
    let interrupted = aio::catch_cancelled(take_all(&mut pages, summary, &progress))
        .await
        .is_err();
    if interrupted {
        // The pages that the workers had begun still come. From a terminal, the workers have got the signal, too.
        let _in_time = aio::timeout(GRACE, take_all(&mut pages, summary, &progress)).await;
        pool.terminate();
        take_all(&mut pages, summary, &progress).await;
    }
    progress.finish();
    pool.joined().await?;
    Ok(interrupted)
}

async fn take_all(pages: &mut Items<Page>, summary: &mut Summary, progress: &Progress) {
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => {
                summary.add(page);
                progress.page();
            }
            // The other pages of this worker's share are not done.
            Err(error) => eprintln!("fetch: {error}"),
        }
    }
}
