//! `cogen-serve`, run as users run it, and clients that say what a browser would. No test waits for a time that
//! passes: each step waits for a line that the server prints, or for bytes that it sends.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Longer than any test runs.
const EVER: &str = "3600000";

struct Server {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_cogen-serve"))
            .args(arguments)
            .env("RUST_BACKTRACE", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let address = first.strip_prefix("listening on http://").unwrap();
        Self {
            address: address.to_owned(),
            child,
            lines,
        }
    }

    fn connect(&self) -> Client {
        let socket = TcpStream::connect(&self.address).unwrap();
        Client(BufReader::new(socket))
    }

    /// Waits until the server prints this line.
    fn says(&mut self, expected: &str) {
        let said = self.lines.by_ref().map(Result::unwrap);
        let mut before = Vec::new();
        for line in said {
            if line == expected {
                return;
            }
            before.push(line);
        }
        panic!("{expected:?} did not come after {before:?}");
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args([name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end. Returns what was printed until then, and the exit code.
    fn end(mut self) -> (Vec<String>, Option<i32>) {
        let rest = self.lines.by_ref().map(Result::unwrap).collect();
        (rest, self.child.wait().unwrap().code())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test has failed if it has not ended by itself.
        drop(self.child.kill());
    }
}

/// A connection.
struct Client(BufReader<TcpStream>);

/// An answer's status, whether the connection ends with it, and its body, if that has a length.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    closes: bool,
    body: Option<String>,
}

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        closes: false,
        body: Some(body.to_owned()),
    }
}

impl Client {
    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        assert!(line.ends_with("\r\n"), "{line:?}");
        line.trim_end().to_owned()
    }

    fn head(&mut self) -> Vec<String> {
        std::iter::from_fn(|| Some(self.line()).filter(|line| !line.is_empty())).collect()
    }

    /// Reads an answer, without a body that comes in parts.
    fn answer(&mut self) -> Answer {
        let head = self.head();
        let status = head[0].split(' ').nth(1).unwrap().parse().unwrap();
        let length = |line: &String| line.strip_prefix("content-length: ")?.parse().ok();
        let body = head.iter().find_map(length).map(|length| {
            let mut body = vec![0; length];
            self.0.read_exact(&mut body).unwrap();
            String::from_utf8(body).unwrap()
        });
        Answer {
            status,
            closes: head.contains(&"connection: close".to_owned()),
            body,
        }
    }

    fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        self.answer()
    }

    fn post(&mut self, line: &str) -> Answer {
        let length = line.len();
        let head = format!("POST /feed HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n");
        self.send(&(head + line));
        self.answer()
    }

    /// A part of a body that comes in parts; an empty one is the end.
    fn part(&mut self) -> String {
        let length = usize::from_str_radix(&self.line(), 16).unwrap();
        let mut part = vec![0; length + 2];
        self.0.read_exact(&mut part).unwrap();
        part.truncate(length);
        String::from_utf8(part).unwrap()
    }

    /// Begins to read the feed.
    fn read_feed(&mut self) {
        let head = self.get("/feed");
        assert_eq!((head.status, head.body), (200, None));
        assert_eq!(self.part(), "welcome\n");
    }

    /// Begins to post, and waits until the server asks for the line.
    fn begin_post(&mut self, length: usize) {
        let head = "POST /feed HTTP/1.1\r\nhost: test\r\nexpect: 100-continue";
        self.send(&format!("{head}\r\ncontent-length: {length}\r\n\r\n"));
        assert_eq!(self.head(), ["HTTP/1.1 100 Continue"]);
    }

    fn is_closed(&mut self) -> bool {
        // A reset is an end, too.
        self.0.read(&mut [0]).unwrap_or(0) == 0
    }
}

#[test]
fn a_connection_is_kept_for_further_requests() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    assert_eq!(client.get("/"), answer(200, "1 requests, 0 readers\n"));
    assert_eq!(client.get("/"), answer(200, "2 requests, 0 readers\n"));
    assert_eq!(client.get("/sleep/0"), answer(200, "good morning\n"));
    assert_eq!(
        server.connect().get("/"),
        answer(200, "4 requests, 0 readers\n")
    );
}

#[test]
fn an_idle_connection_is_closed() {
    let server = Server::start(&["--idle", "1"]);
    let mut client = server.connect();
    assert!(client.is_closed());
}

#[test]
fn errors_have_pages_and_leave_the_connection_open() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    let not_found = answer(404, "there is no such page\n");
    assert_eq!(client.get("/nowhere"), not_found);
    assert_eq!(client.get("/sleep/long"), not_found);
    assert_eq!(client.get("/panic"), answer(500, "something went wrong\n"));
    server.says("GET /panic");
    assert_eq!(client.get("/"), answer(200, "4 requests, 0 readers\n"));
}

#[test]
fn what_is_posted_has_a_limit() {
    let server = Server::start(&[]);
    let long = "x".repeat(1025);
    let refused = server.connect().post(&long);
    assert_eq!(refused.status, 413);
    assert_eq!(
        server.connect().post(&long[1..]),
        answer(200, "0 readers\n")
    );
    let mut client = server.connect();
    client.send("POST /feed HTTP/1.1\r\nhost: test\r\ncontent-length: 1\r\n\r\n");
    client.0.get_mut().write_all(&[0xff]).unwrap();
    assert_eq!(client.answer(), answer(400, "a line is UTF-8\n"));
}

#[test]
fn a_request_that_takes_too_long_is_cancelled_and_cleans_up() {
    let mut server = Server::start(&["--limit", "50"]);
    let mut client = server.connect();
    let late = answer(504, "this took too long\n");
    assert_eq!(client.get(&format!("/sleep/{EVER}")), late);
    server.says("cleaned up");
    assert_eq!(client.get("/sleep/0"), answer(200, "good morning\n"));
}

#[test]
fn requests_of_other_connections_go_on_meanwhile() {
    let mut server = Server::start(&["--limit", EVER]);
    let mut slow = server.connect();
    slow.send(&format!("GET /sleep/{EVER} HTTP/1.1\r\nhost: test\r\n\r\n"));
    server.says(&format!("GET /sleep/{EVER}"));
    assert_eq!(
        server.connect().get("/"),
        answer(200, "2 requests, 0 readers\n")
    );
}

#[test]
fn readers_get_what_is_posted() {
    let server = Server::start(&[]);
    let (mut one, mut two, mut writer) = (server.connect(), server.connect(), server.connect());
    one.read_feed();
    two.read_feed();
    assert_eq!(writer.post("hello"), answer(200, "2 readers\n"));
    assert_eq!(writer.post("world\n"), answer(200, "2 readers\n"));
    for client in [&mut one, &mut two] {
        assert_eq!(client.part(), "hello\n");
        assert_eq!(client.part(), "world\n");
    }
}

#[test]
fn a_client_that_hangs_up_cancels_its_request_which_cleans_up() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    client.send(&format!("GET /sleep/{EVER} HTTP/1.1\r\nhost: test\r\n\r\n"));
    server.says(&format!("GET /sleep/{EVER}"));
    drop(client);
    server.says("cleaned up");
}

#[test]
fn a_reader_that_hangs_up_closes_its_generator_which_cleans_up() {
    let mut server = Server::start(&[]);
    let mut client = server.connect();
    client.read_feed();
    drop(client);
    server.says("a reader left");
    assert_eq!(
        server.connect().get("/"),
        answer(200, "2 requests, 0 readers\n")
    );
}

#[test]
fn a_signal_ends_the_server_when_its_requests_have_ended() {
    for signal in ["-TERM", "-INT"] {
        let mut server = Server::start(&["--grace", EVER]);
        let (mut idle, mut reader, mut writer) =
            (server.connect(), server.connect(), server.connect());
        assert_eq!(idle.get("/").status, 200);
        reader.read_feed();
        writer.begin_post(5);
        server.signal(signal);
        server.says("stopping");
        assert!(TcpStream::connect(&server.address).is_err());
        assert!(idle.is_closed());
        assert_eq!(reader.part(), "goodbye\n");
        assert_eq!(reader.part(), "");
        assert!(reader.is_closed());
        writer.send("hello");
        let last = Answer {
            closes: true,
            ..answer(200, "0 readers\n")
        };
        assert_eq!(writer.answer(), last);
        assert!(writer.is_closed());
        let (said, code) = server.end();
        assert_eq!(said.last().unwrap(), "stopped");
        assert_eq!(code, Some(0));
    }
}

#[test]
fn what_takes_longer_than_the_grace_is_cut_off_and_cleans_up() {
    for (grace, again) in [("1", false), (EVER, true)] {
        let mut server = Server::start(&["--grace", grace]);
        let mut client = server.connect();
        client.send(&format!("GET /sleep/{EVER} HTTP/1.1\r\nhost: test\r\n\r\n"));
        server.says(&format!("GET /sleep/{EVER}"));
        server.signal("-TERM");
        server.says("stopping");
        if again {
            server.signal("-TERM");
        }
        server.says("cutting off");
        let (said, code) = server.end();
        assert_eq!(said, ["cleaned up"]);
        assert_eq!(code, Some(1));
        assert!(client.is_closed());
    }
}

#[test]
fn what_cannot_begin_is_refused() {
    let server = Server::start(&[]);
    let (_, port) = server.address.split_once(':').unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_cogen-serve"))
        .args(["--port", port])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(2));
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.starts_with("serve: Address already in use"), "{said}");
}
