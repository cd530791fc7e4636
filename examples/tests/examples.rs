//! The examples, run as users run them.

#[path = "examples/example.rs"]
mod example;
#[path = "examples/grep.rs"]
mod grep;
#[cfg(feature = "aio")]
#[path = "examples/guide.rs"]
mod guide;
#[path = "../../tests/support/ran.rs"]
mod ran;
#[cfg(feature = "aio")]
#[path = "examples/tutorial.rs"]
mod tutorial;

mod producer_consumer {
    use std::process::Command;

    use crate::example::example;
    use crate::ran::{Ran, assert_ran};

    fn run(arguments: &[&str]) -> Ran {
        Command::new(example("producer_consumer"))
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    const TRANSCRIPT: &str = "\
[PRODUCER] Producing 1...
[CONSUMER] Consuming 1...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 2...
[CONSUMER] Consuming 2...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 3...
[CONSUMER] Consuming 3...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 4...
[CONSUMER] Consuming 4...
[PRODUCER] Consumer return: OK
[PRODUCER] Producing 5...
[CONSUMER] Consuming 5...
[PRODUCER] Consumer return: OK
";

    #[test]
    fn prints_the_tutorials_transcript() {
        assert_ran(&run(&[]), TRANSCRIPT, "", 0);
    }

    #[test]
    fn a_count_says_how_many() {
        let two: String = TRANSCRIPT.split_inclusive('\n').take(6).collect();
        assert_ran(&run(&["2"]), &two, "", 0);
        assert_ran(&run(&["0"]), "", "", 0);
    }

    #[test]
    fn a_bad_count_is_refused() {
        for bad in ["x", "", "-1", "2.5", "99999999999"] {
            let message =
                format!("producer_consumer: the count must be a whole number, not {bad:?}\n");
            assert_ran(&run(&[bad]), "", &message, 2);
        }
    }
}

mod tree_walk {
    use std::process::Command;

    use crate::example::example;
    use crate::ran::{Ran, assert_ran};

    fn run(arguments: &[&str]) -> Ran {
        Command::new(example("tree_walk"))
            .args(arguments)
            .output()
            .unwrap()
            .into()
    }

    #[test]
    fn a_million_levels_are_walked_and_dropped() {
        let transcript = "\
[1, 2, 3]
1000000 levels deep, the sum is 500000500000
dropped at Some(1), with all levels suspended
";
        assert_ran(&run(&[]), transcript, "", 0);
    }

    #[test]
    fn a_depth_may_be_given() {
        let transcript = "\
[1, 2, 3]
3 levels deep, the sum is 6
dropped at Some(1), with all levels suspended
";
        assert_ran(&run(&["3"]), transcript, "", 0);
        let message = "tree_walk: the depth must be a whole number, 1 or more\n";
        for bad in ["0", "x", "-1"] {
            assert_ran(&run(&[bad]), "", message, 2);
        }
    }
}

#[cfg(feature = "tokio")]
mod sans_io {
    use std::process::Command;

    use crate::example::example;
    use crate::ran::{Ran, assert_ran};

    const TRANSCRIPT: &str = "\
> PING
PONG
> SET language Rust
OK
> GET language
\"Rust\"
> GET nothing
(nil)
> DEL language nothing
(integer) 1
> SET only-a-key
(error) ERR wrong number of arguments for 'set' command
> FLY
(error) ERR unknown command 'FLY'
> QUIT
OK
";

    #[test]
    fn three_drives_print_the_same_transcript() {
        let drives = ["in memory", "blocking, over std::net", "async, over tokio"];
        let expected = drives
            .map(|drive| format!("{drive}:\n{TRANSCRIPT}"))
            .concat();
        let ran: Ran = Command::new(example("sans_io")).output().unwrap().into();
        assert_ran(&ran, &expected, "", 0);
    }
}

mod log_filter {
    use std::io::{Read as _, Write as _};
    use std::process::{Command, Stdio};

    use crate::example::example;
    use crate::ran::{Ran, assert_ran};

    const LOG: &str = "\
10:00:01 info net up
10:00:01 warn net slow answer
no record
10:00:02 error db gone away
10:00:02 loud db what is this
10:00:02 warn net slow answer
";

    fn run(arguments: &[&str], log: &str) -> Ran {
        let mut child = Command::new(example("log_filter"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(log.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap().into()
    }

    #[test]
    fn keeps_what_matters_counts_it_and_reports_what_is_no_record() {
        let ran = run(&[], LOG);
        let kept = "\
-- 10:00:01
WARN net: slow answer
-- 10:00:02
ERROR db: gone away
WARN net: slow answer
";
        let said = "\
log_filter: line 3: expected TIME LEVEL TARGET MESSAGE
log_filter: line 5: unknown level \"loud\": use trace, debug, info, warn or error
       1 db
       2 net
";
        assert_ran(&ran, kept, said, 1);
    }

    #[test]
    fn a_level_says_what_matters() {
        let ran = run(&["error"], "9 info a b\n9 error a b\n");
        assert_ran(&ran, "-- 9\nERROR a: b\n", "       1 a\n", 0);
        assert_ran(&run(&["trace"], ""), "", "", 0);
    }

    #[test]
    fn what_is_no_text_is_reported_and_the_rest_goes_on() {
        let mut child = Command::new(example("log_filter"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = b"9 warn a b\n9 warn \xe9 b\n9 warn a c\n";
        child.stdin.take().unwrap().write_all(log).unwrap();
        let ran = child.wait_with_output().unwrap().into();
        let said = "log_filter: line 2: not UTF-8\n       2 a\n";
        assert_ran(&ran, "-- 9\nWARN a: b\nWARN a: c\n", said, 1);
    }

    #[test]
    fn a_bad_level_is_refused() {
        let usage = "log_filter: usage: log_filter [LEVEL]\n";
        assert_ran(&run(&["info", "more"], ""), "", usage, 2);
        let message = "log_filter: unknown level \"high\": use trace, debug, info, warn or error\n";
        assert_ran(&run(&["high"], ""), "", message, 2);
    }

    /// 5,000 lines.
    fn lines(start: &str) -> String {
        let lines: Vec<_> = (0..5000).map(|n| format!("{start}{n}\n")).collect();
        lines.concat()
    }

    /// More than one batch, with the last one flushed at the end.
    #[test]
    fn a_long_log_comes_out_whole() {
        let log = lines("9 warn t ");
        let kept = lines("WARN t: ");
        assert_ran(&run(&[], &log), &format!("-- 9\n{kept}"), "    5000 t\n", 0);
    }

    #[test]
    fn a_closed_pipe_ends_it_quietly() {
        let mut child = Command::new(example("log_filter"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let log = lines("9 warn t ");
        // The program may have ended before it has read everything.
        let _broken = child.stdin.take().unwrap().write_all(log.as_bytes());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(said, "");
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
}
