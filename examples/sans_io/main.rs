//! One protocol, three drives: a server and a client of RESP, the protocol of Redis, written once as
//! generators that ask for bytes, and driven in memory, over `std::net`, and over tokio.
//!
//! - [`wire`]: the peers' requests to their driver, and the framing.
//! - [`server`], [`client`]: the protocol. No I/O, no threads, no runtime.
//! - [`memory`], [`blocking`], [`asynchronous`]: the drives.

mod asynchronous;
mod blocking;
mod client;
mod memory;
mod server;
mod wire;

use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

/// The commands that the client gives.
const COMMANDS: [&str; 8] = [
    "PING",
    "SET language Rust",
    "GET language",
    "GET nothing",
    "DEL language nothing",
    "SET only-a-key",
    "FLY",
    "QUIT",
];

type Transcript = Result<Vec<String>, Box<dyn Error + Send + Sync>>;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    print("in memory", &memory::talk(&COMMANDS)?);
    print("blocking, over std::net", &over_std_net()?);
    print("async, over tokio", &over_tokio()?);
    Ok(())
}

fn print(drive: &str, transcript: &[String]) {
    println!("{drive}:");
    for (command, reply) in COMMANDS.iter().zip(transcript) {
        println!("> {command}\n{reply}");
    }
}

/// The server on a thread of its own, the client on this one.
fn over_std_net() -> Transcript {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let connection = TcpStream::connect(listener.local_addr()?)?;
    let server = thread::spawn(move || blocking::serve(listener.accept()?.0));
    let transcript = blocking::talk(connection, &COMMANDS)?;
    server
        .join()
        .map_err(|_| io::Error::other("the server panicked"))??;
    Ok(transcript)
}

/// The server in a task of its own, the client in another.
fn over_tokio() -> Transcript {
    use tokio::net::{TcpListener, TcpStream};

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let connection = TcpStream::connect(listener.local_addr()?).await?;
        let server =
            tokio::spawn(async move { asynchronous::serve(listener.accept().await?.0).await });
        let transcript = asynchronous::talk(connection, &COMMANDS).await?;
        server.await??;
        Ok(transcript)
    })
}
