use std::env;
use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::net::UnixStream;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use super::job::numbered;
use super::run::Answers;
use super::wire::{self, Kind, Request};

/// Marks a process as a worker. What a worker starts inherits this variable, but not the socket.
pub(super) const VARIABLE: &str = "COGEN_PROCESS_WORKER";

static INITIALISED: AtomicBool = AtomicBool::new(false);

/// The test that [`workers_in_tests!`](crate::process::workers_in_tests) adds, by its path.
#[doc(hidden)]
#[derive(Debug)]
pub struct TestWorker(pub &'static str);

inventory::collect!(TestWorker);

/// The first line of `main` in a program that makes pools.
///
/// A worker process is the same program. There this call runs jobs, and never returns; elsewhere it
/// does nothing. What comes before it is run in each worker too.
pub fn init() {
    INITIALISED.store(true, Ordering::Relaxed);
    if env::var_os(VARIABLE).is_none() {
        return;
    }
    if let Ok(socket) = take_socket() {
        let _parent_is_gone = serve(&socket);
        process::exit(0);
    }
}

/// The arguments with which this program becomes a worker. `None` if it cannot.
///
/// A worker whose `main` has not called [`init`] gets `None`: it would start workers without end.
pub(super) fn arguments() -> Option<Vec<&'static str>> {
    let initialised = INITIALISED.load(Ordering::Relaxed);
    let test = inventory::iter::<TestWorker>.into_iter().next();
    if let Some((_crate, path)) = test.and_then(|test| test.0.split_once("::")) {
        let possible = initialised || env::var_os(VARIABLE).is_none();
        return possible.then(|| vec![path, "--exact", "--quiet"]);
    }
    initialised.then(Vec::new)
}

/// The socket that is in the place of the standard input, which is empty from now on: what jobs
/// start must not keep the socket open.
fn take_socket() -> io::Result<UnixStream> {
    let socket = io::stdin();
    let socket = UnixStream::from(std::os::fd::AsFd::as_fd(&socket).try_clone_to_owned()?);
    // No other kind of file has a local address.
    socket.local_addr()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket)
}

/// Runs jobs until the pool hangs up.
fn serve(socket: &UnixStream) -> io::Result<()> {
    let mut requests = BufReader::new(socket);
    loop {
        let request = Request::read(&mut requests)?;
        wire::write_answer(&mut &*socket, Kind::Started, &[])?;
        let (kind, content) = run(socket, &request);
        wire::write_answer(&mut &*socket, kind, &content)?;
        if kind == Kind::Panicked {
            process::exit(101);
        }
    }
}

fn run(socket: &UnixStream, request: &Request) -> (Kind, Vec<u8>) {
    let Some(job) = numbered(request.job) else {
        return (Kind::Unfit, b"the worker does not know the job".to_vec());
    };
    let mut answers = Answers::new(socket, request.limit);
    let (kind, content) = (job.run)(&request.arguments, &mut answers);
    (kind.0, content)
}
