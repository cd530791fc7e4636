//! The hint that a path is hardly ever taken, for compilers that have it and for those before 1.95, which do not.

/// See [`core::hint::cold_path`].
#[cfg(has_cold_path)]
#[inline(always)]
#[expect(
    clippy::incompatible_msrv,
    reason = "`build.rs` has asked the compiler for it"
)]
pub(super) const fn cold_path() {
    core::hint::cold_path();
}

/// A call of what is cold says the same, if less reliably.
#[cfg(not(has_cold_path))]
#[cold]
#[inline]
pub(super) const fn cold_path() {}
