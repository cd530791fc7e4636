//! The longest match that starts at a given place.

use std::fmt;

use regex_automata::hybrid::dfa::{self, DFA};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{self, NFA};
use regex_automata::util::pool::Pool;
use regex_automata::util::{primitives::NonMaxUsize, syntax};
use regex_automata::{Anchored, Input, MatchKind};

type Caches<T> = Pool<T, Box<dyn Fn() -> T + Send + Sync>>;

/// Finds the end of the longest match.
pub(crate) struct Longest {
    fast: DFA,
    fast_caches: Caches<dfa::Cache>,
    /// For cases where the fast one gives up: word boundaries next to characters beyond ASCII.
    slow: PikeVM,
    slow_caches: Caches<pikevm::Cache>,
}

impl Longest {
    pub(crate) fn new(
        sources: &[String],
        syntax: &syntax::Config,
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let nfa = NFA::compiler()
            .syntax(*syntax)
            .configure(thompson::Config::new().utf8(false))
            .build(&format!("(?:{})", sources.join(")|(?:")))?;
        let fast = DFA::builder()
            .configure(
                DFA::config()
                    .match_kind(MatchKind::All)
                    .unicode_word_boundary(true)
                    .skip_cache_capacity_check(true),
            )
            .build_from_nfa(nfa.clone())?;
        let slow = PikeVM::builder()
            .configure(PikeVM::config().match_kind(MatchKind::All))
            .build_from_nfa(nfa)?;
        let (for_fast, for_slow) = (fast.clone(), slow.clone());
        Ok(Self {
            fast,
            fast_caches: Pool::new(Box::new(move || for_fast.create_cache())),
            slow,
            slow_caches: Pool::new(Box::new(move || for_slow.create_cache())),
        })
    }

    /// The end of the longest match that starts at `start` and ends at `limit` or earlier.
    pub(crate) fn end(&self, line: &[u8], start: usize, limit: usize) -> Option<usize> {
        if limit < start {
            return None;
        }
        let input = Input::new(line).range(start..limit).anchored(Anchored::Yes);
        let found = self
            .fast
            .try_search_fwd(&mut self.fast_caches.get(), &input);
        match found {
            Ok(found) => found.map(|end| end.offset()),
            Err(_gave_up) => self.slow_end(&input),
        }
    }

    fn slow_end(&self, input: &Input<'_>) -> Option<usize> {
        let mut slots: [Option<NonMaxUsize>; 2] = [None; 2];
        let cache = &mut self.slow_caches.get();
        self.slow.search_slots(cache, input, &mut slots)?;
        slots[1].map(NonMaxUsize::get)
    }
}

impl fmt::Debug for Longest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Longest").finish_non_exhaustive()
    }
}
