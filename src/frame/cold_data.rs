//! What a frame rarely needs, in a box of its own, which is allocated when it is first needed, and kept until the
//! frame is dropped.
//!
//! 1. Only the frame that owns a cold box refers to it, and what is polled in a resume of that frame, on the thread
//!    that resumes it: so one at a time.
//! 2. No foreign code (a destructor, a waker's function) runs while there is a reference to the box, or while the box
//!    is half changed: such code may come back here, through a yield of the same frame. What is replaced or removed
//!    is handed out, and dropped or woken when the reference is gone.
//!
//! The functions take and return only the address of the box: the optimiser can then hold the frame in registers (see
//! docs/architecture.md, "What keeps it free").

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use core::task::Waker;

use super::exception::Exception;
use super::flags::Flags;
use super::kept_outcome::KeptOutcome;
use super::scope_wakers::ScopeWakers;
use super::status::Target;
use super::yield_queue::{Queue, Round};
use super::yield_state::{Generation, Ticket};

pub(super) struct ColdData {
    /// The generation of the yields that give their value from now on ([`super::yield_state`], invariant 1).
    pub(super) generation: Generation,
    /// The generation of the yield that the reply of this resume is for.
    pub(super) owner: Generation,
    /// The exception that is on its way to that scope, which takes it.
    pub(super) thrown: Option<(Target, Exception)>,
    /// Raised by the body in this poll; the innermost scope takes it, else the end of the resume.
    pub(super) raised: Option<Exception>,
    /// The waker of the foreign combinator that polls the yield which gave its value last.
    pub(super) given: Option<Waker>,
    /// The yields that wait for their turn.
    pub(super) queue: Queue,
    /// The wakers of the foreign combinators that poll scopes.
    pub(super) scopes: ScopeWakers,
    /// The body did not take the reply and awaits something foreign: the reply went back to the
    /// caller, which may offer it again.
    pub(super) owed: bool,
    /// What the body returned or raised, kept for `take_return`: always a
    /// `Result<F::Output, Exception>` of the frame's `F`.
    pub(super) kept: Option<KeptOutcome>,
}

impl ColdData {
    /// Whether a waker must be woken when the frame is resumed at a yield.
    pub(super) fn has_due(&self) -> bool {
        self.given.is_some() || self.queue.has_due()
    }
}

const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<ColdData>();
};

/// `cold`, or a new one if it is null.
///
/// The caller becomes the owner of a new one.
#[cold]
#[inline(never)]
pub(super) fn ensure(cold: *mut ColdData) -> *mut ColdData {
    if !cold.is_null() {
        return cold;
    }
    Box::into_raw(Box::new(ColdData {
        generation: Generation::FIRST,
        owner: Generation::FIRST,
        thrown: None,
        raised: None,
        given: None,
        queue: Queue::default(),
        scopes: ScopeWakers::default(),
        owed: false,
        kept: None,
    }))
}

/// Drops a cold box.
///
/// # Safety
///
/// `cold` came from [`ensure`], and is not used again.
#[cold]
#[inline(never)]
pub(super) unsafe fn drop_cold(cold: *mut ColdData) {
    // SAFETY: by the contract.
    drop(unsafe { Box::from_raw(cold) });
}

/// Foreign values that a call below has put aside: the caller drops them, after whatever it has to write.
pub(super) type Stale<T> = Option<T>;

/// The exception that is on its way to `target`.
///
/// # Safety
///
/// `cold` is the cold box of a frame that the caller may change (invariant 1).
#[cold]
#[inline(never)]
pub(super) unsafe fn take_thrown(cold: *mut ColdData, target: Target) -> Option<Exception> {
    // SAFETY: by the contract.
    let thrown = unsafe { &mut (*cold).thrown };
    thrown
        .take_if(|(to, _)| *to == target)
        .map(|(_, exception)| exception)
}

/// The exception that was thrown in the last step and that no scope took.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
pub(super) unsafe fn take_untaken(cold: *mut ColdData) -> Option<Exception> {
    // SAFETY: by the contract.
    let (_, exception) = unsafe { cold.as_mut() }?.thrown.take()?;
    Some(exception)
}

/// The exception that the body has raised.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn take_raised(cold: *mut ColdData) -> Option<Exception> {
    // SAFETY: by the contract.
    unsafe { cold.as_mut() }?.raised.take()
}

/// Puts an exception on its way. One that was there before, and that no scope took, comes back.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`]; the frame's head gets the box that is returned.
#[must_use]
pub(super) unsafe fn throw(
    cold: *mut ColdData,
    target: Target,
    exception: Exception,
) -> (*mut ColdData, Stale<(Target, Exception)>) {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let stale = unsafe { (*cold).thrown.replace((target, exception)) };
    (cold, stale)
}

/// Keeps what the body raised; one that was there before comes back.
///
/// # Safety
///
/// As for [`throw`].
#[cold]
#[inline(never)]
#[must_use]
pub(super) unsafe fn raise(
    cold: *mut ColdData,
    exception: Exception,
) -> (*mut ColdData, Stale<Exception>) {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let stale = unsafe { (*cold).raised.replace(exception) };
    (cold, stale)
}

/// Begins a new generation.
///
/// # Safety
///
/// As for [`throw`].
#[cold]
#[inline(never)]
#[must_use]
pub(super) unsafe fn renew(cold: *mut ColdData) -> *mut ColdData {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let generation = unsafe { &mut (*cold).generation };
    *generation = generation.next();
    cold
}

/// The generation of the yield that the reply is for, and the one of a yield that gives its value now.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`]; it is not if `flags` has `LATER`.
pub(super) unsafe fn generations(cold: *mut ColdData, flags: Flags) -> (Generation, Generation) {
    if !flags.any(Flags::LATER) {
        return (Generation::FIRST, Generation::FIRST);
    }
    // SAFETY: by the contract.
    unsafe { ((*cold).owner, (*cold).generation) }
}

/// The caller gets its reply back, and may offer it again.
///
/// # Safety
///
/// As for [`throw`].
#[cold]
#[inline(never)]
#[must_use]
pub(super) unsafe fn owe(cold: *mut ColdData) -> *mut ColdData {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    unsafe { (*cold).owed = true };
    cold
}

/// Whether a resume at a yield is not a plain one: it has to wake a waker, or the yield is not of the first
/// generation.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn needs_care(cold: *mut ColdData) -> bool {
    // SAFETY: by the contract.
    unsafe { cold.as_ref() }
        .is_some_and(|cold| cold.has_due() || cold.generation != Generation::FIRST)
}

/// A resume begins: wakes the yield that the reply is for, if there is a reply, and the yield that has the turn.
/// Wakers are foreign code, and may panic: a waker that was not reached is woken in the next resume.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn begin(cold: *mut ColdData, replied: bool) {
    // SAFETY: by the contract; the reference ends here.
    let given = unsafe { cold.as_mut() }.and_then(|cold| cold.given.take_if(|_| replied));
    given.into_iter().for_each(Waker::wake);
    // SAFETY: as above.
    let next = unsafe { cold.as_mut() }.and_then(|cold| cold.queue.take_waker());
    next.into_iter().for_each(Waker::wake);
    // SAFETY: as above.
    let gone = unsafe { cold.as_mut() }.map(|cold| cold.queue.clear_if_long());
    gone.into_iter().flatten().for_each(Waker::wake);
    // SAFETY: as above.
    let stale = unsafe { cold.as_mut() }.map(|cold| cold.queue.take_stale());
    drop(stale);
    // Last, as all of that may panic.
    // SAFETY: as above.
    if let Some(cold) = unsafe { cold.as_mut() } {
        cold.owed = false;
    }
}

/// A fresh yield has asked in vain.
///
/// # Safety
///
/// As for [`throw`].
#[must_use]
pub(super) unsafe fn enqueue(cold: *mut ColdData) -> (*mut ColdData, Ticket) {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let ticket = unsafe { (*cold).queue.push() };
    (cold, ticket)
}

/// A queued yield is polled again. Returns whether it is its turn, and it leaves the queue, as the slot is `open`.
///
/// # Safety
///
/// As for [`take_thrown`].
pub(super) unsafe fn ask_again(cold: *mut ColdData, ticket: Ticket, open: bool) -> bool {
    // SAFETY: by the contract. No foreign code runs: a waker stays.
    let ColdData { queue, given, .. } = unsafe { &mut *cold };
    let gives = open && ticket <= queue.turn();
    if gives {
        queue.leave(ticket, given);
    } else {
        queue.come_back(ticket);
    }
    gives
}

/// Whether no yield waits for a turn.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
pub(super) unsafe fn is_queue_empty(cold: *mut ColdData) -> bool {
    // SAFETY: by the contract.
    unsafe { cold.as_ref() }.is_none_or(|cold| cold.queue.is_empty())
}

/// Keeps the waker by which a yield is polled, to wake the yield when its turn or its reply comes. The yield
/// `queues`, with a ticket if it has one, or gives its value, or has given it. A waker that is no longer needed is
/// dropped in [`begin`].
///
/// # Safety
///
/// As for [`throw`].
#[must_use]
pub(super) unsafe fn keep_waker(
    cold: *mut ColdData,
    queues: bool,
    ticket: Option<Ticket>,
    waker: Waker,
) -> *mut ColdData {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let rare = unsafe { &mut *cold };
    let old = match ticket {
        Some(ticket) => rare.queue.set_waker(ticket, waker),
        None if queues => rare.queue.newcomer.replace(waker),
        None => rare.given.replace(waker),
    };
    rare.queue.put_aside(old);
    cold
}

/// Keeps the waker by which scope `scope`, which is pending, is polled. Returns what is stale, and the wakers to be
/// woken, as they may belong to scopes that are gone.
///
/// # Safety
///
/// As for [`throw`].
#[cold]
#[inline(never)]
#[must_use]
pub(super) unsafe fn keep_scope(
    cold: *mut ColdData,
    scope: Target,
    waker: Waker,
) -> (*mut ColdData, Stale<Waker>, BTreeMap<Target, Waker>) {
    let cold = ensure(cold);
    // SAFETY: by the contract, or new.
    let scopes = unsafe { &mut (*cold).scopes };
    let mut gone = BTreeMap::new();
    if scopes.are_too_many() {
        gone = scopes.take_all();
    }
    (cold, scopes.keep(scope, waker), gone)
}

/// Whether `waker` is the one that is kept for `scope`.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn has_scope(cold: *mut ColdData, scope: Target, waker: &Waker) -> bool {
    // SAFETY: by the contract. `will_wake` compares, and calls no foreign code.
    unsafe { cold.as_ref() }.is_some_and(|cold| cold.scopes.has(scope, waker))
}

/// A scope ends: its waker is no longer needed.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn forget_scope(cold: *mut ColdData, scope: Target) {
    // SAFETY: by the contract; the reference ends here.
    let waker = unsafe { cold.as_mut() }.and_then(|cold| cold.scopes.take(scope));
    drop(waker);
}

/// No value was given though something asked. Returns why the body is polled once more, if it is ([`Round`]). Wakes
/// those that leave the queue for that.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
pub(super) unsafe fn go_round(cold: *mut ColdData, round: Round) -> Option<Round> {
    // SAFETY: by the contract; the reference ends here.
    let Some((woken, next)) = unsafe { cold.as_mut() }.map(|cold| cold.queue.pass(round)) else {
        return (round == Round::None).then_some(Round::Last);
    };
    woken.into_iter().for_each(Waker::wake);
    next
}

/// Whether `scope` was polled through a foreign waker, and has not ended (it may have been dropped).
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn stands(cold: *mut ColdData, scope: Target) -> bool {
    // SAFETY: by the contract.
    unsafe { cold.as_ref() }.is_some_and(|cold| !scope.is_none() && cold.scopes.stands(scope))
}

/// The newest scope of which the same is true.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
#[cold]
#[inline(never)]
pub(super) unsafe fn newest_scope(cold: *mut ColdData) -> Target {
    // SAFETY: by the contract.
    let newest = unsafe { cold.as_ref() }.and_then(|cold| cold.scopes.newest());
    newest.unwrap_or(Target::NONE)
}

/// Something is thrown to `target`: wakes what polls that, and what polls the yield inside.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
pub(super) unsafe fn wake_target(cold: *mut ColdData, target: Target) {
    // One after the other: if one panics, the other stays where it is.
    // SAFETY: by the contract; the reference ends here.
    let scopes = unsafe { cold.as_mut() }.and_then(|cold| cold.scopes.take(target));
    scopes.into_iter().for_each(Waker::wake);
    // SAFETY: as above.
    let given = unsafe { cold.as_mut() }.and_then(|cold| cold.given.take());
    given.into_iter().for_each(Waker::wake);
}

/// Whether an exception is on its way to `target`.
///
/// # Safety
///
/// `cold` is null, or as for [`take_thrown`].
pub(super) unsafe fn is_thrown_to(cold: *mut ColdData, target: Target) -> bool {
    // SAFETY: by the contract.
    let thrown = unsafe { cold.as_ref() }.and_then(|cold| cold.thrown.as_ref());
    thrown.is_some_and(|(to, _)| *to == target)
}
