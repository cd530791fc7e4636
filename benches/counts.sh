#!/usr/bin/env bash
# Instructions per operation of each count_* program, by callgrind: the difference between 10,000 and 20,000 operations,
# so that start-up does not count. Then the same per item of each row WORK/WAY of the program `real`, which is built as
# users build, with the profile `plain`; making the input does not count.
#
#   benches/counts.sh [--record] [ROW...]
#   benches/counts.sh --real PROFILE
#
# Compares with counts.txt and bars.txt. The status is 1 if one of our rows takes over 5 % (and over half an
# instruction) more than recorded, or misses its bar. --record writes counts.txt first, so that only a missed bar gives
# status 1. --real prints the rows of the program `real`, built with that profile, and compares with nothing.
# CARGO_TARGET_DIR is honoured.
set -euo pipefail
cd "$(dirname "$0")/.."

record=no
if [[ ${1:-} == --record ]]; then
    record=yes
    shift
fi
if [[ $record == yes && $# -gt 0 ]]; then
    echo "--record takes all rows" >&2
    exit 2
fi
profile=plain
only_real=no
if [[ ${1:-} == --real ]]; then
    only_real=yes
    profile=$2
    shift 2
fi
if ! command -v valgrind >/dev/null; then
    echo "SKIPPED: valgrind not found" >&2
    exit 0
fi

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}
cargo build --profile "$profile" --quiet -p cogen-bench --bin real
programs=$CARGO_TARGET_DIR/release/examples
real=$CARGO_TARGET_DIR/$profile/real
rows=()
if [[ $# -gt 0 ]]; then
    rows=("$@")
elif [[ $only_real == yes ]]; then
    mapfile -t rows < <("$real" --rows | tr ' ' /)
else
    mapfile -t rows < <(
        cd benches/examples && printf '%s\n' count_*.rs | sed 's/^count_//; s/\.rs$//' | sort
    )
    mapfile -t -O "${#rows[@]}" rows < <("$real" --rows | tr ' ' /)
fi

if printf '%s\n' "${rows[@]}" | grep -qv /; then
    cargo build --release --quiet -p cogen-bench --examples
fi

# The number of instructions of a program.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
        awk '/Collected/ { print $NF; found = 1 } END { exit !found }'
}

# "row instructions" for row $1. The row WORK/prepare only makes the input of a work.
count() {
    local few many items=10000
    local program=("$programs/count_$1")
    if [[ $1 == */* ]]; then
        program=("$real" "${1%/*}" "${1#*/}")
        # There may be fewer items than were asked for.
        items=$(($("$real" "${1%/*}" hand 20000) - $("$real" "${1%/*}" hand 10000)))
    fi
    few=$(instructions "${program[@]}" 10000)
    many=$(instructions "${program[@]}" 20000)
    awk -v row="$1" -v few="$few" -v many="$many" -v items="$items" \
        'BEGIN { printf "%s %.1f\n", row, (many - few) / items }'
}

export programs real
export -f instructions count
results=$(mktemp)
trap 'rm -f "$results"' EXIT
mapfile -t -O "${#rows[@]}" rows < <(
    printf '%s\n' "${rows[@]}" | sed -n 's|/.*|/prepare|p' | sort -u
)
printf '%s\n' "${rows[@]}" |
    xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'count {}' | sort |
    awk '
        { split($1, part, "/"); rows[++n] = $1; count[$1] = $2; input[$1] = part[1] "/prepare" }
        END {
            for (i = 1; i <= n; i++) {
                row = rows[i]
                if (row ~ /\/prepare$/) continue
                printf "%s %.1f\n", row, count[row] - (row ~ /\// ? count[input[row]] : 0)
            }
        }
    ' >"$results"

if [[ $only_real == yes ]]; then
    cat "$results"
    exit
fi
if [[ $record == yes ]]; then
    { echo "# row instructions, recorded by counts.sh --record"; cat "$results"; } >benches/counts.txt
fi

awk '
    FILENAME == ARGV[1] { if ($1 !~ /^#/ && NF) recorded[$1] = $2; next }
    FILENAME == ARGV[2] { if ($1 !~ /^#/ && NF) bar[$1] = $2; next }
    { rows[++n] = $1; now[$1] = $2 }

    # Whether the row is a peer, which we do not answer for.
    function is_peer(row) {
        return row ~ /(^|\/)(hand|genawaiter|fauxgen|diapause|async_stream|asynk_strim|unfold|corosensei|generator|nightly)(_|$)/
    }
    # The most that a row may take; empty if that is not known here.
    function limit(row,    part) {
        if (!(row in bar)) return ""
        if (split(bar[row], part, "+") == 1) return bar[row]
        if (part[1] in now) return now[part[1]] + part[2]
        return (part[1] in recorded) ? recorded[part[1]] + part[2] : ""
    }
    function verdict(row,    most) {
        most = limit(row)
        if (most != "" && now[row] > most + 0) { failed = 1; return "BAR MISSED" }
        if (!(row in recorded)) return "new"
        if (is_peer(row) || now[row] <= recorded[row] + 0.5 || now[row] <= recorded[row] * 1.05) return ""
        failed = 1
        return "WORSE"
    }
    END {
        printf "%-28s %12s %9s %8s\n", "row", "instructions", "recorded", "bar"
        for (i = 1; i <= n; i++) {
            row = rows[i]
            # Looking a row up in "recorded" would add it there.
            before = (row in recorded) ? recorded[row] : ""
            line = sprintf("%-28s %12.1f %9s %8s  %s", row, now[row], before, limit(row), verdict(row))
            sub(/ +$/, "", line)
            print line
        }
        exit failed
    }
' benches/counts.txt benches/bars.txt "$results"
