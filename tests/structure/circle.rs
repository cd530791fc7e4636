//! Circles in a graph, and those of files and folders.

use crate::tree::{Import, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// The circles of files, each as the names of its files.
pub(crate) fn of_files(tree: &Tree, imports: &[Import]) -> Vec<BTreeSet<String>> {
    let edges = imports
        .iter()
        .map(|import| (import.from, import.to))
        .collect();
    let names = |circle: BTreeSet<usize>| {
        circle
            .iter()
            .map(|file| tree.files[*file].name.clone())
            .collect()
    };
    circles(&edges).into_iter().map(names).collect()
}

/// The circles that include a folder, each as its parts: folders, and files beside them.
///
/// The parts of a folder are its files, its folders, and the file of its own module.
pub(crate) fn of_folders(tree: &Tree, imports: &[Import]) -> Vec<BTreeSet<String>> {
    let mut levels: BTreeMap<&[String], BTreeSet<(&[String], &[String])>> = BTreeMap::new();
    for import in imports {
        let (from, to) = (
            &tree.files[import.from].module,
            &tree.files[import.to].module,
        );
        let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
        let part = |module: &'_ [String]| common + usize::from(module.len() > common);
        let edge = (&from[..part(from)], &to[..part(to)]);
        levels.entry(&from[..common]).or_default().insert(edge);
    }
    let mut found = Vec::new();
    for (level, edges) in &levels {
        for circle in circles(edges) {
            let is_folder = |module: &[String]| {
                module.len() > level.len()
                    && tree.files.iter().any(|file| {
                        file.module.len() > module.len() && file.module.starts_with(module)
                    })
            };
            if circle.iter().any(|module| is_folder(module)) {
                found.push(circle.iter().map(|module| module.join("/")).collect());
            }
        }
    }
    found
}

/// The largest sets of two or more nodes in which each node is reached from every other.
pub(crate) fn circles<N: Copy + Ord>(edges: &BTreeSet<(N, N)>) -> Vec<BTreeSet<N>> {
    let mut next: BTreeMap<N, Vec<N>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
    }
    let reached: BTreeMap<N, BTreeSet<N>> = next
        .keys()
        .map(|node| (*node, reached(&next, *node)))
        .collect();
    let mut found = BTreeSet::new();
    for (node, others) in &reached {
        let is_back = |other: &&N| {
            reached
                .get(other)
                .is_some_and(|others| others.contains(node))
        };
        let circle: BTreeSet<N> = others.iter().filter(is_back).copied().collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    found.into_iter().collect()
}

fn reached<N: Copy + Ord>(next: &BTreeMap<N, Vec<N>>, start: N) -> BTreeSet<N> {
    let mut reached = BTreeSet::new();
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        for other in next.get(&node).into_iter().flatten() {
            if reached.insert(*other) {
                open.push(*other);
            }
        }
    }
    reached
}
