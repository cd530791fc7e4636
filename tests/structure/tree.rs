//! The modules of a crate, and the file that each import leads to.

use crate::read::{Facts, Kind, Mention, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// A file of the crate.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path in the source folder, such as `frame/mod.rs`.
    pub(crate) name: String,
    /// Its module's path: empty for `lib.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) lines: usize,
    facts: Facts,
}

/// An import of one file by another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Import {
    /// The numbers of the files.
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// The path as it is written.
    pub(crate) path: Vec<String>,
    /// The same path from the crate's root.
    absolute: Vec<String>,
    pub(crate) line: usize,
}

/// A crate's files.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
    /// Each module's file.
    modules: BTreeMap<Vec<String>, usize>,
    /// The paths of all items.
    defined: BTreeSet<Vec<String>>,
    /// The file of each macro that is exported.
    exported: BTreeMap<String, usize>,
    /// The names that `use` brings into a module, each with its path from the crate's root.
    scopes: BTreeMap<Vec<String>, BTreeMap<String, Vec<Vec<String>>>>,
}

impl Tree {
    /// Reads all files of a folder.
    pub(crate) fn load(source: &Path) -> Tree {
        let mut texts = Vec::new();
        collect(source, "", &mut texts);
        Tree::new(texts)
    }

    /// Makes a tree of files, which are named by their paths in the source folder.
    pub(crate) fn new(texts: Vec<(String, String)>) -> Tree {
        let files: Vec<File> = texts
            .into_iter()
            .map(|(name, text)| File {
                module: module_of(&name),
                lines: text.lines().count(),
                facts: read(&text),
                name,
            })
            .collect();
        let mut modules = BTreeMap::new();
        let mut defined = BTreeSet::new();
        let mut exported = BTreeMap::new();
        for (number, file) in files.iter().enumerate() {
            modules.insert(file.module.clone(), number);
            defined.extend(
                file.facts
                    .defined
                    .iter()
                    .map(|path| joined(&file.module, path)),
            );
            exported.extend(
                file.facts
                    .exported
                    .iter()
                    .map(|name| (name.clone(), number)),
            );
            for inside in &file.facts.modules {
                modules.insert(joined(&file.module, inside), number);
            }
        }
        let mut tree = Tree {
            files,
            modules,
            defined,
            exported,
            scopes: BTreeMap::new(),
        };
        tree.scopes = tree.used_names();
        tree
    }

    fn used_names(&self) -> BTreeMap<Vec<String>, BTreeMap<String, Vec<Vec<String>>>> {
        let mut scopes: BTreeMap<_, BTreeMap<String, Vec<_>>> = BTreeMap::new();
        for file in &self.files {
            for mention in &file.facts.mentions {
                let module = joined(&file.module, &mention.inside);
                if let Kind::Use { name, .. } = &mention.kind {
                    scopes
                        .entry(module)
                        .or_default()
                        .entry(name.clone())
                        .or_default()
                        .push(mention.path.clone());
                }
            }
        }
        scopes
    }

    /// The path from the crate's root, if it is a path of this crate.
    pub(crate) fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        self.absolute_after(module, path, &mut BTreeSet::new())
    }

    fn absolute_after(
        &self,
        module: &[String],
        path: &[String],
        seen: &mut BTreeSet<(Vec<String>, Vec<String>)>,
    ) -> Option<Vec<String>> {
        if !seen.insert((module.to_vec(), path.to_vec())) {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" | "$crate" => return Some(rest.to_vec()),
            "self" => return Some(joined(module, rest)),
            "super" => {
                let supers = path
                    .iter()
                    .take_while(|segment| *segment == "super")
                    .count();
                let outer = module.len().checked_sub(supers)?;
                return Some(joined(&module[..outer], &path[supers..]));
            }
            "::" => return None,
            _ => {}
        }
        if self.modules.contains_key(&joined(module, &path[..1])) {
            return Some(joined(module, path));
        }
        let scope = self.scopes.get(module)?;
        for used in scope.get(first).into_iter().flatten() {
            if let Some(used) = self.absolute_after(module, used, seen) {
                return Some(joined(&used, rest));
            }
        }
        for glob in scope.get("*").into_iter().flatten() {
            let from = self.absolute_after(module, &glob[..glob.len() - 1], seen);
            if let Some(found) = from.and_then(|from| self.absolute_after(&from, path, seen)) {
                return Some(found);
            }
        }
        None
    }

    /// The file that defines the item at a path from the crate's root, however many modules re-export it.
    pub(crate) fn locate(&self, path: &[String]) -> Option<usize> {
        self.locate_after(path, &mut BTreeSet::new())
    }

    fn locate_after(&self, path: &[String], seen: &mut BTreeSet<Vec<String>>) -> Option<usize> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        if let Some(file) = self.exporter(path) {
            return Some(file);
        }
        for (at, name) in path.iter().enumerate() {
            let module = &path[..at];
            // A folder often has a function with its own name, or with the name of one of its files.
            let is_module = self.modules.contains_key(&path[..=at]);
            if is_module && at + 1 < path.len() {
                continue;
            }
            if let Some(file) = self.handed_on(module, name, &path[at + 1..], seen) {
                return Some(file);
            }
            if !is_module {
                return self.modules.get(module).copied();
            }
        }
        self.modules.get(path).copied()
    }

    /// The file of a name that a module gets by a `use`.
    fn handed_on(
        &self,
        module: &[String],
        name: &str,
        rest: &[String],
        seen: &mut BTreeSet<Vec<String>>,
    ) -> Option<usize> {
        let scope = self.scopes.get(module)?;
        let named = scope.get(name).into_iter().flatten().find_map(|used| {
            let path = self.absolute(module, used)?;
            self.locate_after(&joined(&path, rest), seen)
        });
        named.or_else(|| {
            scope.get("*").into_iter().flatten().find_map(|used| {
                let mut path = self.absolute(module, &used[..used.len() - 1])?;
                path.push(name.to_owned());
                if !self.is_there(&path, &mut BTreeSet::new()) {
                    return None;
                }
                self.locate_after(&joined(&path, rest), seen)
            })
        })
    }

    /// Whether a path leads to anything.
    fn is_there(&self, path: &[String], seen: &mut BTreeSet<Vec<String>>) -> bool {
        let Some((name, module)) = path.split_last() else {
            return true;
        };
        if self.defined.contains(path) || self.modules.contains_key(path) {
            return true;
        }
        let Some(scope) = self
            .scopes
            .get(module)
            .filter(|_| seen.insert(module.to_vec()))
        else {
            return false;
        };
        scope.contains_key(name)
            || scope.get("*").into_iter().flatten().any(|used| {
                let path = self.absolute(module, &used[..used.len() - 1]);
                path.is_some_and(|path| {
                    self.is_there(&joined(&path, std::slice::from_ref(name)), seen)
                })
            })
    }

    /// All imports of one file by another. A folder that re-exports a name from inside does not import it.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut imports = BTreeSet::new();
        for (from, file) in self.files.iter().enumerate() {
            for mention in &file.facts.mentions {
                let module = joined(&file.module, &mention.inside);
                let Some(path) = self.absolute(&module, &mention.path) else {
                    continue;
                };
                if file.hands_on(mention, &path) {
                    continue;
                }
                let written = if path.last().is_some_and(|last| last == "*") {
                    &path[..path.len() - 1]
                } else {
                    &path
                };
                match self.locate(written) {
                    Some(to) if to != from => {
                        imports.insert(Import {
                            from,
                            to,
                            path: mention.path.clone(),
                            absolute: path.clone(),
                            line: mention.line,
                        });
                    }
                    _ => {}
                }
            }
        }
        imports.into_iter().collect()
    }

    /// Shows an import: what it imports, and where.
    pub(crate) fn show(&self, import: &Import) -> String {
        let (from, to) = (&self.files[import.from].name, &self.files[import.to].name);
        format!(
            "{from}:{} imports {to} ({})",
            import.line,
            import.path.join("::")
        )
    }

    /// The file that exports the macro at a path from the crate's root.
    fn exporter(&self, path: &[String]) -> Option<usize> {
        let [name] = path else { return None };
        self.exported.get(name).copied()
    }

    /// Whether a path leads through `lib.rs` to an item of another file.
    pub(crate) fn is_through_root(&self, import: &Import) -> bool {
        // A path inside a macro must be public, and an alias has an import of its own.
        if !matches!(import.path[0].as_str(), "crate" | "super") {
            return false;
        }
        let path = &import.absolute;
        let Some(first) = path.first() else {
            return false;
        };
        let is_module = self.modules.contains_key(&path[..1]);
        let is_by_use = self
            .scopes
            .get(&[][..])
            .is_some_and(|scope| scope.contains_key(first));
        (!is_module || (is_by_use && path.len() == 1)) && self.exporter(path).is_none()
    }
}

impl File {
    /// Whether this file only re-exports the name from one of its parts.
    fn hands_on(&self, mention: &Mention, path: &[String]) -> bool {
        match &mention.kind {
            Kind::Use {
                name,
                is_public: true,
            } => path.starts_with(&self.module) && !self.facts.names.contains(name),
            _ => false,
        }
    }

    /// The file's folder at the top of the source.
    pub(crate) fn folder(&self) -> &str {
        self.name.split_once('/').map_or("", |(folder, _)| folder)
    }
}

fn joined(before: &[String], after: &[String]) -> Vec<String> {
    [before, after].concat()
}

fn module_of(name: &str) -> Vec<String> {
    let path = name.strip_suffix(".rs").unwrap_or(name);
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if module
        .last()
        .is_some_and(|last| last == "mod" || (last == "lib" && module.len() == 1))
    {
        module.pop();
    }
    module
}

/// Collects the files of a folder, sorted, with their paths in the source folder.
fn collect(folder: &Path, name: &str, texts: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let last = path.file_name().unwrap().to_str().unwrap();
        let name = if name.is_empty() {
            last.to_owned()
        } else {
            format!("{name}/{last}")
        };
        if path.is_dir() {
            collect(&path, &name, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}
