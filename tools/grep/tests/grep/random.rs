//! Patterns, options and texts, the same for the same seed.

use std::ops::Range;

/// How many groups are in one another, at most.
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

    /// Lines of these characters.
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

    /// A pattern of the dialect that both greps share.
    pub(crate) fn pattern(&mut self) -> String {
        self.alternatives(DEPTH)
    }

    fn alternatives(&mut self, depth: usize) -> String {
        let count = self.pick(&[&1, &1, &1, &2, &3]);
        let alternatives: Vec<_> = (0..*count).map(|_| self.sequence(depth)).collect();
        alternatives.join("|")
    }

    /// Only outside of groups there are anchors: glibc's `regexec`, which GNU grep uses where its own
    /// automaton gives up, gets some of them wrong in groups that repeat.
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

/// What may follow an atom, but no second repetition: `a+?` is lazy in one dialect.
///
/// A group repeats a few times only: `regexec` takes exponential time else.
fn repetitions(atom: &str) -> &'static [&'static str] {
    if atom.starts_with('(') {
        &["", "", "", "?", "{2}"]
    } else {
        &["", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,1}"]
    }
}
