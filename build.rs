//! Asks the compiler:
//!
//! - Whether `Infallible` is the type `!`, as in newer compilers: separate impls for both would then conflict. Only
//!   this tells the two kinds of compilers apart: their versions do not, because the change is not settled.
//! - Whether it has `core::hint::cold_path`, on which the speed of a resume depends. The oldest compiler that builds
//!   the crate does not have it.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Compiles only if `Infallible` and `!` are one type.
const INFALLIBLE_IS_NEVER: &str = "
    #![no_std]
    pub trait Never {}
    impl Never for fn() -> ! {}
    pub fn never<T: Never>() {}
    pub fn probe() {
        never::<fn() -> core::convert::Infallible>();
    }
";

const HAS_COLD_PATH: &str = "
    #![no_std]
    pub fn probe() {
        core::hint::cold_path();
    }
";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A compiler that cannot be asked counts as one that has neither.
    ask("infallible_is_never", INFALLIBLE_IS_NEVER);
    ask("has_cold_path", HAS_COLD_PATH);
}

fn ask(name: &str, probe: &str) {
    println!("cargo::rustc-check-cfg=cfg({name})");
    if matches!(compiles(probe), Ok(true)) {
        println!("cargo::rustc-cfg={name}");
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
