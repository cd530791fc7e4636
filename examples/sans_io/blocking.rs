//! The drive that blocks.

use std::io::{self, Read, Write};

use cogen::{Answer, GeneratorExt, generator};

use crate::client;
use crate::server;
use crate::wire::{Answers, Request, io_error};

/// Serves one client; returns the number of its commands.
pub(crate) fn serve(mut stream: impl Read + Write) -> io::Result<usize> {
    generator(server::serve)
        .try_drive(|request| answer(&mut stream, request))
        .map_err(io_error)
}

/// Gives the commands to a server; returns the replies.
pub(crate) fn talk(mut stream: impl Read + Write, commands: &[&str]) -> io::Result<Vec<String>> {
    generator(|peer| client::talk(peer, commands))
        .try_drive(|request| answer(&mut stream, request))
        .map_err(io_error)?
        .map_err(|malformed| io::Error::other(malformed.0))
}

fn answer(stream: &mut (impl Read + Write), request: Request) -> io::Result<Answer<Answers>> {
    match request {
        Request::Read(to) => {
            let mut bytes = vec![0; 4096];
            let length = stream.read(&mut bytes)?;
            bytes.truncate(length);
            Ok(to.with(bytes))
        }
        Request::Write(bytes, to) => {
            stream.write_all(&bytes)?;
            Ok(to.with(()))
        }
    }
}
