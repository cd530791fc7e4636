//! A server to fetch from: on this machine, on a thread of this process.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// How the server answers, depending on the number of the request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Faults {
    /// In milliseconds.
    pub(crate) delay: u64,
    pub(crate) fail: Option<u64>,
    pub(crate) reset: Option<u64>,
    pub(crate) stall: Option<u64>,
}

/// The size of a page.
const SIZE: usize = 10 * 1024;

static REQUESTS: AtomicU64 = AtomicU64::new(1);

/// Starts the server, for the rest of the program. Returns where it listens.
pub(crate) fn start(faults: Faults) -> io::Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(move || runtime.block_on(serve(listener, faults)));
    Ok(address)
}

async fn serve(listener: std::net::TcpListener, faults: Faults) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (socket, _) = listener.accept().await?;
        // A client that hangs up has got what it wanted.
        tokio::spawn(async move { drop(answer(socket, faults).await) });
    }
}

/// Answers the requests of one connection.
async fn answer(socket: TcpStream, faults: Faults) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut socket = BufStream::new(socket);
    let page = response("200 OK", SIZE);
    let error = response("500 Internal Server Error", 0);
    let mut line = String::new();
    loop {
        line.clear();
        if socket.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if line != "\r\n" {
            continue;
        }
        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let is = |one_in: Option<u64>| one_in.is_some_and(|n| number % n == 0);
        tokio::time::sleep(Duration::from_millis(faults.delay)).await;
        if is(faults.stall) {
            std::future::pending::<()>().await;
        }
        if is(faults.reset) {
            return socket.get_ref().set_zero_linger();
        }
        socket
            .write_all(if is(faults.fail) { &error } else { &page })
            .await?;
        socket.flush().await?;
    }
}

fn response(status: &str, size: usize) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\ncontent-length: {size}\r\n\r\n").into_bytes();
    response.resize(response.len() + size, b'x');
    response
}
