//! A case: bodies, a script, and the trace that `CPython` left.

use std::{env, fs};

use serde_json::{Map, Value as Json};

use crate::error::{PyError, Value};
use crate::statement::{self, Block};

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) bodies: Vec<Block>,
    pub(crate) script: Vec<(usize, Op)>,
    /// The allowed traces: that of the oldest recorded `CPython` first, then those of versions that differ.
    pub(crate) traces: Vec<Vec<Json>>,
    pub(crate) tags: Vec<String>,
    pub(crate) tier: u64,
    pub(crate) instances: u64,
}

/// The operations of the driver on a generator.
#[derive(Debug)]
pub(crate) enum Op {
    Next,
    Send(Value),
    Throw(PyError),
    Close,
    Drop,
    Drain,
    State,
}

/// The cases of the file that `COGEN_CASES` names, or else all those beside this program.
pub(crate) fn load() -> &'static [Case] {
    load_all().leak()
}

fn load_all() -> Vec<Case> {
    if let Some(path) = env::var_os("COGEN_CASES") {
        let read = fs::read_to_string(&path);
        return parse(&read.unwrap_or_else(|error| panic!("{}: {error}", path.to_string_lossy())));
    }
    let mut cases = parse(include_str!("cases/handwritten.json"));
    cases.append(&mut parse(include_str!("cases/corpus.jsonl")));
    cases
}

/// Reads a JSON array, or one case per line.
fn parse(text: &str) -> Vec<Case> {
    let cases: Vec<Json> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).expect("an array of cases")
    } else {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        lines
            .map(|line| serde_json::from_str(line).expect("a case"))
            .collect()
    };
    cases.iter().map(Case::from).collect()
}

impl From<&Json> for Case {
    fn from(json: &Json) -> Self {
        let newer = json["trace_in"].as_object().into_iter().flatten();
        let traces = [&json["trace"]]
            .into_iter()
            .chain(newer.map(|(_, trace)| trace));
        Self {
            id: text(&json["id"]),
            bodies: list(&json["bodies"]).iter().map(statement::block).collect(),
            script: list(&json["script"]).iter().map(operation).collect(),
            traces: traces
                .map(|trace| list(trace).iter().map(record).collect())
                .collect(),
            tags: list(&json["tags"]).iter().map(text).collect(),
            tier: json["tier"].as_u64().expect("a tier"),
            instances: json["instances"].as_u64().unwrap_or(1),
        }
    }
}

fn operation(json: &Json) -> (usize, Op) {
    let generator = json["g"].as_u64().unwrap_or(0);
    let op = match json["op"].as_str() {
        Some("next") => Op::Next,
        Some("send") => Op::Send(json["v"].as_i64()),
        Some("throw") => Op::Throw(PyError::new(&text(&json["exc"]), json["payload"].as_i64())),
        Some("close") => Op::Close,
        Some("drop") => Op::Drop,
        Some("drain") => Op::Drain,
        Some("state") => Op::State,
        _ => panic!("not an operation: {json}"),
    };
    (usize::try_from(generator).expect("an index"), op)
}

/// A trace record without its advisory parts.
fn record(json: &Json) -> Json {
    let mut record = json.clone();
    if let Some(outcome) = record["out"].as_object_mut() {
        strip(outcome);
    }
    record
}

fn strip(outcome: &mut Map<String, Json>) {
    outcome.remove("msg");
    outcome.remove("swallowed");
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
