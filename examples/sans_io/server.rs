//! The server: reads commands, stores values, and replies.

use std::collections::HashMap;

use crate::wire::{Input, Malformed, Peer, Request, bulk, length};

/// The longest string, as in Redis.
const LONGEST_STRING: usize = 512 * 1024 * 1024;
/// The most words of a command, as in Redis.
const MOST_WORDS: usize = 1024 * 1024;

type Command = Vec<Vec<u8>>;

/// Serves one client until the client ends or quits; returns the number of its commands.
pub(crate) async fn serve(peer: Peer<'_>) -> usize {
    let mut input = Input::new(peer);
    let mut store = HashMap::new();
    let mut served = 0;
    loop {
        let (reply, goes_on) = match command(&mut input).await {
            Ok(Some(command)) => {
                served += 1;
                (
                    execute(&command, &mut store),
                    !command[0].eq_ignore_ascii_case(b"QUIT"),
                )
            }
            Ok(None) => return served,
            Err(Malformed(why)) => (
                format!("-ERR Protocol error: {why}\r\n").into_bytes(),
                false,
            ),
        };
        peer.ask(|to| Request::Write(reply, to)).await;
        if !goes_on {
            return served;
        }
    }
}

/// The next command, of at least one word: an array of strings, or words on a line.
async fn command(input: &mut Input<'_>) -> Result<Option<Command>, Malformed> {
    loop {
        let Some(line) = input.line().await? else {
            return Ok(None);
        };
        let command = match line.strip_prefix(b"*") {
            Some(digits) => array(input, length(digits, MOST_WORDS)?).await?,
            None => Some(words(&line)),
        };
        let Some(command) = command else {
            return Ok(None);
        };
        if !command.is_empty() {
            return Ok(Some(command));
        }
    }
}

async fn array(input: &mut Input<'_>, words: usize) -> Result<Option<Command>, Malformed> {
    let mut command = Vec::new();
    for _ in 0..words {
        let Some(line) = input.line().await? else {
            return Ok(None);
        };
        let digits = line.strip_prefix(b"$").ok_or(Malformed("expected '$'"))?;
        let Some(word) = input.string(length(digits, LONGEST_STRING)?).await? else {
            return Ok(None);
        };
        command.push(word);
    }
    Ok(Some(command))
}

fn words(line: &[u8]) -> Command {
    let words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    words.map(<[u8]>::to_vec).collect()
}

fn execute(command: &[Vec<u8>], store: &mut HashMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let name = command[0].to_ascii_uppercase();
    match (&name[..], &command[1..]) {
        (b"PING", []) => b"+PONG\r\n".to_vec(),
        (b"PING" | b"ECHO", [text]) => bulk(text),
        (b"SET", [key, value]) => {
            store.insert(key.clone(), value.clone());
            b"+OK\r\n".to_vec()
        }
        (b"GET", [key]) => store
            .get(key)
            .map_or(b"$-1\r\n".to_vec(), |value| bulk(value)),
        (b"DEL", keys @ [_, ..]) => {
            let deleted = keys.iter().filter_map(|key| store.remove(key)).count();
            format!(":{deleted}\r\n").into_bytes()
        }
        (b"QUIT", []) => b"+OK\r\n".to_vec(),
        (b"PING" | b"ECHO" | b"SET" | b"GET" | b"DEL" | b"QUIT", _) => {
            let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
            format!("-ERR wrong number of arguments for '{name}' command\r\n").into_bytes()
        }
        _ => {
            let name = command[0].escape_ascii();
            format!("-ERR unknown command '{name}'\r\n").into_bytes()
        }
    }
}
