//! What a round may do.

use super::common::settings::is_without;
use super::world;

#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is chosen alone")]
pub struct Mode {
    /// Half-run futures move between tasks, and are polled with wakers of all sorts.
    pub wild: bool,
    /// Destructors and clones panic.
    pub panics: bool,
    /// Futures are forgotten.
    pub forgets: bool,
    /// Wakers are woken on other threads, and when those threads end.
    pub threads: bool,
}

impl Mode {
    pub fn choose() -> Self {
        Self {
            wild: !is_without("wild") && world::chance(3),
            panics: !is_without("panic") && world::chance(4),
            forgets: !is_without("forget") && world::chance(8),
            threads: !is_without("threads") && world::chance(3),
        }
    }

    /// Whether every wait must end when the thing it waits for does.
    pub fn is_fair(self) -> bool {
        !(self.wild || self.panics || self.forgets)
    }
}
