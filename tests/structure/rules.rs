//! The rules for imports.

use crate::allowed::Allowed;
use crate::circle;
use crate::tree::{Import, Tree};

/// The modules of the source, as paths. Each imports only from those before it. The rest of `aio` is its face.
const ORDER: &[&str] = &[
    "debug",
    "frame",
    "generator",
    "context",
    "adapt",
    "pipeline",
    "aio/core",
    "aio/scopes",
    "aio/waits",
    "aio/group",
    "aio/async_generator",
    "aio/context",
    "aio/sync",
    "aio/queue",
    "aio/threads",
    "aio/decorators",
    "aio/testing",
    "aio",
    "process",
    "guide",
    "doctests",
    "guide",
];

/// The imports from a module that comes after the importing one in the order.
pub(crate) fn against_order<'i>(tree: &Tree, imports: &'i [Import]) -> Vec<&'i Import> {
    // `lib.rs` comes after all modules.
    let place = |file: usize| place(&tree.files[file].module).unwrap_or(ORDER.len());
    imports
        .iter()
        .filter(|import| place(import.to) > place(import.from))
        .collect()
}

fn place(module: &[String]) -> Option<usize> {
    ORDER.iter().position(|name| {
        let mut name = name.split('/');
        module.iter().zip(name.by_ref()).all(|(a, b)| a == b) && name.next().is_none()
    })
}

/// The files in no module of the order, or in `aio` but in none of its modules.
pub(crate) fn without_place(tree: &Tree) -> Vec<&str> {
    let is_without = |module: &[String]| match place(module) {
        Some(place) => ORDER[place] == "aio" && module.len() > 1,
        None => !module.is_empty(),
    };
    let without = tree.files.iter().filter(|file| is_without(&file.module));
    without.map(|file| file.name.as_str()).collect()
}

/// The circles, and the imports against the order, except for those that are allowed.
pub(crate) fn not_one_way(tree: &Tree, imports: &[Import], allowed: &[&Allowed]) -> Vec<String> {
    let in_files: Vec<&Allowed> = allowed
        .iter()
        .copied()
        .filter(|entry| entry.in_files)
        .collect();
    let of_files = not_allowed(tree, imports, &in_files);
    let mut found = Vec::new();
    for import in against_order(tree, &of_files) {
        found.push(format!(
            "against the order of modules: {}",
            tree.show(import)
        ));
    }
    for circle in circle::of_files(tree, &of_files) {
        found.push(format!("a circle of files: {circle:?}"));
        for import in &of_files {
            let is_in = |file: usize| circle.contains(&tree.files[file].name);
            if is_in(import.from) && is_in(import.to) {
                found.push(format!("  {}", tree.show(import)));
            }
        }
    }
    for circle in circle::of_folders(tree, &not_allowed(tree, imports, allowed)) {
        found.push(format!("a circle of folders: {circle:?}"));
    }
    found
}

/// The imports that no entry allows to break a rule.
pub(crate) fn not_allowed(tree: &Tree, imports: &[Import], allowed: &[&Allowed]) -> Vec<Import> {
    imports
        .iter()
        .filter(|import| !is_allowed(tree, import, allowed))
        .cloned()
        .collect()
}

/// The entries that can be removed without breaking a rule.
pub(crate) fn not_needed<'a>(
    tree: &Tree,
    imports: &[Import],
    allowed: &'a [Allowed],
) -> Vec<&'a Allowed> {
    let is_needless = |entry: &&Allowed| {
        let others: Vec<&Allowed> = allowed
            .iter()
            .filter(|other| !std::ptr::eq(*other, *entry))
            .collect();
        not_one_way(tree, imports, &others).is_empty()
    };
    allowed.iter().filter(is_needless).collect()
}

fn is_allowed(tree: &Tree, import: &Import, allowed: &[&Allowed]) -> bool {
    let is_in = |file: usize, place: &str| {
        let rest = tree.files[file].name.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    allowed
        .iter()
        .any(|entry| is_in(import.from, entry.from) && is_in(import.to, entry.to))
}

/// The imports through `lib.rs`.
pub(crate) fn through_root<'i>(tree: &Tree, imports: &'i [Import]) -> Vec<&'i Import> {
    imports
        .iter()
        .filter(|import| tree.is_through_root(import))
        .collect()
}

/// The imports by `super::super`.
pub(crate) fn super_super(imports: &[Import]) -> Vec<&Import> {
    imports
        .iter()
        .filter(|import| {
            import
                .path
                .starts_with(&["super".to_owned(), "super".to_owned()])
        })
        .collect()
}
