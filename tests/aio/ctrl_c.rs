//! Ctrl-c, in a process of its own: this test binary, which runs one test again.

use cogen::aio::{self, Error, Queue, Signal, sleep};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const CHILD: &str = "COGEN_TEST_CTRL_C";

fn spawn(mode: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "ctrl_c::child", "--nocapture"])
        .env(CHILD, mode)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    (child, lines)
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

/// Reads to the line that ends with `text`.
fn wait_for(lines: &mut BufReader<ChildStdout>, text: &str) {
    let mut line = String::new();
    while lines.read_line(&mut line).unwrap() > 0 {
        if line.trim_end().ends_with(text) {
            return;
        }
        line.clear();
    }
    panic!("no line {text:?}");
}

/// Sends a signal to this process.
fn raise(signal: &str) {
    let id = std::process::id().to_string();
    let killed = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(killed.success());
}

/// What the other tests run in a process of its own.
#[test]
fn child() {
    let Ok(mode) = std::env::var(CHILD) else {
        return;
    };
    match &*mode {
        "handler" => handler(),
        "removed" => removed(),
        "switch" => switch(),
        "main" => main_and_another(),
        "cancelled" => cancelled_before(),
        "each" => each_signal(),
        _ => cleans_up(&mode),
    }
}

fn cleans_up(mode: &str) {
    let outcome = aio::run(async {
        let work = async {
            println!("\nstarted");
            sleep(HOUR).await;
        };
        aio::finally(work, async {
            println!("\ncleaning up");
            if mode == "stubborn" {
                sleep(HOUR).await;
            }
        })
        .await;
    });
    println!("\nended {}", matches!(outcome, Err(Error::Interrupted)));
}

/// A handler of ctrl-c is called each time, in the place of the cancel of main, and may use the loop.
fn handler() {
    let outcome = aio::run(async {
        let pressed = Rc::new(Queue::new(0));
        aio::add_signal_handler(Signal::SIGINT, || unreachable!("it is replaced"))?;
        let put = pressed.clone();
        aio::add_signal_handler(Signal::SIGINT, move || {
            put.put_nowait(aio::all_tasks().len()).unwrap();
        })?;
        for _ in 0..3 {
            raise("-INT");
            assert_eq!(pressed.get().await?, 1);
        }
        aio::ok("shut down in order")
    });
    println!("\nended {}", outcome.unwrap());
}

/// Without its handler, ctrl-c cancels main, and other signals do what they do.
fn removed() {
    let outcome = aio::run(async {
        aio::add_signal_handler(Signal::SIGINT, || unreachable!("it is removed"))?;
        assert!(aio::remove_signal_handler(Signal::SIGINT));
        assert!(!aio::remove_signal_handler(Signal::SIGINT));
        raise("-INT");
        sleep(HOUR).await;
        aio::ok(())
    });
    println!("\nended {}", matches!(outcome, Err(Error::Interrupted)));
    let end = aio::run(async { aio::add_signal_handler(Signal::SIGTERM, || ()) });
    end.unwrap();
    println!("\nthe handler is gone with its loop");
    raise("-TERM");
    loop {
        std::thread::park();
    }
}

/// The program has a handler of its own, of which the loop is told nothing.
fn switch() {
    let (told, heard) = std::sync::mpsc::channel();
    let mut signals = signal_hook::iterator::Signals::new([2]).unwrap();
    std::thread::spawn(move || signals.forever().for_each(|_| told.send(()).unwrap()));
    let wait = || async {
        raise("-INT");
        let heard = heard.recv();
        sleep(Duration::ZERO).await;
        aio::ok(heard.is_ok())
    };
    let options = aio::RunOptions::new().ctrl_c(false);
    assert!(options.run(wait()).unwrap());
    let mut runner = options.runner().unwrap();
    assert!(runner.run(wait()).unwrap());
    assert!(runner.run(wait()).unwrap());
    println!("\nended");
}

/// Of two loops, that of the thread `main` is interrupted, although the other one began later.
fn main_and_another() {
    let main = std::thread::Builder::new().name("main".to_owned());
    let main = main.spawn(|| {
        aio::run(async {
            let (begun, begins) = std::sync::mpsc::channel();
            let other = std::thread::spawn(move || {
                aio::run(async move {
                    begun.send(aio::loop_handle()).unwrap();
                    let end = Rc::new(aio::Event::new());
                    END.set(Some(end.clone()));
                    end.wait().await;
                    aio::ok("ran to its end")
                })
            });
            let handle = begins.recv()?;
            raise("-INT");
            let caught = aio::catch_cancelled(sleep(HOUR)).await;
            assert!(caught.is_err());
            handle.call_soon_threadsafe(|| END.take().unwrap().set())?;
            aio::ok(other.join().unwrap())
        })
    });
    println!(
        "\nended {}",
        main.unwrap().join().unwrap().unwrap().unwrap()
    );
}

thread_local! {
    static END: std::cell::Cell<Option<Rc<aio::Event>>> = const { std::cell::Cell::new(None) };
}

/// Ctrl-c and another cancel of main, in both orders: it is cancelled. One alone is an interrupt.
fn cancelled_before() {
    for (before, after) in [(true, false), (false, true), (false, false)] {
        let outcome = aio::run(async {
            let main = aio::current_task().unwrap();
            let came = aio::finally(
                async {
                    if before {
                        main.cancel();
                    }
                    raise("-INT");
                    sleep(HOUR).await;
                },
                async {
                    // Until ctrl-c has come.
                    while main.cancelling() < 1 + u32::from(before) {
                        aio::to_thread(std::thread::yield_now).await.unwrap();
                    }
                    if after {
                        main.cancel();
                    }
                },
            );
            came.await;
        });
        let interrupted = matches!(outcome, Err(Error::Interrupted));
        assert_eq!(interrupted, !before && !after, "{outcome:?}");
        assert!(interrupted || outcome.unwrap_err().is_cancelled());
    }
    println!("\nended");
}

fn each_signal() {
    aio::run(async {
        let (signals, count) = (
            [
                Signal::SIGHUP,
                Signal::SIGUSR1,
                Signal::SIGUSR2,
                Signal::SIGTERM,
            ],
            Rc::new(Queue::new(0)),
        );
        for signal in signals {
            let count = count.clone();
            aio::add_signal_handler(signal, move || count.put_nowait(signal).unwrap())?;
        }
        for signal in signals {
            raise(&format!("-{}", signal.number()));
            assert_eq!(count.get().await?, signal);
        }
        for none in [Signal::SIGKILL, Signal::SIGSTOP, 0.into(), 4711.into()] {
            assert!(aio::add_signal_handler(none, || ()).is_err(), "{none:?}");
        }
        aio::ok(())
    })
    .unwrap();
    println!("\nended");
}

fn ends(mode: &str, text: &str) {
    let (mut child, mut lines) = spawn(mode);
    wait_for(&mut lines, text);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_handler_has_it_in_the_place_of_main() {
    ends("handler", "ended shut down in order");
}

#[test]
fn without_its_handler_a_signal_does_what_it_did() {
    let (mut child, mut lines) = spawn("removed");
    wait_for(&mut lines, "ended true");
    wait_for(&mut lines, "the handler is gone with its loop");
    assert_eq!(child.wait().unwrap().signal(), Some(15));
}

#[test]
fn the_switch_leaves_it_to_the_program() {
    ends("switch", "ended");
}

#[test]
fn the_loop_of_the_main_thread_has_it() {
    ends("main", "ended ran to its end");
}

#[test]
fn a_main_that_was_cancelled_as_well_is_cancelled() {
    ends("cancelled", "ended");
}

#[test]
fn each_signal_has_its_handler() {
    ends("each", "ended");
}

#[test]
fn the_first_one_cancels_main() {
    let (mut child, mut lines) = spawn("clean");
    wait_for(&mut lines, "started");
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    wait_for(&mut lines, "ended true");
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_second_one_kills() {
    let (mut child, mut lines) = spawn("stubborn");
    wait_for(&mut lines, "started");
    interrupt(&child);
    wait_for(&mut lines, "cleaning up");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().signal(), Some(2));
}
