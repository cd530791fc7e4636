//! Rounds in a process of their own: what they do may end it.
//!
//! The parent writes a seed, a line each, and reads how its round ended.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

const VARIABLE: &str = "COGEN_ATTACK_CHILD";
/// Begins the lines that are answers: the test's own output is between them.
const ANSWER: &str = "attack: ";

pub fn is_one() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Runs the rounds that it is told to.
pub fn run(mut round: impl FnMut(u64) -> Result<(), String>) {
    for line in std::io::stdin().lines() {
        let Some(seed) = line.ok().and_then(|line| line.parse().ok()) else {
            return;
        };
        let answer = round(seed).err().unwrap_or_default().replace('\n', " ");
        println!("\n{ANSWER}{answer}");
    }
}

/// The process of the rounds, or none yet.
pub struct Child {
    test: String,
    running: Option<Running>,
}

struct Running {
    process: std::process::Child,
    seeds: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Running {
    fn start(test: &str) -> Self {
        let program = env::current_exe().expect("a test knows its program");
        let shows = env::var_os("COGEN_ATTACK_SHOW").is_some();
        // What is not read would fill the pipe.
        let errors = if shows {
            Stdio::inherit()
        } else {
            Stdio::piped()
        };
        let mut process = Command::new(program)
            .args([test, "--exact", "--nocapture"])
            .env(VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("a test program starts");
        let seeds = process.stdin.take().expect("it is piped");
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        Self {
            process,
            seeds,
            answers,
        }
    }

    /// How the round ended; `None` if the process has ended with it.
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

    /// What it left to say.
    fn last_words(mut self) -> String {
        drop(self.seeds);
        let mut words = String::new();
        if let Some(mut errors) = self.process.stderr.take() {
            let mut bytes = Vec::new();
            let _read = errors.read_to_end(&mut bytes);
            words = String::from_utf8_lossy(&bytes).into_owned();
        }
        let status = self.process.wait().map(|status| status.to_string());
        format!("the process ended ({status:?}): {words}")
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
