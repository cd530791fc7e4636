//! The examples, built as users build them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of an example, which is built if necessary: `cargo test` builds the examples before all tests, but `cargo
/// test --test examples` leaves them missing or old.
pub(crate) fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    let test = env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let program = folder.join("examples").join(name);
    let file = program.with_extension(env::consts::EXE_EXTENSION);
    if !is_current(&file, &program.with_extension("d")) {
        BUILT.get_or_init(|| build_examples(folder));
    }
    file
}

/// Whether the file is newer than all files that it was made of, which Cargo lists in `sources`, as a rule of make.
/// (Asking Cargo itself would rebuild everything if other packages with other features of the common dependencies had
/// been built along.)
fn is_current(file: &Path, sources: &Path) -> bool {
    let changed = |file: &Path| file.metadata().and_then(|file| file.modified()).ok();
    let (Some(built), Ok(rule)) = (changed(file), fs::read_to_string(sources)) else {
        return false;
    };
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.parent().unwrap();
    let (_, made_of) = rule.split_once(": ").unwrap_or_default();
    let made_of = made_of.replace("\\ ", "\0");
    let made_of = made_of
        .split_whitespace()
        .map(|file| PathBuf::from(file.replace('\0', " ")));
    // A copied target folder names the files of another checkout.
    made_of
        .chain(["Cargo.toml", "Cargo.lock", "examples/Cargo.toml"].map(|file| root.join(file)))
        .all(|source| {
            source.starts_with(root) && changed(&source).is_some_and(|source| source <= built)
        })
}

/// Builds the examples into `folder`, the folder of the profile in the target folder.
fn build_examples(folder: &Path) {
    let profile = folder.file_name().unwrap();
    let profile = if profile == "debug" {
        "dev".as_ref()
    } else {
        profile
    };
    let output = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--package=cogen-examples", "--examples"])
        .args(["--no-default-features", "--features", &features()])
        .arg("--target-dir")
        .arg(folder.parent().unwrap())
        .arg("--profile")
        .arg(profile)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the examples do not build:\n{log}");
}

/// The features that this program was built with: with others, the examples would be built again, and those that need a
/// feature would be left out.
fn features() -> String {
    let features = [
        ("aio", cfg!(feature = "aio")),
        ("tokio", cfg!(feature = "tokio")),
    ];
    let on = features.iter().filter(|(_, on)| *on);
    on.map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}
