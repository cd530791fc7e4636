//! What the compiler says to the usual mistakes: its words lead to what to write.
//!
//! They are recorded in `programs/*.stderr` for one version of the compiler, as each words them anew; others skip the
//! test. `TRYBUILD=overwrite cargo test --test messages` records.

use std::process::Command;

/// The compiler whose words are recorded.
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
