//! The source of a round's decisions.

/// A source of decisions: the same source makes the same round.
#[derive(Clone, Debug)]
pub enum Source {
    /// xorshift64*.
    Seed(u64),
    /// A fuzzer's bytes, in reverse: the next one is the last.
    Bytes(Vec<u8>),
}

impl Source {
    /// Mixes the seed, so that neighbouring seeds give unlike rounds.
    #[must_use]
    pub fn seed(seed: u64) -> Self {
        let mut source = Self::Seed(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..4 {
            source.below(2);
        }
        source
    }

    #[must_use]
    pub fn bytes(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.iter().rev().copied().collect())
    }

    /// A number below `end`; always 0 once the bytes are used up.
    pub fn below(&mut self, end: u32) -> u32 {
        match self {
            Self::Seed(state) => {
                *state ^= *state >> 12;
                *state ^= *state << 25;
                *state ^= *state >> 27;
                let high = state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
                u32::try_from((high * u64::from(end)) >> 32).expect("it is below `end`")
            }
            Self::Bytes(bytes) => u32::from(bytes.pop().unwrap_or(0)) % end,
        }
    }

    /// Whether a fuzzer's bytes are used up.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Bytes(bytes) if bytes.is_empty())
    }
}
