//! Finds out whether `Infallible` is the type `!`, as it is with newer compilers: an impl for each would
//! be two of the same then. Nothing else tells the two kinds of compiler apart: not their version, as the
//! change is not settled.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Compiles only if the two are one type.
const PROBE: &str = "
    #![no_std]
    pub trait Never {}
    impl Never for fn() -> ! {}
    pub fn never<T: Never>() {}
    pub fn probe() {
        never::<fn() -> core::convert::Infallible>();
    }
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(infallible_is_never)");
    // A compiler that cannot be asked is taken for one of today's.
    if matches!(compiles(PROBE), Ok(true)) {
        println!("cargo::rustc-cfg=infallible_is_never");
    }
}

fn compiles(program: &str) -> io::Result<bool> {
    let variable = |name| env::var_os(name).ok_or(io::ErrorKind::NotFound);
    let folder = PathBuf::from(variable("OUT_DIR")?);
    let source = folder.join("probe.rs");
    fs::write(&source, program)?;
    let status = Command::new(variable("RUSTC")?)
        .args(["--edition=2024", "--crate-type=lib", "--emit=metadata"])
        .arg("--target")
        .arg(variable("TARGET")?)
        .arg("--out-dir")
        .arg(&folder)
        .arg(&source)
        .stderr(Stdio::null())
        .status()?;
    Ok(status.success())
}
