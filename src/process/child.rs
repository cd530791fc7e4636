//! A worker process, as its pool sees it.

use std::io::{self, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::error::{JobError, PoolError};
use super::mailbox::{Answer, Delivery};
use super::wire::{self, Kind, Request};
use super::worker;
use super::worker::VARIABLE;

/// The pool's end of the socket.
pub(super) struct Line {
    socket: BufReader<UnixStream>,
}

/// How a call went.
pub(super) enum Called {
    /// The job has ended; the worker is ready for the next.
    Ended(Delivery, Answer),
    /// The job has panicked, and the worker ends.
    Panicked(Delivery, JobError),
    /// The worker hung up while it ran the job.
    Died(Delivery),
    /// The worker hung up before it began: another worker may run the job.
    NotStarted(Delivery),
}

/// Starts a worker: this program, once more.
pub(super) fn start() -> Result<(Child, Line), PoolError> {
    let arguments = worker::arguments().ok_or(PoolError::NotInitialised)?;
    let (ours, theirs) = UnixStream::pair()?;
    let mut command = Command::new(this_program()?);
    command
        .env(VARIABLE, "1")
        .stdin(Stdio::from(OwnedFd::from(theirs)));
    if !arguments.is_empty() {
        // Discards what the test harness would print.
        command.args(arguments).stdout(Stdio::null());
    }
    let child = command.spawn()?;
    let socket = BufReader::new(ours);
    Ok((child, Line { socket }))
}

/// The very file that is running, even if another file has its name by now.
fn this_program() -> io::Result<PathBuf> {
    let link = PathBuf::from("/proc/self/exe");
    if link.exists() {
        return Ok(link);
    }
    std::env::current_exe()
}

impl Line {
    /// Has the worker do a job.
    pub(super) fn call(&mut self, request: &Request, delivery: Delivery) -> Called {
        if request.write(self.socket.get_mut()).is_err() {
            return Called::NotStarted(delivery);
        }
        match wire::read_answer(&mut self.socket) {
            Ok((Kind::Started, _)) => {}
            _ => return Called::NotStarted(delivery),
        }
        loop {
            let Ok((kind, content)) = wire::read_answer(&mut self.socket) else {
                return Called::Died(delivery);
            };
            match kind {
                Kind::Started => {}
                Kind::Item => delivery.item(content),
                Kind::Panicked => {
                    return Called::Panicked(delivery, JobError::Panicked(text(&content)));
                }
                ended => return Called::Ended(delivery, answer(ended, content, request.limit)),
            }
        }
    }
}

fn answer(kind: Kind, content: Vec<u8>, limit: u64) -> Answer {
    match kind {
        Kind::Value => Ok(content),
        Kind::Failed => Err(JobError::Failed(text(&content))),
        Kind::TooLarge => {
            let size = content.try_into().map_or(u64::MAX, u64::from_le_bytes);
            Err(JobError::TooLarge { size, limit })
        }
        _ => Err(JobError::Serialisation(text(&content))),
    }
}

fn text(content: &[u8]) -> String {
    String::from_utf8_lossy(content).into_owned()
}
