#!/usr/bin/env python3
"""Times cogen-grep beside ripgrep and GNU grep: whole commands, in turn, medians.

    benches/grep.py [--check] [--rounds N] [--size MB]

--check ends with 1 if a bar is missed. Needs ripgrep and GNU grep, and GNU time for the memory (Debian
packages ripgrep, grep, time); builds cogen-grep. The files are generated, always the same, in a temporary folder, and read once before anything
is timed, so that no disk is measured. Output goes to a file (GNU grep stops early if it goes to
/dev/null).
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDLE = "coroutine"
WORDS = (
    "the of pipeline stage sink source item queue thread order value yield send throw close start next body "
    "frame slot waker poll future stream iterator chunk batch line file match pattern grep async await"
).split()


def line(rng):
    return " ".join(rng.choices(WORDS, k=rng.randint(3, 9)))


def big_file(path, megabytes):
    """Short lines; 1 in 1,000 has the needle."""
    rng = random.Random(1)
    block = [line(rng) for _ in range(100_000)]
    for number in range(0, len(block), 1000):
        block[number + rng.randrange(1000)] += f" {NEEDLE} here"
    data = ("\n".join(block) + "\n").encode()
    with open(path, "wb") as file:
        for _ in range(megabytes * 1_000_000 // len(data) + 1):
            file.write(data)


def small_files(folder, count):
    """Files of 20 to 80 lines, 100 a folder; 1 in 50 has the needle."""
    rng = random.Random(2)
    for number in range(count):
        if number % 100 == 0:
            (folder / f"part{number // 100:03}").mkdir(parents=True)
        lines = [line(rng) for _ in range(rng.randint(20, 80))]
        if number % 50 == 0:
            lines[rng.randrange(len(lines))] += f" {NEEDLE}"
        (folder / f"part{number // 100:03}" / f"file{number:05}.txt").write_text("\n".join(lines) + "\n")


def run(command, out):
    """Seconds of wall time."""
    with open(out, "wb") as stdout:
        begin = time.perf_counter()
        status = subprocess.call(command, stdout=stdout, stdin=subprocess.DEVNULL)
        seconds = time.perf_counter() - begin
    if status not in (0, 1):
        sys.exit(f"{command[0]} ended with {status}")
    return seconds


def peak(command):
    """The most resident memory in MiB, or None if there is nothing to measure it with."""
    if shutil.which("time") is None:
        return None
    command = ["time", "--quiet", "--format", "%M", *command]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return int(ended.stderr.splitlines()[-1]) / 1024


def compare(name, commands, rounds, folder):
    """Prints a row; gives the ratios of our time to theirs, and of our memory to ripgrep's."""
    outs = {peer: folder / f"{peer}.out" for peer in commands}
    for peer, command in commands.items():
        run(command, outs[peer])
    lines = {peer: sorted(out.read_bytes().splitlines()) for peer, out in outs.items()}
    if any(lines[peer] != lines["cogen"] for peer in commands):
        sys.exit(f"{name}: the outputs differ")
    peers = list(commands)
    times = {peer: [] for peer in peers}
    for number in range(rounds):
        turn = number % len(peers)
        for peer in peers[turn:] + peers[:turn]:
            times[peer].append(run(commands[peer], outs[peer]))
    ratio = {
        peer: statistics.median(ours / theirs for ours, theirs in zip(times["cogen"], times[peer]))
        for peer in peers
    }
    memory = {peer: peak(commands[peer]) for peer in peers}
    for peer in peers:
        used = "-" if memory[peer] is None else f"{memory[peer]:.1f} MiB"
        print(f"{name:<12} {peer:<6} {statistics.median(times[peer]) * 1000:8.1f} ms  {used:>10}", flush=True)
    print(f"{name:<12} {ratio['rg']:.2f}x of ripgrep's time, {ratio['grep']:.2f}x of GNU grep's", flush=True)
    return ratio, memory["cogen"] / memory["rg"] if memory["rg"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--size", type=int, default=400, help="of the large file, in MB")
    options = parser.parse_args()
    for tool in ("rg", "grep"):
        if shutil.which(tool) is None:
            print(f"!!! SKIPPED: no {tool}")
            return 0
    subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "cogen-grep"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    ours = str(target / "release" / "cogen-grep")

    missed = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        large, tree = folder / "large.txt", folder / "tree"
        big_file(large, options.size)
        small_files(tree, 20_000)
        rows = {
            "count": {
                "cogen": [ours, "-F", "-c", NEEDLE, str(large)],
                "rg": ["rg", "--no-config", "-F", "-c", NEEDLE, str(large)],
                "grep": ["grep", "-F", "-c", NEEDLE, str(large)],
            },
            "lines": {
                "cogen": [ours, "-F", NEEDLE, str(large)],
                "rg": ["rg", "--no-config", "-F", NEEDLE, str(large)],
                "grep": ["grep", "-F", NEEDLE, str(large)],
            },
            "small files": {
                "cogen": [ours, "-j2", "-F", NEEDLE, str(tree)],
                "rg": ["rg", "--no-config", "-j2", "-F", NEEDLE, str(tree)],
                "grep": ["grep", "-r", "-F", NEEDLE, str(tree)],
            },
        }
        for row, commands in rows.items():
            ratio, memory = compare(row, commands, options.rounds, folder)
            if ratio["rg"] > 1.2:
                missed.append(f"{row}: {ratio['rg']:.2f}x of ripgrep's time, the bar is 1.2x")
            if row != "small files" and ratio["grep"] > 1 / 3:
                missed.append(f"{row}: {ratio['grep']:.2f}x of GNU grep's time, the bar is 0.33x")
            if memory > 1.5:
                missed.append(f"{row}: {memory:.2f}x of ripgrep's memory, the bar is 1.5x")
    for miss in missed:
        print(f"MISSED {miss}")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main())
