//! A server with hyper whose connections and requests are tasks of cogen, for the page "with tokio" of the guide.
//!
//! | Request | Answer |
//! |---|---|
//! | `GET /` | how many requests came, and how many readers the feed has |
//! | `GET /feed` | a line for each post, for as long as the client reads |
//! | `POST /feed` | takes a line for the readers |
//! | `GET /sleep/MS` | comes after so many milliseconds |
//! | `GET /panic` | the page for a request that panicked |
//!
//! A request has a limited time until its answer begins. On SIGTERM and on ctrl-c the server takes no more connections,
//! ends those that are idle, tells the readers, and waits for the requests that are under way, for a limited time; a
//! second signal ends that wait. What is left then is cancelled, and may clean up.
//!
//! The exit code is 0 if every request was answered, 1 if one was cut off, and 2 if the server could not begin.

mod answer;
mod app;
mod error_page;
mod feed;
mod options;
mod pages;
mod server;
mod stream_body;

use std::process::ExitCode;

use clap::Parser;
use cogen::aio::EventLoop;

use options::Options;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match EventLoop::run(server::serve(Options::parse())).await {
        Ok(all_answered) => ExitCode::from(u8::from(!all_answered)),
        Err(error) => {
            eprintln!("serve: {error}");
            ExitCode::from(2)
        }
    }
}
