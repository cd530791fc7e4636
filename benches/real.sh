#!/usr/bin/env bash
# Measures real bodies again, instructions and times: with cargo's defaults (the profile `plain`), with one codegen unit
# and fat LTO (the profile `release`), and the language's own coroutines with a nightly compiler, if there is one.
# Writes benches/real/*.json, and makes from them the tables in docs/performance.md, docs/comparison.md and
# docs/guide/costs.md, and the picture docs/guide/costs.svg. Needs valgrind.
# CARGO_TARGET_DIR is honoured.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}
command -v valgrind >/dev/null || { echo "valgrind not found" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# measure FILE PROFILE [ROW...]
measure() {
    benches/counts.sh --real "${@:2}" >"$folder/counts"
    "$CARGO_TARGET_DIR/$2/real" --json "$folder/counts" >"$folder/json"
    cp "$folder/json" "benches/real/$1.json"
}

measure plain plain
measure release release
if cargo +nightly --version >/dev/null 2>&1; then
    (
        export RUSTUP_TOOLCHAIN=nightly RUSTFLAGS='--cfg nightly_coroutines' CARGO_TARGET_DIR=$CARGO_TARGET_DIR/nightly
        cargo build --profile plain --quiet -p cogen-bench --bin real
        mapfile -t rows < <("$CARGO_TARGET_DIR/plain/real" --rows | sed -n 's|\(.*\) nightly$|\1/hand\n\1/nightly|p')
        measure nightly plain "${rows[@]}"
    )
else
    echo "SKIPPED: the language's own coroutines: no nightly compiler" >&2
fi
"$CARGO_TARGET_DIR/plain/real" --write
