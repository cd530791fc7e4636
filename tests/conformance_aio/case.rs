//! A case: a program, and the traces that `CPython` left.

use std::{env, fs};

use serde_json::Value as Json;

use crate::statement::{self, Block, Name};

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) tags: Vec<String>,
    pub(crate) order: Order,
    /// The objects' names, and what they stand for.
    pub(crate) objects: Vec<(Name, Json)>,
    pub(crate) main: Block,
    /// The allowed traces: that of the oldest recorded `CPython` first, then those of versions that differ.
    pub(crate) traces: Vec<Vec<Json>>,
}

/// How much of the interleaving is compared.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// All of it.
    Strict,
    /// The order of the events of each body; those of different bodies may be interleaved in any way.
    PerTask,
}

/// The cases of the file that `COGEN_AIO_CASES` names, or else all those beside this program; of these only the one
/// that `COGEN_AIO_CASE` names, if set.
pub(crate) fn load() -> &'static [Case] {
    let mut cases = load_all();
    if let Some(id) = chosen() {
        cases.retain(|case| case.id == id);
    }
    cases.leak()
}

/// The case to run alone and show.
pub(crate) fn chosen() -> Option<String> {
    env::var("COGEN_AIO_CASE").ok()
}

fn load_all() -> Vec<Case> {
    if let Some(path) = env::var_os("COGEN_AIO_CASES") {
        let read = fs::read_to_string(&path);
        return parse(&read.unwrap_or_else(|error| panic!("{}: {error}", path.to_string_lossy())));
    }
    let mut cases = parse(include_str!("cases/handwritten.json"));
    cases.append(&mut parse(include_str!("cases/corpus.jsonl")));
    cases
}

/// Reads an object with the cases, or one case per line.
fn parse(text: &str) -> Vec<Case> {
    if let Ok(whole) = serde_json::from_str::<Json>(text)
        && whole.get("cases").is_some()
    {
        return list(&whole["cases"]).iter().map(Case::from).collect();
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).expect("a case"))
        .map(|json: Json| Case::from(&json))
        .collect()
}

impl From<&Json> for Case {
    fn from(json: &Json) -> Self {
        let later = json["later"].as_object().into_iter().flatten();
        let objects = json["objects"].as_object().into_iter().flatten();
        let recorded = [&json["expect"]]
            .into_iter()
            .chain(later.map(|(_, recorded)| recorded));
        Self {
            id: text(&json["id"]),
            tags: list(&json["tags"]).iter().map(text).collect(),
            order: match json["order"].as_str() {
                Some("strict") => Order::Strict,
                Some("per_task") => Order::PerTask,
                _ => panic!("not an order: {}", json["order"]),
            },
            objects: objects
                .map(|(name, spec)| (name.clone(), spec.clone()))
                .collect(),
            main: statement::block(&json["main"]),
            traces: recorded
                .filter_map(|recorded| recorded["trace"].as_array().cloned())
                .collect(),
        }
    }
}

fn list(json: &Json) -> &[Json] {
    json.as_array()
        .map_or_else(|| panic!("not a list: {json}"), Vec::as_slice)
}

fn text(json: &Json) -> String {
    json.as_str()
        .unwrap_or_else(|| panic!("not a text: {json}"))
        .to_owned()
}
