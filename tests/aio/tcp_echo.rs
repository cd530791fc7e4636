//! Bridges to tokio's I/O and channels: an echo server on loopback, whose server, connections and clients are
//! tasks of one loop, and async generators as the streams between.

use cogen::aio::{
    self, AsyncContext, AsyncGenerator, Error, Promise, Task, aclosing, async_generator,
    catch_cancelled, create_task, finally,
};
use cogen::{GeneratorExt as _, State, generator};
use futures::{StreamExt as _, TryStreamExt as _};
use std::cell::Cell;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// The connections as they are made, for ever.
fn connections(listener: TcpListener) -> AsyncGenerator<TcpStream> {
    async_generator(|co| async move {
        loop {
            let (socket, _) = listener.accept().await?;
            co.yield_(socket).await;
        }
        #[expect(unreachable_code, reason = "says what `?` makes of an error")]
        aio::ok(())
    })
}

/// The whole lines that come, each with its end.
fn lines(reader: impl AsyncRead + Unpin + 'static) -> AsyncGenerator<String> {
    async_generator(|co| async move {
        let mut reader = BufReader::new(reader);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).await? == 0 {
                return aio::ok(());
            }
            co.yield_(line).await;
        }
    })
}

/// Sends each line back; returns how many there were.
async fn echo(socket: TcpStream) -> Result<usize, Error> {
    let (reader, mut writer) = socket.into_split();
    let mut lines = lines(reader).items();
    let mut count = 0;
    while let Some(line) = lines.try_next().await? {
        writer.write_all(line.as_bytes()).await?;
        count += 1;
    }
    Ok(count)
}

/// A server that reports to `ended` how many lines each connection had.
async fn serve(listener: TcpListener, ended: mpsc::UnboundedSender<usize>) -> Result<(), Error> {
    let accept = async |connections: AsyncGenerator<TcpStream>| {
        while let Some(socket) = connections.anext().await? {
            let ended = ended.clone();
            create_task(async move {
                ended.send(echo(socket).await?)?;
                aio::ok(())
            });
        }
        aio::ok(())
    };
    aclosing(connections(listener)).with(accept).await.map(drop)
}

type Server = (SocketAddr, Task<()>, mpsc::UnboundedReceiver<usize>);

async fn start() -> Result<Server, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (sender, ended) = mpsc::unbounded_channel();
    Ok((address, create_task(serve(listener, sender)), ended))
}

async fn stop(server: Task<()>) {
    server.cancel();
    assert!(server.await.unwrap_err().is_cancelled());
}

/// Sends `count` lines, one at a time; returns what came back.
async fn client(address: SocketAddr, name: usize, count: usize) -> Result<String, Error> {
    let (reader, mut writer) = TcpStream::connect(address).await?.into_split();
    let answers = lines(reader);
    let mut all = String::new();
    for n in 0..count {
        let line = format!("client {name}, line {n}\n");
        writer.write_all(line.as_bytes()).await?;
        let answer = answers.anext().await?;
        assert_eq!(answer.as_ref(), Some(&line));
        all.push_str(&line);
    }
    Ok(all)
}

#[test]
fn clients_and_a_server_are_tasks_of_one_loop() {
    aio::run(async {
        let (address, server, ended) = start().await?;
        let clients: Vec<_> = (0..10).map(|name| client(address, name, name)).collect();
        let answers = aio::gather(clients).await?;
        let counts: Vec<_> = answers.iter().map(|all| all.lines().count()).collect();
        assert_eq!(counts, (0..10).collect::<Vec<_>>());
        stop(server).await;

        // A channel of tokio as a stream: the sender's last clone goes with the last connection.
        let ended = futures::stream::unfold(ended, async |mut ended| {
            ended.recv().await.map(|count| (count, ended))
        });
        let mut ended: Vec<_> = ended.collect().await;
        ended.sort_unstable();
        assert_eq!(ended, counts);
        aio::ok(())
    })
    .unwrap();
}

/// A client that is cancelled while it waits for its answer may still use the socket to clean up.
#[test]
fn a_client_is_cancelled_in_the_middle_of_a_read() {
    aio::run(async {
        let (address, server, mut ended) = start().await?;
        let reading = Promise::new();
        let tells = reading.clone();
        let stopped = create_task(async move {
            let mut socket = BufReader::new(TcpStream::connect(address).await?);
            // The server waits for the end of the line, and the client for the server.
            socket.write_all(b"half a ").await?;
            let mut answer = String::new();
            let read = catch_cancelled(async {
                tells.set_result(())?;
                socket.read_line(&mut answer).await?;
                aio::ok(())
            });
            let cancelled = read.await.expect_err("no answer can come");
            socket.write_all(b"line\n").await?;
            socket.read_line(&mut answer).await?;
            assert_eq!(answer, "half a line\n");
            drop(socket);
            Err::<(), _>(Error::Cancelled(cancelled))
        });
        reading.await?;
        stopped.cancel();
        // Another client is not disturbed.
        let other = create_task(client(address, 1, 3));
        assert!(stopped.await.unwrap_err().is_cancelled());
        assert_eq!(other.await?.lines().count(), 3);

        let mut counts = [ended.recv().await, ended.recv().await];
        counts.sort_unstable();
        assert_eq!(counts, [Some(1), Some(3)]);
        stop(server).await;
        aio::ok(())
    })
    .unwrap();
}

/// A cancel of a task that waits for a generator goes to what the generator's body waits for.
#[test]
fn a_cancel_reaches_the_read_in_a_generator() {
    aio::run(async {
        let (address, server, _ended) = start().await?;
        let socket = TcpStream::connect(address).await?;
        let (reading, closed) = (Promise::new(), Rc::new(Cell::new(false)));
        let (tells, notes) = (reading.clone(), closed.clone());
        let guarded = async_generator(|co| async move {
            let (reader, mut writer) = socket.into_split();
            let answers = lines(reader);
            let read = async {
                tells.set_result(())?;
                while let Some(line) = answers.anext().await? {
                    co.yield_(line).await;
                }
                aio::ok(())
            };
            let cleanup = async {
                notes.set(writer.shutdown().await.is_ok());
            };
            finally(read, cleanup).await
        });
        let waits = create_task({
            let guarded = guarded.clone();
            async move { guarded.anext().await }
        });
        reading.await?;
        waits.cancel();
        assert!(waits.await.unwrap_err().is_cancelled());
        assert_eq!((guarded.state(), closed.get()), (State::Closed, true));
        stop(server).await;
        aio::ok(())
    })
    .unwrap();
}

/// A plain generator whose body does I/O is a stream in a task; a cancel leaves it where it is.
#[test]
fn a_plain_generator_does_io_in_a_task() {
    aio::run(async {
        let (address, server, mut ended) = start().await?;
        let asks = generator(|co| async move {
            let mut socket = BufReader::new(TcpStream::connect(address).await?);
            for n in 0..3 {
                socket.write_all(format!("{n}\n").as_bytes()).await?;
                let mut answer = String::new();
                socket.read_line(&mut answer).await?;
                co.yield_(answer).await;
            }
            Ok::<_, cogen::Exception>(())
        });
        let reads = create_task(async move {
            let mut asks = pin!(asks.into_try_stream());
            let me = aio::current_task().unwrap();
            let cancelled = catch_cancelled(async {
                me.cancel();
                asks.next().await
            });
            assert!(cancelled.await.is_err());
            let answers = asks.try_collect::<Vec<_>>().await;
            answers.map_err(Error::new)
        });
        assert_eq!(reads.await?, ["0\n", "1\n", "2\n"]);
        assert_eq!(ended.recv().await, Some(3));
        stop(server).await;
        aio::ok(())
    })
    .unwrap();
}
