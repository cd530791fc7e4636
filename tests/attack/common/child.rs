//! Runs rounds in a process of their own, which a round may bring down.
//!
//! The parent writes one seed per line, and reads how the round with that seed ended.

use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

const VARIABLE: &str = "COGEN_ATTACK_CHILD";
/// Begins each line that is an answer; the test's own output stands between those lines.
const ANSWER: &str = "attack: ";

pub fn is_one() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Runs a round for each seed that the parent sends.
pub fn run(mut round: impl FnMut(u64) -> Result<(), String>) {
    for line in std::io::stdin().lines() {
        let Some(seed) = line.ok().and_then(|line| line.parse().ok()) else {
            return;
        };
        let answer = round(seed).err().unwrap_or_default().replace('\n', " ");
        println!("\n{ANSWER}{answer}");
    }
}

/// The process that runs the rounds, once it has been started.
pub struct Child {
    test: String,
    running: Option<Running>,
}

struct Running {
    process: std::process::Child,
    seeds: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Reads what the process prints to stderr, so that the pipe does not fill up.
    errors: JoinHandle<Vec<u8>>,
}

/// Reads to the end and keeps the last lines, or prints them all if `COGEN_ATTACK_SHOW` is set.
fn read_all(errors: impl Read) -> Vec<u8> {
    let shows = env::var_os("COGEN_ATTACK_SHOW").is_some();
    let mut kept = VecDeque::new();
    for line in BufReader::new(errors).split(b'\n').map_while(Result::ok) {
        if shows {
            eprintln!("{}", String::from_utf8_lossy(&line));
        }
        kept.push_back(line);
        if kept.len() > 60 {
            kept.pop_front();
        }
    }
    Vec::from(kept).join(&b'\n')
}

impl Running {
    fn start(test: &str) -> Self {
        let program = env::current_exe().expect("a test has the path of its program");
        let mut process = Command::new(program)
            .args([test, "--exact", "--nocapture"])
            .env(VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a test program starts");
        let seeds = process.stdin.take().expect("stdin is piped");
        let answers = BufReader::new(process.stdout.take().expect("stdout is piped"));
        let errors = process.stderr.take().expect("stderr is piped");
        Self {
            process,
            seeds,
            answers,
            errors: thread::spawn(move || read_all(errors)),
        }
    }

    /// Runs one round and gives its answer; `None` if the process ended with the round.
    fn ask(&mut self, seed: u64) -> Option<String> {
        writeln!(self.seeds, "{seed}").ok()?;
        loop {
            let mut line = String::new();
            if self.answers.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(answer) = line.strip_prefix(ANSWER) {
                return Some(answer.trim_end().to_owned());
            }
        }
    }

    /// The process's exit status and the last lines that it printed.
    fn last_words(mut self) -> String {
        drop(self.seeds);
        let words = self.errors.join().unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        let status = self.process.wait().map(|status| status.to_string());
        format!("the process ended ({status:?}), and printed: {words}")
    }
}

impl Child {
    pub fn new(test: &str) -> Self {
        Self {
            test: test.to_owned(),
            running: None,
        }
    }

    pub fn round(&mut self, seed: u64) -> Result<(), String> {
        let running = self
            .running
            .get_or_insert_with(|| Running::start(&self.test));
        match running.ask(seed) {
            Some(hole) if hole.is_empty() => Ok(()),
            Some(hole) => Err(hole),
            None => Err(self
                .running
                .take()
                .map(Running::last_words)
                .unwrap_or_default()),
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _words = running.last_words();
        }
    }
}
