//! What a frame keeps between resumes, beside its body.

use std::num::NonZeroU64;
use std::ptr;
use std::task::Waker;

use super::Exception;
use super::kept::Kept;
use super::slot::GIVEN;

/// Ids, and so the tokens of scopes, are below this.
pub(super) const ID_END: u64 = 1 << 61;

/// The state of a frame in one word:
///
/// | value | meaning | set by |
/// |---|---|---|
/// | `CREATED` | never resumed | [`Head::new`] |
/// | `SUSPENDED` | at a yield, no scope around it | the end of a resume |
/// | a scope's token | at a yield, a throw goes to that scope | the end of a resume |
/// | one of these two, with `CARE` | the same, and a yield is queued, or left behind | the end of a resume |
/// | one of these two, with `AWAITING` | the body awaits something foreign | the end of a resume |
/// | `CLOSED` | the body has been dropped | `Frame::finish` |
/// | `POISONED` | the body panicked; it is dropped with the frame | unwinding out of a resume |
///
/// `CREATED <= status` admits `next`, `SUSPENDED <= status` admits `send`, without another look;
/// everything else is decided by `enter` in [`super::resume`].
pub(super) type Status = i64;
pub(super) const CREATED: Status = 0;
pub(super) const SUSPENDED: Status = 1;
pub(super) const CLOSED: Status = -1;
pub(super) const POISONED: Status = -2;
pub(super) const CARE: Status = i64::MIN;
pub(super) const AWAITING: Status = CARE | 1 << 62;
/// The bits of a scope's token.
const SCOPE: Status = (1 << 62) - 1;

/// Where a throw at a frame in this state goes: `SUSPENDED` (nowhere) or a scope's token.
pub(super) fn target(status: Status) -> Status {
    if is_closed(status) || status == CREATED {
        SUSPENDED
    } else {
        status & SCOPE
    }
}

pub(super) fn is_closed(status: Status) -> bool {
    status == CLOSED || status == POISONED
}

pub(super) fn is_awaiting(status: Status) -> bool {
    !is_closed(status) && status & AWAITING == AWAITING
}

/// What a resume wants: the least status that admits it without a further look.
pub(super) type Op = Status;
/// Resume with the reply if there was a yield, else start.
pub(super) const NEXT: Op = CREATED;
/// Resume with the reply.
pub(super) const SEND: Op = SUSPENDED;
/// Run to the first yield.
pub(super) const START: Op = i64::MAX;
/// Poll again: a foreign future woke us, or an exception waits for its scope.
pub(super) const CONTINUE: Op = i64::MAX - 1;

pub(super) struct Head {
    pub(super) id: NonZeroU64,
    pub(super) status: Status,
    /// Null, or owned.
    pub(super) cold: *mut Cold,
}

// SAFETY: `cold` is owned, and what a `Cold` holds is `Send` (asserted below).
unsafe impl Send for Head {}
// SAFETY: a shared `Head` gives no access to `cold`.
unsafe impl Sync for Head {}

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Cold>();
};

impl Head {
    #[inline]
    pub(super) fn new(id: NonZeroU64) -> Self {
        Self {
            id,
            status: CREATED,
            cold: ptr::null_mut(),
        }
    }

    /// The rare state, allocated if need be.
    pub(super) fn cold(&mut self) -> &mut Cold {
        self.cold = ensure(self.cold);
        // SAFETY: `ensure` gave an owned, valid box, and we have the head for ourselves.
        unsafe { &mut *self.cold }
    }
}

impl Drop for Head {
    #[inline]
    fn drop(&mut self) {
        if !self.cold.is_null() {
            drop_cold(self.cold);
        }
    }
}

/// Rare state: allocated when it is first needed, kept until the frame is dropped.
pub(super) struct Cold {
    /// On its way to the scope with this token, which takes it.
    pub(super) thrown: Option<(Status, Exception)>,
    /// Raised by the body in this poll; the innermost scope takes it, else the end of the resume.
    pub(super) raised: Option<Exception>,
    /// Wakers of foreign combinators that polled a future of ours since the last yield.
    pub(super) wakers: Vec<Waker>,
    /// The body did not take the reply and awaits something foreign: the reply went back to the
    /// caller, who may offer it again.
    pub(super) owed: bool,
    /// The state of a yield that has given its value ([`super::slot`]).
    pub(super) given: u64,
    /// What the body returned or raised, kept for `take_return`: always a
    /// `Result<F::Output, Exception>` of the frame's `F`.
    pub(super) kept: Option<Kept>,
}

// The functions below take and give the address of the box alone: the optimiser can then hold the
// frame in registers (see docs/architecture.md, "What keeps it free").

/// `cold`, or a new one if it is null.
#[cold]
#[inline(never)]
pub(super) fn ensure(cold: *mut Cold) -> *mut Cold {
    if !cold.is_null() {
        return cold;
    }
    Box::into_raw(Box::new(Cold {
        thrown: None,
        raised: None,
        wakers: Vec::new(),
        owed: false,
        given: GIVEN,
        kept: None,
    }))
}

#[cold]
#[inline(never)]
fn drop_cold(cold: *mut Cold) {
    // SAFETY: `Head` owns the box and is being dropped.
    drop(unsafe { Box::from_raw(cold) });
}

/// Lets every foreign combinator poll our futures in it again.
///
/// # Safety
///
/// `cold` is null, or the cold box of a frame that the caller may change.
pub(super) unsafe fn wake_all(cold: *mut Cold) {
    // SAFETY: by the contract.
    if cold.is_null() || unsafe { (*cold).wakers.is_empty() } {
        return;
    }
    // SAFETY: by the contract. No reference is held while the wakers run: one may poll a yield.
    wake(std::mem::take(unsafe { &mut (*cold).wakers }));
}

#[cold]
#[inline(never)]
fn wake(wakers: Vec<Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

impl Cold {
    /// Whether the waker of a foreign combinator that polls a future of ours is kept.
    pub(super) fn has_waker(&self, waker: &Waker) -> bool {
        self.wakers.iter().any(|kept| kept.will_wake(waker))
    }
}
