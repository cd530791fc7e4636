//! The drive that awaits.

use std::io;

use cogen::{Answer, GeneratorExt, generator};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::client;
use crate::server;
use crate::wire::{Answers, Request, io_error};

/// Serves one client; returns the number of its commands. The handler owns the stream, so that the future can be
/// spawned.
pub(crate) async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<usize> {
    generator(server::serve)
        .try_drive_async(async move |request| answer(&mut stream, request).await)
        .await
        .map_err(io_error)
}

/// Gives the commands to a server; returns the replies.
pub(crate) async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    commands: &[&str],
) -> io::Result<Vec<String>> {
    generator(|peer| client::talk(peer, commands))
        .try_drive_async(async move |request| answer(&mut stream, request).await)
        .await
        .map_err(io_error)?
        .map_err(|malformed| io::Error::other(malformed.0))
}

async fn answer(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    request: Request,
) -> io::Result<Answer<Answers>> {
    match request {
        Request::Read(to) => {
            let mut bytes = vec![0; 4096];
            let length = stream.read(&mut bytes).await?;
            bytes.truncate(length);
            Ok(to.with(bytes))
        }
        Request::Write(bytes, to) => {
            stream.write_all(&bytes).await?;
            Ok(to.with(()))
        }
    }
}
