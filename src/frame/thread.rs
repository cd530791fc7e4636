//! Which thread this is: a token that is cheap to compare, and a number that may be kept.
//!
//! A [`ThreadToken`] is the address of a thread-local: two living threads never share one. It is
//! compared only with tokens of living threads (a slot lives while its thread polls).

use core::cell::Cell;
use core::ptr;

use super::ids;

thread_local! {
    /// What [`unique`] gives, or 0. Its address is the thread's token.
    static UNIQUE: Cell<u64> = const { Cell::new(0) };
}

/// A part of what need not stay where it was made, as a slot knows its thread.
pub(super) type Stays = ();

/// Identifies a living thread.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct ThreadToken(*const ());

/// The token of the calling thread.
#[inline]
pub(super) fn current() -> ThreadToken {
    UNIQUE.with(|unique| ThreadToken(ptr::from_ref(unique).cast()))
}

/// A number of the calling thread that no other thread ever has: unlike the token, it may be kept.
#[inline]
pub(super) fn unique() -> u64 {
    let unique = UNIQUE.get();
    if unique == 0 { first_unique() } else { unique }
}

#[cold]
#[inline(never)]
fn first_unique() -> u64 {
    let id = ids::fresh_id().get();
    UNIQUE.set(id);
    id
}

#[cfg(test)]
mod tests {
    use super::current;

    #[test]
    fn living_threads_have_different_tokens() {
        let here = current().0.addr();
        assert_eq!(here, current().0.addr());
        std::thread::scope(|s| {
            s.spawn(move || assert_ne!(current().0.addr(), here));
        });
    }
}
