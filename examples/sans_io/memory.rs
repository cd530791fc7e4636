//! The drive without any I/O: the client's handler is the server.

use std::io;
use std::mem;

use cogen::{DriveError, Generator, GeneratorExt, Step, generator};

use crate::client;
use crate::server;
use crate::wire::{Request, io_error};

/// Gives the commands to a server of its own; returns the replies.
pub(crate) fn talk(commands: &[&str]) -> io::Result<Vec<String>> {
    let mut server = generator(server::serve).boxed();
    let mut step = Some(server.start().map_err(io::Error::other)?);
    let mut to_server = Vec::new();
    generator(|peer| client::talk(peer, commands))
        .try_drive(|request| match request {
            Request::Write(bytes, to) => {
                to_server.extend(bytes);
                Ok::<_, io::Error>(to.with(()))
            }
            // The server runs until it has something to say.
            Request::Read(to) => loop {
                let (answer, said) = match step.take() {
                    Some(Step::Yielded(Request::Read(to))) => {
                        (to.with(mem::take(&mut to_server)), None)
                    }
                    Some(Step::Yielded(Request::Write(bytes, to))) => (to.with(()), Some(bytes)),
                    Some(Step::Complete(_)) | None => return Ok(to.with(Vec::new())),
                };
                let sent = server.send(answer).map_err(DriveError::from);
                step = Some(sent.map_err(io_error)?);
                if let Some(bytes) = said {
                    return Ok(to.with(bytes));
                }
            },
        })
        .map_err(io_error)?
        .map_err(|malformed| io::Error::other(malformed.0))
}
