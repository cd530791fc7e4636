//! `docs/guide/tutorial.md`: its programs are those of the examples, and they print what the page says.
//! `docs/guide/with-tokio.md`: its server is that of `tools/serve`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use crate::example::example;
use crate::ran::Ran;

const SOURCES: [&str; 9] = [
    "examples/asyncio_basics.rs",
    "examples/blocking.rs",
    "examples/callbacks.rs",
    "examples/context_manager.rs",
    "examples/decorators.rs",
    "examples/grep.rs",
    "examples/producer_consumer.rs",
    "tools/fetch/src/main.rs",
    "tools/fetch/src/worker.rs",
];

fn read(path: &str) -> String {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = package.parent().unwrap().join(path);
    // A checkout may have other line ends.
    fs::read_to_string(path).unwrap().replace('\r', "")
}

/// The fenced blocks in `language`, each with the line above it.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(&'a str, &'a str)> {
    let fence = format!("\n```{language}\n");
    let mut blocks = Vec::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(&fence) {
        let (block, after) = after.split_once("```\n").unwrap();
        blocks.push((before.lines().last().unwrap_or(""), block));
        rest = after;
    }
    blocks
}

/// The page's blocks marked `rs` are parts of these files. (Those marked `rust` are doctests.)
fn shows(page: &str, sources: &[&str]) {
    let page = read(page);
    let texts: Vec<_> = sources.iter().copied().map(read).collect();
    let shown = blocks(&page, "rs");
    assert!(shown.len() >= sources.len());
    for (_, block) in shown {
        let is_there = texts
            .iter()
            .any(|source| source.contains(&format!("\n{block}")));
        assert!(is_there, "in no program:\n{block}");
    }
}

#[test]
fn the_tutorials_page_shows_the_examples_as_they_are() {
    shows("docs/guide/tutorial.md", &SOURCES);
}

#[test]
fn the_page_with_tokio_shows_the_server_as_it_is() {
    let sources = ["answer", "error_page", "server", "stream_body"];
    let paths = sources.map(|name| format!("tools/serve/src/{name}.rs"));
    shows(
        "docs/guide/with-tokio.md",
        &paths.each_ref().map(|path| &**path),
    );
}

#[test]
fn the_tutorials_page_says_what_the_examples_print() {
    let page = read("docs/guide/tutorial.md");
    let transcripts = blocks(&page, "text");
    assert!(transcripts.len() >= SOURCES.len());
    // The programs wait, so all run at once.
    thread::scope(|scope| {
        for (above, output) in transcripts {
            match above.strip_prefix("<!-- run: ") {
                Some(command) => {
                    let command = command.trim_end_matches(" -->");
                    scope.spawn(move || prints(command, output));
                }
                // Its time varies; the test of that example checks it.
                None => assert_eq!(above, "<!-- run, about: blocking -->"),
            }
        }
    });
}

/// `command` is an example's name, and its arguments.
fn prints(command: &str, output: &str) {
    let mut words = command.split(' ');
    let mut program = Command::new(example(words.next().unwrap()));
    let ran: Ran = program.args(words).output().unwrap().into();
    assert_eq!(ran.stdout, output, "{command}");
}
