//! Which files of a directory are searched.

use crate::inputs::Inputs;
use crate::ran::assert_ran;

fn tree() -> Inputs {
    let inputs = Inputs::new();
    inputs.write("tree/.gitignore", b"*.log\nbuild/\n");
    for name in [
        "a.log",
        "a.txt",
        "build/out",
        ".hidden",
        "deep/b.log",
        "deep/b.txt",
    ] {
        inputs.write(&format!("tree/{name}"), b"abc\n");
    }
    inputs
}

#[test]
fn hidden_and_ignored_files_are_skipped() {
    let names = "tree/a.txt\ntree/deep/b.txt\n";
    assert_ran(&tree().grep(&["-l", "abc", "tree"]), names, "", 0);
}

#[test]
fn no_ignore_searches_them() {
    let names = "\
tree/.hidden
tree/a.log
tree/a.txt
tree/build/out
tree/deep/b.log
tree/deep/b.txt
";
    assert_ran(
        &tree().grep(&["--no-ignore", "-l", "abc", "tree"]),
        names,
        "",
        0,
    );
}

#[test]
fn a_file_that_is_asked_for_is_searched() {
    assert_ran(&tree().grep(&["abc", "tree/a.log"]), "abc\n", "", 0);
}
