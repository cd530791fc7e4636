//! The client: gives commands, and shows each reply as redis-cli does.

use crate::wire::{Input, Malformed, Peer, Request, bulk, length};

/// The longest string that is expected.
const LONGEST_STRING: usize = 1024 * 1024;

/// Gives the commands one after the other; returns the replies. If there are fewer, the server has ended.
pub(crate) async fn talk(peer: Peer<'_>, commands: &[&str]) -> Result<Vec<String>, Malformed> {
    let mut input = Input::new(peer);
    let mut replies = Vec::new();
    for command in commands {
        let words: Vec<_> = command
            .split(' ')
            .map(|word| bulk(word.as_bytes()))
            .collect();
        let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
        bytes.extend(words.concat());
        peer.ask(|to| Request::Write(bytes, to)).await;
        let Some(reply) = reply(&mut input).await? else {
            break;
        };
        replies.push(reply);
    }
    Ok(replies)
}

async fn reply(input: &mut Input<'_>) -> Result<Option<String>, Malformed> {
    let Some(line) = input.line().await? else {
        return Ok(None);
    };
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    Ok(match line.split_first() {
        Some((b'+', status)) => Some(text(status)),
        Some((b'-', error)) => Some(format!("(error) {}", String::from_utf8_lossy(error))),
        Some((b':', number)) => Some(format!("(integer) {}", text(number))),
        Some((b'$', b"-1")) => Some("(nil)".to_owned()),
        Some((b'$', digits)) => {
            let string = input.string(length(digits, LONGEST_STRING)?).await?;
            string.map(|string| format!("\"{}\"", text(&string)))
        }
        _ => return Err(Malformed("unknown kind of reply")),
    })
}
