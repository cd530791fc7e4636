//! The tutorial's asyncio programs, compared with CPython's output.

use std::process::Command;

use crate::example::example;
use crate::ran::{Ran, assert_ran};

fn run(name: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(example(name));
    command.args(arguments).output().unwrap().into()
}

mod asyncio_basics {
    use super::{assert_ran, run};

    const FOUR: &str = "\
Coro a is running
Coro b is running
Coro b is done
Coro a is done
";

    const FAILED: &str = "\
Coro a is running
Coro c is running
Task Task-3 exception: Coro c failed
";

    /// What each of the programs prints.
    fn transcripts() -> [(&'static str, String); 8] {
        let three = FOUR.replace("Coro a is done\n", "");
        let alone = "Coro a is running\nCoro a is done\n".to_owned();
        let a = "Task Task-2 result: A\n";
        let b = "Task Task-3 result: B\n";
        [
            ("gather", format!("{FOUR}A B\n")),
            ("wait_all_completed", format!("{FOUR}{a}{b}")),
            ("wait_first_completed", format!("{three}{b}")),
            ("wait_first_exception", FAILED.to_owned()),
            ("tasks", FOUR.to_owned()),
            ("futures", FOUR.to_owned()),
            ("cancel", alone),
            ("shield", FOUR.to_owned()),
        ]
    }

    #[test]
    fn each_program_prints_its_transcript() {
        for (program, transcript) in transcripts() {
            let ran = run("asyncio_basics", &["--virtual", program]);
            assert_ran(&ran, &transcript, "", 0);
        }
    }

    #[test]
    fn all_of_them_run_in_turn() {
        let all = transcripts().map(|(program, transcript)| format!("{program}:\n{transcript}"));
        assert_ran(&run("asyncio_basics", &["--virtual"]), &all.concat(), "", 0);
    }

    #[test]
    fn they_run_on_the_real_clock() {
        assert_ran(&run("asyncio_basics", &["tasks"]), FOUR, "", 0);
    }

    #[test]
    fn a_program_that_is_not_there_is_refused() {
        let ran = run("asyncio_basics", &["gathers"]);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", Some(2)));
        let usage = "asyncio_basics: usage: asyncio_basics [--virtual] [gather|wait_all_completed|";
        assert!(ran.stderr.starts_with(usage), "{}", ran.stderr);
    }
}

mod context_manager {
    use super::{assert_ran, run};

    #[test]
    fn prints_the_tutorials_transcript() {
        let transcript = "\
Entering async context
Inside async context: resource
Exiting async context
";
        assert_ran(&run("context_manager", &[]), transcript, "", 0);
    }

    #[test]
    fn an_error_inside_comes_after_the_exit() {
        let entered = "Entering async context\nExiting async context\n";
        let error = "context_manager: broken inside\n";
        assert_ran(&run("context_manager", &["fail"]), entered, error, 1);
        let usage = "context_manager: usage: context_manager [fail]\n";
        assert_ran(&run("context_manager", &["x"]), "", usage, 2);
    }
}

#[test]
fn decorators_print_the_tutorials_transcripts() {
    let transcript = "\
Starting asynchronous operation...
my_function completed.
Asynchronous operation completed:  Hello, world!
Starting asynchronous operation with Parameter 1 and Parameter 2...
my_function completed.
Asynchronous operation completed:  Hello, world!
";
    assert_ran(&run("decorators", &[]), transcript, "", 0);
}

#[test]
fn callbacks_print_the_tutorials_transcript() {
    assert_ran(&run("callbacks", &[]), "Result: A, 1\n", "", 0);
}

/// A busy machine may take longer once, not three times.
#[test]
fn a_blocking_call_and_a_coroutine_take_one_second_together() {
    let cost = || {
        let ran = run("blocking", &[]);
        let stars = "*".repeat(20);
        let seconds = ran.stdout.strip_prefix(&format!("{stars}\nc1 Cost: "));
        let seconds: f64 = seconds.unwrap().trim_end().parse().unwrap();
        assert_eq!((ran.stderr.as_str(), ran.code), ("", Some(0)));
        assert!(seconds >= 1.0, "{seconds}");
        seconds
    };
    assert!((0..3).any(|_| cost() < 2.0), "one after the other");
}
