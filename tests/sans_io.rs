//! The example `sans_io`: one protocol gives the same replies however its input is split, in each drive.
//!
//! No test waits: a socket gets all of its input before the server begins to read, and the server's reads are cut to
//! size.
#![allow(dead_code, reason = "the example's client is used in part")]
#![allow(unreachable_pub, reason = "modules of the example")]

#[path = "../examples/sans_io/asynchronous.rs"]
mod asynchronous;
#[path = "../examples/sans_io/blocking.rs"]
mod blocking;
#[path = "../examples/sans_io/client.rs"]
mod client;
#[path = "../examples/sans_io/memory.rs"]
mod memory;
#[path = "../examples/sans_io/server.rs"]
mod server;
#[path = "../examples/sans_io/wire.rs"]
mod wire;

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll};

use cogen::{GeneratorExt, generator};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

use wire::Request;

/// The input of a client: arrays and lines, strings that contain ends of line, several commands at once.
const INPUT: &[u8] =
    b"*1\r\n$4\r\nPING\r\nPING again\r\n\r\n*0\r\n*3\r\n$3\r\nSET\r\n$4\r\nk\r\ny\r\n\
    $5\r\nv\0\r\n!\r\n*2\r\n$3\r\nget\r\n$4\r\nk\r\ny\r\nGET none\n*1\r\n$0\r\n\r\nSET k\r\n\
    DEL none\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\nQUIT\r\nPING too late\r\n";

const OUTPUT: &[u8] = b"+PONG\r\n$5\r\nagain\r\n+OK\r\n$5\r\nv\0\r\n!\r\n$-1\r\n\
    -ERR unknown command ''\r\n-ERR wrong number of arguments for 'set' command\r\n\
    :0\r\n$0\r\n\r\n+OK\r\n";

const SERVED: usize = 10;

/// The sizes of the parts in which the input arrives: split in two at each place, and byte by byte.
fn splits() -> impl Iterator<Item = Vec<usize>> {
    (1..=INPUT.len())
        .map(|at| vec![at, INPUT.len() - at])
        .chain([vec![1; INPUT.len()]])
}

/// Reads no more at once than the size of the next part.
struct Parts<T> {
    stream: T,
    sizes: VecDeque<usize>,
}

impl<T> Parts<T> {
    fn new(stream: T, sizes: Vec<usize>) -> Self {
        let sizes = sizes.into_iter().filter(|size| *size > 0).collect();
        Self { stream, sizes }
    }

    fn limit(&self, wanted: usize) -> usize {
        self.sizes.front().copied().unwrap_or(wanted).min(wanted)
    }

    fn was_read(&mut self, length: usize) {
        if let Some(size) = self.sizes.front_mut() {
            *size -= length;
        }
        if self.sizes.front() == Some(&0) {
            self.sizes.pop_front();
        }
    }
}

impl<T: Read> Read for Parts<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let limit = self.limit(buffer.len());
        let length = self.stream.read(&mut buffer[..limit])?;
        self.was_read(length);
        Ok(length)
    }
}

impl<T: Write> Write for Parts<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Parts<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = [0; INPUT.len()];
        let limit = self.limit(buffer.remaining().min(bytes.len()));
        let mut part = ReadBuf::new(&mut bytes[..limit]);
        std::task::ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
        buffer.put_slice(part.filled());
        self.was_read(part.filled().len());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Parts<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The number of commands and the output of a server whose canned input arrives in parts of these sizes.
fn canned(input: &[u8], sizes: &[usize]) -> (usize, Vec<u8>) {
    let (mut rest, mut output) = (input, Vec::new());
    let mut sizes = sizes.iter().filter(|size| **size > 0);
    let commands = generator(server::serve).drive(|request| match request {
        Request::Read(to) => {
            let size = sizes.next().copied().unwrap_or(rest.len());
            let (part, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            to.with(part.to_vec())
        }
        Request::Write(bytes, to) => {
            output.extend(bytes);
            to.with(())
        }
    });
    (commands.unwrap(), output)
}

#[test]
fn any_split_gives_the_same_replies_with_canned_input() {
    for sizes in splits() {
        assert_eq!(
            canned(INPUT, &sizes),
            (SERVED, OUTPUT.to_vec()),
            "{sizes:?}"
        );
    }
}

#[test]
fn any_split_gives_the_same_replies_over_std_net() {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for sizes in splits() {
        let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        client.write_all(INPUT).unwrap();
        client.shutdown(std::net::Shutdown::Write).unwrap();

        let (stream, _) = listener.accept().unwrap();
        let mut server = Parts::new(stream, sizes.clone());
        let commands = blocking::serve(&mut server).unwrap();
        // If the server left input unread, the connection would end with a reset.
        server.stream.read_to_end(&mut Vec::new()).unwrap();
        drop(server);

        let mut output = Vec::new();
        client.read_to_end(&mut output).unwrap();
        assert_eq!((commands, &*output), (SERVED, OUTPUT), "{sizes:?}");
    }
}

#[test]
fn any_split_gives_the_same_replies_over_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build();
    runtime.unwrap().block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        for sizes in splits() {
            let address = listener.local_addr().unwrap();
            let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
            client.write_all(INPUT).await.unwrap();
            client.shutdown().await.unwrap();

            let (stream, _) = listener.accept().await.unwrap();
            let mut server = Parts::new(stream, sizes.clone());
            let commands = asynchronous::serve(&mut server).await.unwrap();
            server.stream.read_to_end(&mut Vec::new()).await.unwrap();
            drop(server);

            let mut output = Vec::new();
            client.read_to_end(&mut output).await.unwrap();
            assert_eq!((commands, &*output), (SERVED, OUTPUT), "{sizes:?}");
        }
    });
}

#[test]
fn input_that_ends_in_the_midst_of_a_command_ends_the_server() {
    for length in 0..=INPUT.len() {
        let (served, output) = canned(&INPUT[..length], &[]);
        assert!(served <= SERVED && OUTPUT.starts_with(&output), "{length}");
    }
}

#[test]
fn what_is_no_resp_is_refused_and_ends_the_server() {
    let long = vec![b'x'; 70_000];
    let table: [(&[u8], &str); 6] = [
        (b"*x\r\n", "invalid length"),
        (b"*-1\r\n", "invalid length"),
        (b"*9999999\r\n", "invalid length"),
        (b"*1\r\nPING\r\n", "expected '$'"),
        (b"*1\r\n$4\r\nPINGPING", "no end of line after a string"),
        (&long, "too long a line"),
    ];
    for (input, why) in table {
        let input = [input, b"\r\nPING\r\n"].concat();
        let expected = format!("-ERR Protocol error: {why}\r\n").into_bytes();
        // Under Miri, a long line byte by byte would take an hour.
        let piece = if cfg!(miri) && input.len() > 1000 {
            1000
        } else {
            1
        };
        for sizes in [vec![], vec![piece; input.len() / piece + 1]] {
            assert_eq!(canned(&input, &sizes), (0, expected.clone()), "{why}");
        }
    }
}

#[test]
fn a_connection_that_fails_ends_the_drive_with_its_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let error = blocking::serve(&mut Broken).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    let error = blocking::talk(&mut Broken, &["PING"]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn client_and_server_talk_without_a_world() {
    let replies = memory::talk(&["SET a b", "GET a", "QUIT", "PING"]).unwrap();
    assert_eq!(replies, ["OK", "\"b\"", "OK"]);
}
