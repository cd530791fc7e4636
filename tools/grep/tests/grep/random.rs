//! Random patterns, options and texts; the same seed gives the same ones.

use std::ops::Range;

/// How deeply groups are nested at most.
const DEPTH: usize = 2;

/// A xorshift generator.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { state }
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap() % limit
    }

    pub(crate) fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.below(range.len())
    }

    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Lines made of these characters.
    pub(crate) fn lines(&mut self, count: usize, characters: &[u8]) -> String {
        let mut text = String::new();
        for _ in 0..count {
            for _ in 0..self.below(14) {
                text.push(char::from(characters[self.below(characters.len())]));
            }
            text.push('\n');
        }
        text
    }

    /// A pattern in the dialect that both greps share.
    pub(crate) fn pattern(&mut self) -> String {
        self.alternatives(DEPTH)
    }

    fn alternatives(&mut self, depth: usize) -> String {
        let count = self.pick(&[&1, &1, &1, &2, &3]);
        let alternatives: Vec<_> = (0..*count).map(|_| self.sequence(depth)).collect();
        alternatives.join("|")
    }

    /// There are anchors only outside of groups: glibc's `regexec`, to which GNU grep falls back when its own automaton
    /// gives up, gets some of them wrong in repeated groups.
    fn sequence(&mut self, depth: usize) -> String {
        let anchor = |anchor| if depth == DEPTH { anchor } else { "" };
        let mut sequence = String::new();
        sequence.push_str(anchor(self.pick(&["", "", "", "", "^", r"\b", r"\<"])));
        for _ in 0..self.within(1..4) {
            let atom = self.atom(depth);
            sequence.push_str(&atom);
            sequence.push_str(self.pick(repetitions(&atom)));
        }
        sequence.push_str(anchor(self.pick(&["", "", "", "", "$", r"\b", r"\>"])));
        sequence
    }

    fn atom(&mut self, depth: usize) -> String {
        if depth > 0 && self.below(5) == 0 {
            return format!("({})", self.alternatives(depth - 1));
        }
        let atoms = [
            "a",
            "b",
            "c",
            "ab",
            "_",
            "-",
            " ",
            ".",
            "[ab]",
            "[^a]",
            "[a-c]",
            "[[:alpha:]]",
            r"\w",
            r"\W",
        ];
        self.pick(&atoms).to_owned()
    }

    /// Options that change what is found or printed.
    pub(crate) fn options(&mut self) -> Vec<&'static str> {
        const ALL: &[&str] = &[
            "-i",
            "-v",
            "-n",
            "-c",
            "-l",
            "-o",
            "-o",
            "-w",
            "-w",
            "-x",
            "-m1",
            "-m2",
            "-A1",
            "-B1",
            "-C1",
            "-A0",
            "-h",
            "-H",
            "-q",
            "-s",
            "--color=always",
            "--color=always",
            "-on",
            "-in",
        ];
        let count = self.below(4);
        (0..count).map(|_| self.pick(ALL)).collect()
    }
}

/// What may follow an atom. There is no second repetition, because `a+?` is lazy in one of the dialects.
///
/// A group is repeated only a few times, because otherwise `regexec` takes exponential time.
fn repetitions(atom: &str) -> &'static [&'static str] {
    if atom.starts_with('(') {
        &["", "", "", "?", "{2}"]
    } else {
        &["", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}"]
    }
}
