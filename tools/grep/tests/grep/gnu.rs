//! `cogen-grep` against the system's GNU grep, byte for byte.
//!
//! By default about a quarter of the cases is run, always the same ones; each option, each set of files and each family
//! occurs among them. `COGEN_GREP_ALL=1` runs all cases.

mod table;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::inputs::{Call, Inputs};
use crate::random::Random;
use table::{OPTIONS, SETS};

const LOCALES: [&str; 2] = ["C", UTF8];

const UTF8: &str = "C.UTF-8";

const SEED: u64 = 20_240;

#[test]
fn does_what_gnu_grep_does() {
    let version = Command::new("grep").arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(b"grep (GNU grep)")) {
        say("SKIPPED: this system has no GNU grep to compare with");
        return;
    }
    let share = if all() { "all" } else { "a sample" };
    say(&format!("{share}; random cases have the seed {SEED}"));
    let inputs = Inputs::generated();
    inputs.write("patterns", b"abc\n^x\n");
    let comparisons = [
        compare(&inputs, &tables()),
        compare(&inputs, &random_cases(&inputs)),
        compare(&inputs, &own_tree()),
        compare(&inputs, &directories(&inputs)),
        compare(&inputs, &large_files(&inputs)),
    ];
    let count: usize = comparisons.iter().sum();
    say(&format!("{count} comparisons with GNU grep"));
    assert!(count >= if all() { 4_000 } else { 1_000 });
}

fn all() -> bool {
    env::var_os("COGEN_GREP_ALL").is_some_and(|value| value != "0")
}

/// Whether the case at `position` is run: one in `every` is. Adding the positions in two tables selects from their
/// product some cases of each row and each column.
fn is_run(position: usize, every: usize) -> bool {
    all() || position % every == 0
}

/// Prints even if the test passes: only the output of macros is captured.
fn say(words: &str) {
    let mut stdout = io::stdout();
    writeln!(stdout, "grep: {words}").unwrap();
}

/// The same call for both greps.
struct Case {
    ours: Call,
    theirs: Call,
}

impl Case {
    fn same(call: Call) -> Self {
        Self {
            ours: call.clone(),
            theirs: call,
        }
    }
}

/// All options with all sets of files.
fn tables() -> Vec<Case> {
    let mut cases = Vec::new();
    for (row, options) in OPTIONS.iter().enumerate() {
        for (column, files) in SETS.iter().enumerate() {
            // `-r` alone would search a directory, and GNU grep has no `-j`.
            if files.is_empty() && options[0].eq_ignore_ascii_case("-r") {
                continue;
            }
            // Large files take long: every third row is enough, in one locale.
            let large = files.contains(&"long") || files.contains(&"short");
            if large && row % 3 != 0 {
                continue;
            }
            let locales = LOCALES.iter().enumerate().skip(usize::from(large));
            for (layer, locale) in locales {
                if !is_run(row + column + 2 * layer, 4) {
                    continue;
                }
                if *locale == UTF8 && around_lines_that_are_no_text(options, files) {
                    continue;
                }
                let mut call = Call::new(options.iter().chain(*files));
                call.stdin = b"abc on standard input\nab\n".to_vec();
                call.locale = locale;
                let mut theirs = call.clone();
                theirs.arguments.retain(|argument| argument != "-j2");
                cases.push(Case { ours: call, theirs });
            }
        }
    }
    cases
}

/// When a line is not text, GNU grep continues the context from where it last printed something: it leaves out lines
/// that are text, and prints some that are far away.
fn around_lines_that_are_no_text(options: &[&str], files: &[&str]) -> bool {
    let context = ["-A", "-B", "-C", "--after", "--before", "--context"];
    let has_context = |option: &&str| context.iter().any(|start| option.starts_with(start));
    files.contains(&"latin1") && options.iter().any(has_context)
}

/// Random patterns and options, on small texts.
fn random_cases(inputs: &Inputs) -> Vec<Case> {
    let mut random = Random::new(SEED);
    for file in 0..12 {
        let text = random.lines(30, b"aaabbcc _-AB");
        inputs.write(&format!("random{file}"), text.as_bytes());
    }
    let count = if all() { 1_500 } else { 300 };
    (0..count).map(|_| random_case(&mut random)).collect()
}

fn random_case(random: &mut Random) -> Case {
    let mut arguments: Vec<OsString> = Vec::new();
    arguments.extend(random.options().iter().map(OsString::from));
    if random.below(10) == 0 {
        arguments.push("-F".into());
    }
    for _ in 0..random.within(1..3) {
        let pattern = random.pattern();
        arguments.extend(["-e".into(), pattern.into()]);
    }
    for _ in 0..random.within(1..4) {
        arguments.push(format!("random{}", random.below(12)).into());
    }
    let mut call = Call::new(arguments);
    call.locale = LOCALES[random.below(2)];
    Case::same(call)
}

/// Files that are searched in parts: text, text without a last newline, with a line that is longer than a part, and
/// with NUL bytes early, in the middle or late.
fn large_files(inputs: &Inputs) -> Vec<Case> {
    const LARGE: usize = 14 << 20;
    let mut random = Random::new(SEED);
    let block = random.lines(5_000, b"aaabbcc _-AB\xe9");
    let text = block
        .as_bytes()
        .iter()
        .copied()
        .cycle()
        .take(LARGE)
        .collect::<Vec<_>>();
    let mut long = text.clone();
    long[2 << 20..8 << 20].fill(b'c');
    inputs.write("large-long", &long);
    for (name, nul) in [("early", 100), ("middle", LARGE / 2), ("late", LARGE - 5)] {
        let mut binary = text.clone();
        binary[nul] = 0;
        inputs.write(&format!("large-{name}"), &binary);
    }
    inputs.write("large", &text);
    let options: [&[&str]; 9] = [
        &["-c", "ab"],
        &["-F", "aab"],
        &["-o", "b[^a]c"],
        &["-m", "700", "-i", "ca"],
        &["-l", "bcb"],
        &["-q", "no such line"],
        &["-w", "-H", "b"],
        &["-c", "-v", "a"],
        &["-n", "cccc"],
    ];
    let mut cases = Vec::new();
    let files = [
        "large",
        "large-long",
        "large-early",
        "large-middle",
        "large-late",
    ];
    for (row, file) in files.iter().enumerate() {
        for (column, options) in options.iter().enumerate() {
            if !is_run(row + column, 3) {
                continue;
            }
            let theirs = Call::new(options.iter().chain([file]));
            let ours = Call::new(["-j2"].iter().chain(*options).chain([file]));
            cases.push(Case { ours, theirs });
        }
    }
    cases
}

/// The files of this repository.
fn own_tree() -> Vec<Case> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = package.ancestors().nth(2).unwrap();
    let folders = ["src", "examples", "tests", "tools", "docs"];
    let files: Vec<_> = folders
        .iter()
        .flat_map(|folder| files_in(&root.join(folder)))
        .collect();
    let options: [&[&str]; 12] = [
        &["-n", "fn [a-z_]+"],
        &["-o", "-n", r"\w+!"],
        &["-c", "co"],
        &["-l", "unsafe"],
        &["-w", "-i", "self"],
        &["-C2", "-n", "GeneratorExit"],
        &["-v", "-c", "^ *//"],
        &["-x", "}"],
        &["-F", "-n", "Ok(())"],
        &["--color=always", "-i", "yield|generator"],
        &["-h", "-o", "-w", "[a-z]{12,}"],
        &["-m3", "-A1", "pub"],
    ];
    let mut cases = Vec::new();
    for (row, options) in options.iter().enumerate() {
        for (column, locale) in LOCALES.into_iter().enumerate() {
            if !is_run(row + column, 2) {
                continue;
            }
            let options = options.iter().map(OsString::from);
            let mut call = Call::new(options.chain(files.iter().map(OsString::from)));
            call.locale = locale;
            cases.push(Case::same(call));
        }
    }
    cases
}

/// Directories. GNU grep searches them in the order of the file system, so it is given their files instead.
fn directories(inputs: &Inputs) -> Vec<Case> {
    for name in ["z", "a", "m/deep/er", "m/b", "m-1", "nul"] {
        inputs.write(
            &format!("tree/{name}"),
            format!("abc in {name}\nab\n").as_bytes(),
        );
    }
    inputs.write("tree/m/nul", b"abc\0");
    let files = files_in(&inputs.path().join("tree"));
    let relative = |path: &OsString| Path::new(path).strip_prefix(inputs.path()).unwrap().into();
    let files: Vec<OsString> = files.iter().map(relative).collect();
    let options: [&[&str]; 6] = [
        &["abc"],
        &["-n", "a"],
        &["-c", "abc"],
        &["-l", "z"],
        &["-h", "a"],
        &["-C1", "in"],
    ];
    let case = |options: &&[&str]| Case {
        ours: Call::new(options.iter().chain(&["tree", "text"])),
        theirs: Call::new(
            options
                .iter()
                .map(OsString::from)
                .chain(files.iter().cloned())
                .chain(["text".into()]),
        ),
    };
    options.iter().map(case).collect()
}

/// All files in a directory, in the order of names.
fn files_in(folder: &Path) -> Vec<OsString> {
    let mut entries: Vec<_> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    let files = entries.into_iter().flat_map(|path| {
        if path.is_dir() {
            files_in(&path)
        } else {
            vec![path.into()]
        }
    });
    files.collect()
}

/// Runs all cases on two threads; returns how many there were.
fn compare(inputs: &Inputs, cases: &[Case]) -> usize {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut different = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            different.extend(difference(inputs, case));
        }
        different
    };
    let different = thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.map(|thread| thread.join().unwrap()).concat()
    });
    let shown = different.iter().take(40).cloned().collect::<String>();
    assert!(
        different.is_empty(),
        "{} of {} differ:\n{shown}",
        different.len(),
        cases.len()
    );
    cases.len()
}

fn difference(inputs: &Inputs, case: &Case) -> Option<String> {
    let ours = inputs.ours(&case.ours);
    let theirs = inputs.theirs(&case.theirs);
    if ours == theirs {
        return None;
    }
    let arguments = &case.ours.arguments;
    let arguments = &arguments[..arguments.len().min(20)];
    Some(format!(
        "{} grep {arguments:?}\n  ours:   {}\n  theirs: {}\n",
        case.ours.locale,
        show(&ours),
        show(&theirs)
    ))
}

/// The beginning of what was printed.
fn show(output: &Output) -> String {
    let start = |bytes: &[u8]| bytes[..bytes.len().min(300)].escape_ascii().to_string();
    format!(
        "{:?} {} bytes {} stderr {}",
        output.status.code(),
        output.stdout.len(),
        start(&output.stdout),
        start(&output.stderr)
    )
}
