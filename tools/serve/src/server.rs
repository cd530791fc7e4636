//! Connections: they are accepted, served as tasks, and ended.

use std::io;
use std::rc::Rc;
use std::time::Duration;

use cogen::aio::{self, Error, create_task};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::answer::answer;
use crate::app::App;
use crate::options::Options;

/// Serves until a signal comes. Returns whether every request that had begun was answered.
pub(crate) async fn serve(options: Options) -> Result<bool, Error> {
    let mut signals = Signals::new()?;
    let listener = TcpListener::bind(("127.0.0.1", options.port)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let app = Rc::new(App::new(options.limit));
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = signals.next() => break,
        };
        match accepted {
            Ok((socket, _)) => {
                let connection = connection(app.clone(), socket, options.idle, graceful.watcher());
                drop(create_task(connection));
            }
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    println!("stopping");
    app.feed.close();
    let all_answered = tokio::select! {
        () = graceful.shutdown() => true,
        () = signals.next() => false,
        () = aio::sleep(options.grace) => false,
    };
    // What is left is cancelled by the end of the loop, which waits for the clean-up.
    println!(
        "{}",
        if all_answered {
            "stopped"
        } else {
            "cutting off"
        }
    );
    Ok(all_answered)
}

/// The system has no file descriptors left, for example. There will be some when connections end.
async fn pause(error: &io::Error) {
    eprintln!("serve: {error}");
    aio::sleep(Duration::from_millis(100)).await;
}

/// Serves one connection, request by request.
async fn connection(app: Rc<App>, socket: TcpStream, idle: Duration, watcher: Watcher) {
    let service = service_fn(move |request| answer(app.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle)
        .serve_connection(TokioIo::new(socket), service);
    // A client that hangs up in the middle, or sends nonsense, is no error of the server's.
    if let Err(error) = watcher.watch(connection).await {
        println!("connection: {error}");
    }
}

/// The signals that stop the server.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
