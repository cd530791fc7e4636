//! Waiting for several parts on threads at the same time, in a sync drive.
//!
//! 1. Driven synchronously, a part on a thread of its own that has nothing yet blocks its caller. In a *select* it does not:
//!    it answers `Pending`, and says that it will have something later. If it is lent a waker, it keeps that.
//! 2. A select first looks at everything. If nothing is there, and somebody will have something later, it asks once
//!    more, lends its waker, and waits for a wake.
//! 3. A select in a select does not wait: the outer one does, for both.
//! 4. Whoever drives a pipeline is not part of a select that happens to be under way on its thread, as that of a merge
//!    one of whose stages runs a pipeline of its own. So a `Pending` that it gets may be meant for the select: it asks
//!    once more, with [`blocking`], or at once with [`alone`].
//! 5. A driver that asks once more has let a part say that it will have something later, which does not concern the
//!    select. Whether others in there had said so before is not known then. So the select waits only for a moment, and
//!    asks again.

use std::cell::Cell;
use std::hint;
use std::mem;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

thread_local! {
    /// What the select that is under way on this thread does. Without a destructor, so that it is there as long as
    /// the thread.
    static MODE: Cell<Mode> = const { Cell::new(Mode::Off) };
    /// Who in the select that is under way will have something later. Set by `wait`; taken by the select.
    static LATER: Cell<Later> = const { Cell::new(Later::Nobody) };
    /// When the select is to ask again at the latest. Set by `until`.
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The waker that is lent, in the mode `Lends`.
    static LENT: Cell<Option<Waker>> = const { Cell::new(None) };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// There is none.
    Off,
    /// It looks, and lends no waker.
    Looks,
    Lends,
}

/// Whether somebody will have something later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Later {
    Nobody,
    /// A part of a pipeline that waits for itself has said so, and perhaps others have.
    Perhaps,
    #[cfg_attr(
        not(feature = "threads"),
        expect(dead_code, reason = "only a part on a thread has something later")
    )]
    Somebody,
}

/// How long it waits where it is not known whether there is something to wait for.
const MOMENT: Duration = Duration::from_millis(1);

/// What waits for several parts at the same time.
#[derive(Debug, Default)]
pub(super) struct Select {
    /// Made where it has to wait for the first time.
    parker: Option<Parker>,
}

impl Select {
    /// Polls until something is there, or nobody will have anything: in an async drive once, with its context.
    #[inline]
    pub(super) fn poll<T>(
        &mut self,
        cx: Option<&mut Context<'_>>,
        mut poll: impl FnMut(Option<&mut Context<'_>>) -> Poll<T>,
    ) -> Poll<T> {
        if cx.is_some() || MODE.get() != Mode::Off {
            return poll(cx);
        }
        loop {
            let (polled, later, _) = within(Mode::Looks, None, || poll(None));
            if polled.is_ready() || later == Later::Nobody {
                return polled;
            }
            let parker = self.parker.get_or_insert_with(Parker::new);
            linger();
            let lent = Some(parker.waker.clone());
            let (polled, later, until) = within(Mode::Lends, lent, || poll(None));
            if polled.is_ready() || later == Later::Nobody {
                return polled;
            }
            parker.wait(match later {
                Later::Perhaps => earliest(until, MOMENT),
                Later::Nobody | Later::Somebody => until,
            });
        }
    }
}

/// Runs `poll`, and tells whether somebody in there will have something later.
#[cfg(feature = "threads")]
#[inline]
pub(super) fn later<T>(poll: impl FnOnce() -> T) -> (T, bool) {
    let before = LATER.replace(Later::Nobody);
    let polled = poll();
    let later = LATER.get();
    LATER.set(before.max(later));
    (polled, later > Later::Nobody)
}

/// The wait of a part on a thread. `poll` looks for something; if nothing is there, it keeps the waker, if it gets one.
#[cfg(feature = "threads")]
pub(super) fn wait<T>(
    parker: &mut Option<Parker>,
    cx: Option<&mut Context<'_>>,
    mut poll: impl FnMut(Option<&Waker>) -> Poll<T>,
) -> Poll<T> {
    if let Some(cx) = cx {
        return poll(Some(cx.waker()));
    }
    if MODE.get() != Mode::Off {
        let polled = match lent() {
            Some(waker) => poll(Some(&waker)),
            None => poll(None),
        };
        if polled.is_pending() {
            LATER.set(Later::Somebody);
        }
        return polled;
    }
    loop {
        let polled = poll(None);
        if polled.is_ready() {
            return polled;
        }
        let parker = parker.get_or_insert_with(Parker::new);
        linger();
        let polled = poll(Some(&parker.waker));
        if polled.is_ready() {
            return polled;
        }
        parker.wait(None);
    }
}

/// Makes the select that is under way ask again when so much time has passed, if nothing wakes it before.
pub(super) fn until(time: Duration) {
    UNTIL.set(earliest(UNTIL.get(), time));
}

/// `until`, or when so much time has passed.
fn earliest(until: Option<Instant>, time: Duration) -> Option<Instant> {
    // What is too far away for the clock is never.
    let then = Instant::now().checked_add(time);
    until.into_iter().chain(then).min()
}

/// For a part that can only block: until when it may, if there is a limit.
#[cfg(feature = "threads")]
pub(super) fn limit() -> Option<Instant> {
    UNTIL.get()
}

/// A part that can only block has blocked for as long as it may.
#[cfg(feature = "threads")]
pub(super) fn is_late() {
    LATER.set(Later::Somebody);
}

/// A clone of the waker that is lent, if there is one.
#[cfg(feature = "threads")]
fn lent() -> Option<Waker> {
    let clone = |lent: &Cell<Option<Waker>>| {
        let waker = lent.take();
        let clone = waker.clone();
        lent.set(waker);
        clone
    };
    LENT.try_with(clone).ok().flatten()
}

/// For a driver that got `Pending`: asks once more where a select is under way, without being part of it. What it
/// drives waits then.
#[cold]
pub(super) fn blocking<T>(poll: impl FnOnce() -> Poll<T>) -> Poll<T> {
    if MODE.get() == Mode::Off {
        return Poll::Pending;
    }
    LATER.set(LATER.get().min(Later::Perhaps));
    apart(poll)
}

/// For a driver that asks once for many items: it is not part of a select that is under way.
#[inline]
pub(super) fn alone<T>(poll: impl FnOnce() -> T) -> T {
    if MODE.get() == Mode::Off {
        return poll();
    }
    apart(poll)
}

#[cold]
fn apart<T>(poll: impl FnOnce() -> T) -> T {
    within(Mode::Off, None, poll).0
}

/// What was under way before, for as long as something else is.
struct Scope {
    mode: Mode,
    later: Later,
    until: Option<Instant>,
    lent: Option<Waker>,
    lends: bool,
}

impl Scope {
    #[inline]
    fn enter(mode: Mode, waker: Option<Waker>) -> Self {
        let before = MODE.replace(mode);
        // `LENT` has a destructor, and is left alone where nothing is lent before and now.
        let lends = before == Mode::Lends || mode == Mode::Lends;
        Self {
            mode: before,
            later: LATER.replace(Later::Nobody),
            until: UNTIL.take(),
            lent: lends.then(|| swap(waker)).flatten(),
            lends,
        }
    }
}

/// Runs `poll` in the mode, and tells who will have something later, and when to ask again.
#[inline]
fn within<T>(
    mode: Mode,
    waker: Option<Waker>,
    poll: impl FnOnce() -> T,
) -> (T, Later, Option<Instant>) {
    let _scope = Scope::enter(mode, waker);
    let polled = poll();
    (polled, LATER.get(), UNTIL.get())
}

impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        MODE.set(self.mode);
        LATER.set(self.later);
        UNTIL.set(self.until);
        if self.lends {
            drop(swap(self.lent.take()));
        }
    }
}

fn swap(waker: Option<Waker>) -> Option<Waker> {
    let mut waker = waker;
    // A thread whose thread-locals are being destroyed lends nothing.
    let _gone = LENT.try_with(|lent| waker = lent.replace(waker.take()));
    waker
}

/// What a thread waits with: a waker, and the wait for its wake.
#[derive(Debug)]
pub(super) struct Parker {
    parked: Arc<Parked>,
    waker: Waker,
}

impl Parker {
    fn new() -> Self {
        let parked = Arc::new(Parked::default());
        Self {
            waker: Arc::clone(&parked).into(),
            parked,
        }
    }

    /// Waits for a wake, or until then. A wake that came before counts.
    fn wait(&self, until: Option<Instant>) {
        self.parked.wait(until);
    }
}

/// Leaves the other side alone for a moment.
///
/// A thread that looks at an empty queue again and again slows down the one that fills it, as they share its
/// memory; and one that sleeps has to be woken, which takes longer than a hundred items do. So it waits a little, in which
/// the other side makes several items instead of one, and lets others use the core.
pub(super) fn linger() {
    for _ in 0..PATIENCE {
        hint::spin_loop();
    }
    for _ in 0..YIELDS {
        thread::yield_now();
    }
}

/// About a microsecond.
const PATIENCE: usize = 64;

/// How often it lets others run before it sleeps.
const YIELDS: usize = 2;

#[derive(Debug, Default)]
struct Parked {
    /// [`EMPTY`], [`WOKEN`] (set by a wake; cleared by the wait) or [`ASLEEP`] (set by the wait; cleared by a wake).
    state: AtomicU8,
    lock: Mutex<()>,
    woken: Condvar,
}

const EMPTY: u8 = 0;
const WOKEN: u8 = 1;
const ASLEEP: u8 = 2;

impl Parked {
    fn wait(&self, until: Option<Instant>) {
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let asleep =
            self.state
                .compare_exchange(EMPTY, ASLEEP, Ordering::AcqRel, Ordering::Acquire);
        if asleep.is_ok() {
            while self.state.load(Ordering::Acquire) == ASLEEP {
                let Some(until) = until else {
                    guard = self
                        .woken
                        .wait(guard)
                        .unwrap_or_else(PoisonError::into_inner);
                    continue;
                };
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                let waited = self.woken.wait_timeout(guard, left);
                guard = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        self.state.store(EMPTY, Ordering::Release);
        mem::drop(guard);
    }
}

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == ASLEEP {
            // The sleeper holds the lock until it waits, so this wake is not too early.
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.woken.notify_one();
        }
    }
}
