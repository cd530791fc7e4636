//! `cogen-fetch`, run as users run it, against servers on this machine.

#[path = "../../../tests/support/ran.rs"]
mod ran;

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::ran::Ran;

fn fetch(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cogen-fetch"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Ran {
    fetch(arguments).output().unwrap().into()
}

/// The lines before those with times.
fn head(ran: &Ran) -> Vec<&str> {
    let times = |line: &&str| !line.starts_with("times: ");
    ran.stdout.lines().take_while(times).collect()
}

#[derive(Debug, PartialEq)]
struct Counts {
    fetched: usize,
    failed: usize,
    not_done: usize,
    twice: usize,
}

/// The numbers in a line like `pages: 3 fetched, 0 failed, 0 not done, 0 twice`.
fn counts(ran: &Ran) -> Counts {
    let line = ran.stdout.lines().next().unwrap();
    let words = line.split([' ', ',']).filter_map(|word| word.parse().ok());
    let [fetched, failed, not_done, twice] = words.collect::<Vec<_>>().try_into().unwrap();
    Counts {
        fetched,
        failed,
        not_done,
        twice,
    }
}

/// A server that answers `/page` with five bytes, and no other path; reports the paths that it is asked for.
fn server() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let (socket, sender) = (socket.unwrap(), sender.clone());
            thread::spawn(move || {
                let tell = |path: &str| drop(sender.send(path.to_owned()));
                answer(&socket, tell)
            });
        }
    });
    (address, receiver)
}

fn answer(mut socket: &TcpStream, tell: impl Fn(&str)) -> Option<()> {
    for line in BufReader::new(socket).lines() {
        let line = line.ok()?;
        if let Some(path) = line.strip_prefix("GET ") {
            let path = path.split(' ').next()?;
            tell(path);
            if path == "/page" {
                let page = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";
                socket.write_all(page).ok()?;
            }
        }
    }
    None
}

#[test]
fn without_arguments_it_fetches_400_pages_from_itself() {
    let ran = run(&[]);
    let pages = "pages: 400 fetched, 0 failed, 0 not done, 0 twice";
    assert_eq!(head(&ran), [pages, "bytes: 4096000"]);
    assert_eq!((&*ran.stderr, ran.code), ("", Some(0)));
}

#[test]
fn urls_are_arguments() {
    let (address, _paths) = server();
    let url = format!("http://{address}/page");
    let ran = run(&[&url, &url, &url]);
    assert_eq!(
        head(&ran),
        [
            "pages: 3 fetched, 0 failed, 0 not done, 0 twice",
            "bytes: 15"
        ]
    );
    assert_eq!((&*ran.stderr, ran.code), ("", Some(0)));
}

#[test]
fn urls_are_lines_of_a_file_too() {
    let (address, _paths) = server();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("urls");
    let url = format!("http://{address}/page");
    std::fs::write(&file, format!("{url}\n\n  {url}  \r\n")).unwrap();
    let ran = run(&["--file", file.to_str().unwrap(), &url]);
    assert_eq!(
        head(&ran),
        [
            "pages: 3 fetched, 0 failed, 0 not done, 0 twice",
            "bytes: 15"
        ]
    );
}

#[test]
fn errors_are_counted_by_kind() {
    // A port on which nothing listens: the test has just closed it.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (address, _paths) = server();
    let (page, closed) = (
        format!("http://{address}/page"),
        format!("http://{closed}/"),
    );
    let ran = run(&["--backoff", "1", &closed, "nonsense", &page]);
    let expected = [
        "pages: 1 fetched, 2 failed, 0 not done, 0 twice",
        "bytes: 5",
        "error: bad URL, 3 times",
        "error: not connected, 3 times",
    ];
    assert_eq!(head(&ran), expected);
    assert_eq!((&*ran.stderr, ran.code), ("", Some(1)));
}

#[test]
fn what_does_not_answer_times_out_as_often_as_it_may() {
    let (address, paths) = server();
    let url = format!("http://{address}/never");
    let ran = run(&["--timeout", "50", "--attempts", "2", "--backoff", "1", &url]);
    let pages = "pages: 0 fetched, 1 failed, 0 not done, 0 twice";
    assert_eq!(head(&ran), [pages, "bytes: 0", "error: timed out, 2 times"]);
    assert_eq!(ran.code, Some(1));
    drop(paths);
}

/// Fetches from a server that fails 1 request in 20, resets 1 in 50 and stalls 1 in 100.
fn accounts_for(pages: usize) {
    let pages_text = pages.to_string();
    let arguments = "--delay 1 --timeout 500 --backoff 1 --fail 20 --reset 50 --stall 100 --pages";
    let mut arguments: Vec<_> = arguments.split(' ').collect();
    arguments.push(&pages_text);
    let ran = run(&arguments);
    let counts = counts(&ran);
    assert_eq!(counts.fetched + counts.failed, pages, "{ran:?}");
    assert_eq!((counts.not_done, counts.twice), (0, 0), "{ran:?}");
    assert!(head(&ran).contains(&&*format!("bytes: {}", 10_240 * counts.fetched)));
    for kind in [
        "error: status 500",
        "error: connection lost",
        "error: timed out",
    ] {
        assert!(ran.stdout.contains(kind), "{ran:?}");
    }
    assert_eq!(ran.code, Some(i32::from(counts.failed > 0)));
}

#[test]
fn every_page_is_accounted_for_once() {
    accounts_for(600);
}

#[test]
#[ignore = "as the other one, of full size"]
fn every_page_of_10000_is_accounted_for_once() {
    accounts_for(10_000);
}

#[test]
fn ctrl_c_cancels_and_prints_what_was_done() {
    let (address, paths) = server();
    let urls: Vec<String> = (0..20)
        .map(|n| format!("http://{address}/{}", if n < 5 { "page" } else { "never" }))
        .collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let child = fetch(&urls)
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // By then all workers wait for pages that never come.
    assert_eq!(
        paths
            .iter()
            .take(20)
            .filter(|path| path == "/never")
            .count(),
        15
    );
    // This signals all processes of the group, as a terminal does.
    let group = format!("-{}", child.id());
    let status = Command::new("kill").args(["-INT", "--", &group]).status();
    assert!(status.unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    let Counts {
        fetched,
        failed,
        not_done,
        twice,
    } = counts(&ran);
    assert_eq!((fetched + not_done, failed, twice), (20, 0, 0), "{ran:?}");
    assert!(not_done >= 15, "{ran:?}");
    assert_eq!(ran.code, Some(130), "{ran:?}");
}

#[test]
fn what_cannot_begin_is_refused() {
    let ran = run(&["--processes", "0"]);
    let message = "fetch: number of processes must be at least 1\n";
    assert_eq!(
        (&*ran.stdout, &*ran.stderr, ran.code),
        ("", message, Some(2))
    );

    let ran = run(&["--file", "no-such-file"]);
    let message = "fetch: no-such-file: No such file or directory (os error 2)\n";
    assert_eq!(
        (&*ran.stdout, &*ran.stderr, ran.code),
        ("", message, Some(2))
    );

    let ran = run(&["--attempts", "many"]);
    assert_eq!((&*ran.stdout, ran.code), ("", Some(2)));
}

#[test]
fn no_pages_are_no_error() {
    let ran = run(&["--pages", "0"]);
    assert_eq!(
        head(&ran),
        [
            "pages: 0 fetched, 0 failed, 0 not done, 0 twice",
            "bytes: 0"
        ]
    );
    assert_eq!(ran.code, Some(0));
}
