//! The reader sees every kind of import, and the rules find whatever breaks them.

use crate::allowed::Allowed;
use crate::tree::Tree;
use crate::{circle, rules};
use std::collections::BTreeMap;

/// A crate of these files, with an empty file for each missing module above them.
fn tree(files: &[(&str, &str)]) -> Tree {
    let mut texts = BTreeMap::from([("lib.rs".to_owned(), String::new())]);
    for (name, text) in files {
        for (at, _) in name.match_indices('/') {
            if !files
                .iter()
                .any(|(other, _)| *other == format!("{}.rs", &name[..at]))
            {
                texts.entry(format!("{}/mod.rs", &name[..at])).or_default();
            }
        }
        texts.insert((*name).to_owned(), (*text).to_owned());
    }
    Tree::new(texts.into_iter().collect())
}

/// The files that `text` imports from, as the text of `frame/a.rs`.
fn imported(text: &str) -> Vec<String> {
    let tree = tree(&[
        ("frame/a.rs", text),
        ("frame/a/inner.rs", "pub struct Inner;"),
        ("frame/b.rs", "pub use std::fmt; pub struct B;"),
        ("frame/c.rs", "pub struct C; pub const fn c() {}"),
        (
            "frame/mod.rs",
            "mod a; mod b; mod c; pub use b::B; pub(crate) use self::c::{C as Sea, c};",
        ),
        (
            "generator/mod.rs",
            "mod one; pub use one::*; pub use crate::frame::B;",
        ),
        (
            "generator/one.rs",
            "#[macro_export] macro_rules! one { () => {} } pub use two::Two; mod two;",
        ),
        ("generator/one/two.rs", "pub struct Two;"),
        (
            "lib.rs",
            "mod frame; mod generator; pub use frame::B; pub use generator::*;",
        ),
    ]);
    let imports = tree.imports();
    let mut names: Vec<String> = imports
        .iter()
        .filter(|import| tree.files[import.from].name == "frame/a.rs")
        .map(|import| tree.files[import.to].name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn a_use_is_seen() {
    assert_eq!(imported("use super::b::B;"), ["frame/b.rs"]);
    assert_eq!(imported("use crate::frame::c;"), ["frame/c.rs"]);
    assert_eq!(
        imported("pub(in crate::frame) use crate::frame::b::B as Bee;"),
        ["frame/b.rs"]
    );
    assert_eq!(imported("fn f() { use super::b::*; }"), ["frame/b.rs"]);
    assert_eq!(
        imported("#[cfg(unix)] use super::b; #[cfg(not(unix))] use super::c;"),
        ["frame/b.rs", "frame/c.rs"]
    );
}

#[test]
fn a_nested_use_is_seen() {
    assert_eq!(
        imported("use crate::{frame::{b::{self, B as _}, c::C}, generator::{one::{two::Two}}};"),
        ["frame/b.rs", "frame/c.rs", "generator/one/two.rs"]
    );
    assert_eq!(
        imported("use {super::b::B, std::fmt, crate::frame::c::C,};"),
        ["frame/b.rs", "frame/c.rs"]
    );
}

#[test]
fn a_path_in_code_is_seen() {
    assert_eq!(
        imported("fn f() -> super::b::B { crate::frame::c::c() }"),
        ["frame/b.rs", "frame/c.rs"]
    );
    assert_eq!(
        imported("macro_rules! m { () => { $crate::frame::b::B } }"),
        ["frame/b.rs"]
    );
    assert_eq!(
        imported("use super::super::generator; type T = generator::one::two::Two;"),
        ["generator/mod.rs", "generator/one/two.rs"]
    );
    assert_eq!(
        imported("type T = Vec<super::b::B>; fn f(x: &'static crate::frame::c::C) {}"),
        ["frame/b.rs", "frame/c.rs"]
    );
}

#[test]
fn a_part_is_seen_with_and_without_self() {
    assert_eq!(
        imported("mod inner; use inner::Inner;"),
        ["frame/a/inner.rs"]
    );
    assert_eq!(
        imported("mod inner; use self::inner::Inner;"),
        ["frame/a/inner.rs"]
    );
    assert_eq!(
        imported("mod inner; fn f() { inner::Inner; }"),
        ["frame/a/inner.rs"]
    );
}

#[test]
fn what_is_handed_on_is_followed_to_its_file() {
    assert_eq!(imported("use super::B;"), ["frame/b.rs"]);
    assert_eq!(imported("use super::Sea;"), ["frame/c.rs"]);
    assert_eq!(imported("use crate::B;"), ["frame/b.rs"]);
    assert_eq!(
        imported("use crate::generator::Two;"),
        ["generator/one/two.rs"]
    );
    assert_eq!(imported("use crate::Two;"), ["generator/one/two.rs"]);
    assert_eq!(imported("use crate::generator::B;"), ["frame/b.rs"]);
    assert_eq!(imported("use crate::one;"), ["generator/one.rs"]);
}

#[test]
fn modules_in_a_file_are_modules() {
    assert_eq!(
        imported("mod tests { use super::*; use super::super::b::B; }"),
        ["frame/b.rs"]
    );
    assert_eq!(
        imported("mod tests { fn f() { if true {} } } use super::b::B;"),
        ["frame/b.rs"]
    );
    assert_eq!(
        imported("use super::b; mod tests { use super::*; fn f() { b::B; } }"),
        ["frame/b.rs"]
    );
}

#[test]
fn what_is_no_import_is_not_seen() {
    for text in [
        "// use super::b::B;",
        "/// [`B`](super::b::B)\n//! use super::b::B;",
        "/* use super::b::B; /* and */ use super::c::C; */",
        "const S: &str = \"use super::b::B; \\\" super::c\";",
        "const S: &str = r##\"use super::b::B; \"# super::c::C\"##;",
        "const C: [char; 2] = ['\"', '\\'']; fn f<'a>() {} const S: &str = \"super::b::B\";",
        "const B: (&[u8], u8) = (b\"super::b::B\", b'\"');",
        "use std::fmt::{self, Debug}; use ::frame::b; type T = fmt::Result;",
        "pub(in crate::frame) struct S; pub(super) struct T; pub(crate) struct U;",
        "fn f<'a>(b: &'a u8) -> impl Sized + use<'a> { b.super_b() }",
        "fn f() { self::g(); Self::h(); } use super::a::X;",
    ] {
        assert_eq!(imported(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_line_is_that_of_the_name() {
    let tree = tree(&[("a.rs", "//\n\nuse crate::{\n    b::B,\n};"), ("b.rs", "")]);
    assert_eq!(tree.imports()[0].line, 4);
}

/// What the rules find, except for what is allowed.
fn one_way(tree: &Tree, allowed: &[&Allowed]) -> Vec<String> {
    rules::not_one_way(tree, &tree.imports(), allowed)
}

#[test]
fn a_circle_of_files_is_found() {
    let tree = tree(&[
        ("frame/a.rs", "use super::b::B;"),
        ("frame/b.rs", "fn f() { super::c::c(); }"),
        ("frame/c.rs", "use crate::frame::a::A; use super::d::D;"),
        ("frame/d.rs", ""),
    ]);
    let circles = circle::of_files(&tree, &tree.imports());
    assert_eq!(
        circles,
        [["frame/a.rs", "frame/b.rs", "frame/c.rs"]
            .map(str::to_owned)
            .into()]
    );
    assert!(one_way(&tree, &[])[0].starts_with("a circle of files"));
}

#[test]
fn a_circle_through_a_face_is_found_and_a_face_alone_is_none() {
    let face = |code| format!("mod a; mod b; pub use a::A; pub use b::B; {code}");
    let files = |face: &str| {
        tree(&[
            ("frame/mod.rs", face),
            ("frame/a.rs", "use super::{B, Own};"),
            ("frame/b.rs", ""),
        ])
    };
    let face_alone = files(&face("pub struct Own;"));
    assert_eq!(one_way(&face_alone, &[]), Vec::<String>::new());
    let circle = files(&face("pub struct Own(A);"));
    let circle = circle::of_files(&circle, &circle.imports());
    assert_eq!(
        circle,
        [["frame/a.rs", "frame/mod.rs"].map(str::to_owned).into()]
    );
}

#[test]
fn a_circle_of_folders_is_found() {
    let tree = tree(&[
        ("aio/one/a.rs", "use crate::aio::two::a::A;"),
        ("aio/one/b.rs", ""),
        ("aio/two/a.rs", ""),
        ("aio/two/b.rs", "use crate::aio::one::b::B;"),
    ]);
    assert_eq!(circle::of_files(&tree, &tree.imports()).len(), 0);
    assert_eq!(
        circle::of_folders(&tree, &tree.imports()),
        [["aio/one", "aio/two"].map(str::to_owned).into()]
    );
}

#[test]
fn an_import_against_the_order_is_found() {
    let tree = tree(&[
        ("frame/a.rs", "use crate::generator::A;"),
        ("generator/mod.rs", "pub struct A;"),
        ("lib.rs", "mod frame; pub use frame::a::A;"),
    ]);
    assert_eq!(
        one_way(&tree, &[]),
        [
            "against the order of modules: frame/a.rs:1 imports generator/mod.rs (crate::generator::A)"
        ]
    );
}

#[test]
fn the_order_within_aio_is_one_of_modules() {
    let tree = tree(&[
        ("aio/core/a.rs", "use crate::aio::waits::wait::Wait;"),
        ("aio/waits/wait.rs", "use crate::aio::core::a::A;"),
        ("aio/testing.rs", "use crate::aio::waits;"),
        ("aio/other.rs", ""),
        ("aio.rs", ""),
        ("other/mod.rs", ""),
    ]);
    let core_only = &Allowed {
        from: "aio/core",
        to: "aio/waits",
        in_files: true,
        why: "",
    };
    assert_eq!(rules::against_order(&tree, &tree.imports()).len(), 1);
    assert_eq!(one_way(&tree, &[core_only]), Vec::<String>::new());
    assert_eq!(
        rules::without_place(&tree),
        ["aio/other.rs", "other/mod.rs"]
    );
}

#[test]
fn what_is_allowed_is_left_out_and_what_is_not_needed_is_found() {
    let tree = tree(&[
        ("frame/a.rs", "use super::b::B;"),
        ("frame/b.rs", "use super::a::A;"),
    ]);
    let entry = |from, to| Allowed {
        from,
        to,
        in_files: true,
        why: "",
    };
    assert_eq!(
        one_way(&tree, &[&entry("frame/a.rs", "frame/b.rs")]),
        Vec::<String>::new()
    );
    assert_ne!(
        one_way(&tree, &[&entry("fram", "frame/b.rs")]),
        Vec::<String>::new()
    );
    let entries = [entry("frame/a.rs", "frame"), entry("frame/c.rs", "frame")];
    let not_needed = rules::not_needed(&tree, &tree.imports(), &entries);
    assert_eq!(
        not_needed
            .iter()
            .map(|entry| entry.from)
            .collect::<Vec<_>>(),
        ["frame/c.rs"]
    );
}

#[test]
fn what_is_allowed_of_folders_is_not_allowed_of_files() {
    let folders = [
        ("aio/core/raw/a.rs", "use crate::aio::core::task::a::A;"),
        ("aio/core/raw/b.rs", ""),
        ("aio/core/task/a.rs", ""),
        ("aio/core/task/b.rs", "use crate::aio::core::raw::b::B;"),
    ];
    let raw = &Allowed {
        from: "aio/core/raw",
        to: "aio/core",
        in_files: false,
        why: "",
    };
    assert_eq!(one_way(&tree(&folders), &[raw]), Vec::<String>::new());
    let mut files = folders;
    files[2].1 = "use crate::aio::core::raw::a::Other;";
    let found = one_way(&tree(&files), &[raw]);
    assert!(found[0].starts_with("a circle of files"), "{found:?}");
}

#[test]
fn imports_through_the_root_and_by_super_super_are_found() {
    let tree = tree(&[
        (
            "frame/a.rs",
            "use crate::B; use super::b::B as _; use crate::frame::b::B as __; use crate::{frame, one};",
        ),
        (
            "frame/b.rs",
            "use super::super::generator::G; use super::super::C;",
        ),
        (
            "generator/mod.rs",
            "mod generator; pub use generator::generator;",
        ),
        (
            "generator/generator.rs",
            "use crate::generator; use crate::generator::generator as _;",
        ),
        (
            "generator/macros.rs",
            "#[macro_export] macro_rules! one { () => { $crate::B } }",
        ),
        (
            "lib.rs",
            "mod frame; mod generator; pub use frame::{a::C, b::B}; pub use generator::generator;",
        ),
    ]);
    let imports = tree.imports();
    let show = |found: Vec<_>| {
        found
            .into_iter()
            .map(|import| tree.show(import))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        show(rules::through_root(&tree, &imports)),
        [
            "frame/a.rs:1 imports frame/b.rs (crate::B)",
            "frame/b.rs:1 imports frame/a.rs (super::super::C)",
        ]
    );
    assert_eq!(
        show(rules::super_super(&imports)),
        [
            "frame/b.rs:1 imports frame/a.rs (super::super::C)",
            "frame/b.rs:1 imports generator/mod.rs (super::super::generator::G)"
        ]
    );
}
