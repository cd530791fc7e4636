//! Drops called bodies, one inside another.

use core::num::NonZeroU64;

use super::called_body::Doomed;

/// Drops a body.
///
/// # Safety
///
/// `'g` has not ended, and this is where the body was doomed.
#[expect(
    clippy::needless_pass_by_value,
    reason = "with std there is a queue, which keeps it"
)]
pub(super) unsafe fn drop_body(_: NonZeroU64, body: Doomed) {
    // SAFETY: by the contract.
    unsafe { body.drop_body() };
}
