//! `--json`.

use serde_json::{Value, json};

use crate::inputs::{Call, Inputs};

fn messages(inputs: &Inputs, arguments: &[&str]) -> Vec<Value> {
    let mut call = Call::new(["--json"].iter().chain(arguments));
    call.locale = "C.UTF-8";
    let output = inputs.ours(&call);
    assert_eq!(output.stderr, b"");
    let lines = output.stdout.split_inclusive(|byte| *byte == b'\n');
    lines
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

#[test]
fn matches_context_and_statistics() {
    let inputs = Inputs::new();
    inputs.write("file", b"one\ntwo two\nthree\n");
    inputs.write("none", b"nothing\n");
    let path = json!({ "text": "file" });
    let two = |start: u64| json!({ "match": { "text": "two" }, "start": start, "end": start + 3 });
    let context = |line: &str, number: u64, offset: u64| {
        json!({ "type": "context", "data": {
            "path": path, "lines": { "text": line }, "line_number": number,
            "absolute_offset": offset, "submatches": []
        } })
    };
    let expected = [
        json!({ "type": "begin", "data": { "path": path } }),
        context("one\n", 1, 0),
        json!({ "type": "match", "data": {
            "path": path, "lines": { "text": "two two\n" }, "line_number": 2,
            "absolute_offset": 4, "submatches": [two(0), two(4)]
        } }),
        context("three\n", 3, 12),
        json!({ "type": "end", "data": {
            "path": path, "binary_offset": null, "stats": { "matched_lines": 1, "matches": 2 }
        } }),
        json!({ "type": "summary", "data": { "stats": {
            "searches": 2, "searches_with_match": 1, "matched_lines": 1, "matches": 2
        } } }),
    ];
    assert_eq!(
        messages(&inputs, &["-C1", "tw|two", "file", "none"]),
        expected
    );
}

#[test]
fn the_longest_match_is_given() {
    let inputs = Inputs::new();
    inputs.write("file", b"abc\n");
    let found = &messages(&inputs, &["a|ab", "file"])[1]["data"]["submatches"];
    assert_eq!(
        *found,
        json!([{ "match": { "text": "ab" }, "start": 0, "end": 2 }])
    );
}

#[test]
fn what_is_no_text_is_in_base64() {
    let inputs = Inputs::new();
    inputs.write("latin1", b"caf\xe9\n");
    let found = &messages(&inputs, &["caf", "latin1"])[1]["data"];
    assert_eq!(found["lines"], json!({ "bytes": "Y2Fm6Qo=" }));
    assert_eq!(found["submatches"][0]["match"], json!({ "text": "caf" }));
}

#[test]
fn a_binary_file_ends_where_it_matches() {
    let inputs = Inputs::new();
    inputs.write("nul", b"abc\0\nabc\n");
    let found = messages(&inputs, &["abc", "nul"]);
    let kinds: Vec<_> = found
        .iter()
        .map(|message| message["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["begin", "end", "summary"]);
    assert_eq!(found[1]["data"]["binary_offset"], json!(3));
}
