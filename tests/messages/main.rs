//! What the compiler, and the crate, say to the usual mistakes: the words lead to what to write.
//!
//! The compiler's are recorded in `programs/*.stderr` for one version of the compiler, as each words them anew; others skip the
//! test. `TRYBUILD=overwrite cargo test --test messages` records.

use std::panic::catch_unwind;
use std::process::Command;

use cogen::{Co, Generator, generator};

/// The compiler whose words are recorded.
///
/// Bodies in the programs are named functions: the type of an `async` block is printed with the path of its file, and cut short
/// where that is long.
const RECORDED: &str = "rustc 1.95.";

#[test]
fn mistakes_lead_to_the_mend() {
    let rustc = Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    if !version.starts_with(RECORDED) {
        println!("SKIPPED: the messages are those of {RECORDED}x, and this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/messages/programs/*.rs");
}

#[test]
fn a_forgotten_start_names_the_call() {
    let mut g = generator(|co: Co<'_, u32, u32>| async move { co.yield_(1).await }).boxed();
    let error = g.send(3).unwrap_err();
    assert_eq!(
        error.to_string(),
        "can't send non-None value to a just-started generator: begin with `start`"
    );
}

#[test]
fn a_yield_of_another_body_says_whose_handle_it_has() {
    let panicked = catch_unwind(|| {
        let mut outer = generator(|outer: Co<'_, u32>| async move {
            let mut inner =
                generator(|_: Co<'_, u32>| async move { outer.yield_(1).await }).boxed();
            let _ = inner.next();
        })
        .boxed();
        let _ = outer.next();
    });
    let message = panicked.unwrap_err().downcast::<String>().unwrap();
    for part in [
        file!(),
        "where its generator is not running",
        "use the `co` of the body that is running",
    ] {
        assert!(message.contains(part), "{message}");
    }
}
