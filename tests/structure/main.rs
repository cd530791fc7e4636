//! The imports of `src` run one way: no files or folders form a circle, no import goes against their order, and each
//! import names its source.
//!
//! `cargo test --test structure -- --ignored --nocapture` prints the numbers; `COGEN_SOURCE` names another source
//! folder.

mod allowed;
mod circle;
mod made_up;
mod read;
mod rules;
mod token;
mod tree;

use allowed::{ALLOWED, Allowed};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tree::{Import, Tree};

/// The files under test, and their imports.
fn tree() -> &'static (Tree, Vec<Import>) {
    static TREE: OnceLock<(Tree, Vec<Import>)> = OnceLock::new();
    TREE.get_or_init(|| {
        let here = || Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let tree = Tree::load(&env::var_os("COGEN_SOURCE").map_or_else(here, PathBuf::from));
        let imports = tree.imports();
        (tree, imports)
    })
}

#[test]
fn imports_run_one_way() {
    let (tree, imports) = tree();
    let allowed: Vec<&Allowed> = ALLOWED.iter().collect();
    let found = rules::not_one_way(tree, imports, &allowed);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_file_has_its_place() {
    let without = rules::without_place(&tree().0);
    assert!(
        without.is_empty(),
        "not in the order of tests/structure/rules.rs: {without:?}"
    );
}

#[test]
fn what_is_allowed_is_needed() {
    let (tree, imports) = tree();
    let not_needed = rules::not_needed(tree, imports, ALLOWED);
    assert!(
        not_needed.is_empty(),
        "to be taken out of tests/structure/allowed.rs: {not_needed:#?}"
    );
    assert!(ALLOWED.iter().all(|entry| !entry.why.is_empty()));
}

/// Such as `crate::Exception` for `crate::frame::Exception`.
#[test]
fn imports_do_not_go_through_the_root() {
    let (tree, imports) = tree();
    none(tree, &rules::through_root(tree, imports));
}

#[test]
fn imports_do_not_go_up_by_super_super() {
    let (tree, imports) = tree();
    none(tree, &rules::super_super(imports));
}

fn none(tree: &Tree, imports: &[&Import]) {
    let shown: Vec<String> = imports.iter().map(|import| tree.show(import)).collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}

#[test]
#[ignore = "prints, for those who ask"]
fn numbers() {
    let (tree, imports) = tree();
    let pairs: BTreeSet<_> = imports
        .iter()
        .map(|import| (import.from, import.to))
        .collect();
    println!(
        "{} files, {} imports of one by another",
        tree.files.len(),
        pairs.len()
    );
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &tree.files {
        let place = if file.folder().is_empty() {
            &file.name
        } else {
            file.folder()
        };
        *lines.entry(place).or_default() += file.lines;
    }
    for (place, lines) in lines {
        println!("{lines:6} lines in {place}");
    }
    println!("all imports:");
    print_circles(tree, imports);
    println!("all imports but those of tests/structure/allowed.rs:");
    print_circles(
        tree,
        &rules::not_allowed(tree, imports, &ALLOWED.iter().collect::<Vec<_>>()),
    );
    let against = rules::against_order(tree, imports);
    let first_of_each: BTreeMap<_, _> = against
        .iter()
        .rev()
        .map(|import| ((import.from, import.to), import))
        .collect();
    println!(
        "{} imports against the order of modules",
        first_of_each.len()
    );
    for import in first_of_each.into_values() {
        println!("  {}", tree.show(import));
    }
    println!(
        "{} imports through lib.rs",
        rules::through_root(tree, imports).len()
    );
    println!(
        "{} imports by super::super",
        rules::super_super(imports).len()
    );
}

fn print_circles(tree: &Tree, imports: &[Import]) {
    let circles = circle::of_files(tree, imports);
    let files: usize = circles.iter().map(BTreeSet::len).sum();
    println!("  {files} files in {} circles", circles.len());
    for circle in circles {
        println!("    {}: {circle:?}", circle.len());
    }
    for circle in circle::of_folders(tree, imports) {
        println!("    a circle with folders: {circle:?}");
    }
}
