//! The links of the documents lead to files and headings that exist; those of the guide do so in rustdoc, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Markdown files in `folder`, and in folders below it if `deep`.
fn pages(folder: &Path, deep: bool) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && deep {
            pages.extend(self::pages(&path, true));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            pages.push(path);
        }
    }
    pages
}

/// The text of a page without its programs.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap();
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// The addresses in the text: `[…](address)`.
fn inline(prose: &str) -> impl Iterator<Item = &str> {
    let after = prose.split("](").skip(1);
    after.filter_map(|rest| rest.split_once(')').map(|(address, _)| address))
}

/// The names with an address of their own: `[name]: address`.
fn named(prose: &str) -> Vec<(&str, &str)> {
    let lines = prose.lines().filter_map(|line| line.strip_prefix('['));
    lines.filter_map(|line| line.split_once("]: ")).collect()
}

/// The names that are used: `[…][name]`.
fn used(prose: &str) -> BTreeSet<&str> {
    let after = prose.split("][").skip(1);
    after
        .filter_map(|rest| rest.split_once(']').map(|(name, _)| name))
        .collect()
}

/// What GitHub and rustdoc make of a heading, so that a link can lead to it.
fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

/// Whether there is such a file, and in it such a heading.
fn leads_somewhere(page: &Path, address: &str) -> bool {
    let (file, heading) = address.split_once('#').unwrap_or((address, ""));
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        page.parent().unwrap().join(file)
    };
    if heading.is_empty() {
        return target.exists();
    }
    let headings = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with('#'))
            .any(|line| anchor(line.trim_start_matches('#').trim()) == heading)
    };
    target.is_file() && headings(&prose(&target))
}

fn is_elsewhere(address: &str) -> bool {
    address.starts_with("https://")
}

#[test]
fn links_lead_to_files_and_headings() {
    let mut checked = 0;
    let top = pages(root(), false);
    for page in top.into_iter().chain(pages(&root().join("docs"), true)) {
        let prose = prose(&page);
        let named = named(&prose);
        let addresses = inline(&prose).chain(named.iter().map(|&(_, address)| address));
        for address in addresses.filter(|address| !is_elsewhere(address)) {
            assert!(
                leads_somewhere(&page, address),
                "{}: {address}",
                page.display()
            );
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} links");
}

/// As `src/guide.rs` says: a page gives each link a name, which is its address on GitHub; `src/guide/links.md` has
/// the address in rustdoc (and rustdoc checks that this exists).
#[test]
fn the_guides_links_have_an_address_in_rustdoc() {
    let table = fs::read_to_string(root().join("src/guide/links.md")).unwrap();
    let in_rustdoc: BTreeSet<_> = named(&table).into_iter().collect();
    let mut expected = BTreeSet::new();
    for page in pages(&root().join("docs/guide"), false) {
        let prose = prose(&page);
        for address in inline(&prose) {
            let is_fine = is_elsewhere(address) || address.starts_with('#');
            assert!(is_fine, "{}: {address} has no name", page.display());
        }
        let given = named(&prose);
        let names: BTreeSet<_> = given.iter().map(|&(name, _)| name).collect();
        assert_eq!(used(&prose), names, "{}", page.display());
        for (name, address) in given {
            assert_eq!(name, address, "{}", page.display());
            expected.insert((name.to_owned(), address_in_rustdoc(name)));
        }
    }
    let expected: BTreeSet<_> = expected
        .iter()
        .map(|(name, address)| (&**name, &**address))
        .collect();
    assert_eq!(in_rustdoc, expected);
}

fn address_in_rustdoc(name: &str) -> String {
    const FILES: &str = "https://docs.rs/crate/cogen/latest/source/docs";
    match name.split_once(".md") {
        _ if name.starts_with("../") => format!("{FILES}{}", &name[2..]),
        Some((page, heading)) => format!("crate::guide::{}{heading}", page.replace('-', "_")),
        None => format!("{FILES}/guide/{name}"),
    }
}

#[test]
fn each_page_of_the_guide_is_in_rustdoc() {
    let modules = fs::read_to_string(root().join("src/guide.rs")).unwrap();
    for page in pages(&root().join("docs/guide"), false) {
        let file = page.file_name().unwrap().to_str().unwrap();
        let module = file.replace(".md", "").replace('-', "_");
        let line = format!("    {module}: \"{file}\";\n");
        assert!(
            file == "README.md" || modules.contains(&line),
            "{file} is not in src/guide.rs"
        );
    }
}
