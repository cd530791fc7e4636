use alloc::sync::{Arc, Weak};
use alloc::task::Wake;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Waker};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, TryLockError};

use super::closing::Closing;
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::protocol::Generator;
use super::state::State;
use super::step::Step;
use crate::debug::debug;
use crate::frame::{Exception, Frame, Recursive, UnderWay, is_driven_by_us, link_all};

/// A generator with several owners, as every Python generator may have: see [`Generator::shared`].
///
/// A clone is another handle to the same generator. A handle is a generator itself. A call to one that is running,
/// made by its own body or by another thread, fails with `Running` (Python: `ValueError: generator already
/// executing`) and changes nothing. The generator closes when the last handle is dropped. A body that holds a handle
/// to its own generator keeps the generator alive for ever: give the body a [`WeakShared`].
///
/// It is `Send` and `Sync` if the generator is `Send`: there is one type for both. The lock inside is
/// only ever tried, never waited for.
///
/// Several tasks may await `anext` of one generator: each item goes to one of them. If, while a call is under way,
/// another owner makes the generator go on and so gets the answer, the call ends with an exception.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, NextError, Step, generator};
/// use std::sync::OnceLock;
///
/// type Handle = cogen::Shared<cogen::BoxGen<'static, u32>>;
/// static SELF: OnceLock<cogen::WeakShared<cogen::BoxGen<'static, u32>>> = OnceLock::new();
///
/// let mut one: Handle = generator(|co| async move {
///     let mut me = SELF.get().unwrap().upgrade().unwrap();
///     assert!(matches!(me.next(), Err(NextError::Running)));
///     drop(me);
///     co.yield_(1).await;
///     co.yield_(2).await;
/// })
/// .boxed()
/// .shared();
/// SELF.set(one.downgrade()).unwrap();
/// let mut other = one.clone();
/// assert_eq!(one.next()?, Step::Yielded(1));
/// assert_eq!(other.next()?, Step::Yielded(2));
/// # Ok::<(), cogen::NextError>(())
/// ```
#[must_use = "a generator does nothing until it is resumed"]
pub struct Shared<G: Generator + Unpin> {
    inner: Arc<Inner<G>>,
}

/// A handle that does not keep a [`Shared`] generator alive. Python: `weakref.ref(generator)`.
pub struct WeakShared<G: Generator + Unpin> {
    inner: Weak<Inner<G>>,
}

struct Inner<G: Generator + Unpin> {
    generator: Mutex<Closing<G>>,
    owners: Arc<Owners>,
}

impl<G: Generator + Unpin> Drop for Inner<G> {
    fn drop(&mut self) {
        // One of the wakers may wake these owners themselves, or others that wake them: a cycle that nothing else
        // would break.
        drop(self.owners.take());
    }
}

/// The tasks that wait for the generator. It is driven with a waker that wakes them all, so it does
/// not matter which of them polled last.
///
/// What the body awaits keeps only the waker of the last poll. A sync call polls the body with a waker that wakes
/// nobody, so the owners are woken after each sync call: they poll again, with a waker that wakes them.
#[derive(Default)]
struct Owners {
    wakers: Mutex<Vec<Waker>>,
    /// Set as long as there are wakers, so that a sync call need not lock them to see that there are none. An
    /// owner is added, and this is read, with the generator's lock held.
    waiting: AtomicBool,
}

impl Owners {
    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        self.wakers
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn add(&self, waker: &Waker) {
        let known = |wakers: &[Waker]| wakers.iter().any(|known| known.will_wake(waker));
        if known(&self.wakers()) {
            return;
        }
        // Nothing is locked here: cloning a waker runs foreign code, and so does dropping a spare
        // one.
        let fresh = waker.clone();
        let mut wakers = self.wakers();
        let spare = if known(&wakers) {
            Some(fresh)
        } else {
            wakers.push(fresh);
            self.waiting.store(true, Ordering::Relaxed);
            None
        };
        drop(wakers);
        drop(spare);
    }

    fn take(&self) -> Vec<Waker> {
        let mut wakers = self.wakers();
        self.waiting.store(false, Ordering::Relaxed);
        core::mem::take(&mut *wakers)
    }

    fn are_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    fn wake_all(&self) {
        wake_each(self.take());
    }

    fn wake_others(&self, own: &Waker) {
        let wakers = self.take();
        wake_each(wakers.into_iter().filter(|waker| !waker.will_wake(own)));
    }
}

/// Wakes all of them, even if one panics: its panic goes on afterwards.
fn wake_each(wakers: impl IntoIterator<Item = Waker>) {
    let mut panicked = None;
    for waker in wakers {
        let woken = panic::catch_unwind(AssertUnwindSafe(|| waker.wake()));
        panicked = panicked.or(woken.err());
    }
    match panicked {
        // In a destructor that runs while something else panics, a second panic would abort.
        Some(payload) if !std::thread::panicking() => panic::resume_unwind(payload),
        _ => {}
    }
}

/// Wakes the other owners when it is dropped, and so also when the body panics.
struct WakesOthers<'a> {
    owners: &'a Owners,
    /// The waker of the call, if the call is async.
    own: Option<&'a Waker>,
}

impl Drop for WakesOthers<'_> {
    fn drop(&mut self) {
        match self.own {
            Some(own) => self.owners.wake_others(own),
            None => self.owners.wake_all(),
        }
    }
}

impl Wake for Owners {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

impl<G: Generator + Unpin> Shared<G> {
    pub(super) fn new(generator: G) -> Self {
        Self {
            inner: Arc::new(Inner {
                generator: Mutex::new(generator.closing()),
                owners: Arc::default(),
            }),
        }
    }

    /// A handle that does not keep the generator alive.
    pub fn downgrade(&self) -> WeakShared<G> {
        WeakShared {
            inner: Arc::downgrade(&self.inner),
        }
    }

    /// The generator, or `None` while it is running.
    fn lock(&self) -> Option<MutexGuard<'_, Closing<G>>> {
        match self.inner.generator.try_lock() {
            Ok(generator) => Some(generator),
            // A body has panicked: its generator is closed, and says so.
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Does `step` to the generator, or gives `None` while it is running.
    fn drive<T, E>(
        &self,
        cx: Option<&mut Context<'_>>,
        is_pending: impl FnOnce(&E) -> bool,
        step: impl FnOnce(Pin<&mut G>, Option<&mut Context<'_>>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let generator = self.lock()?;
        let Some(cx) = cx.filter(|cx| !is_driven_by_us(cx)) else {
            return Some(self.drive_sync(generator, |generator| step(generator, None)));
        };
        let owners = &self.inner.owners;
        owners.add(cx.waker());
        // The body is polled with a waker of its own.
        link_all(cx);
        let waker = Waker::from(owners.clone());
        // Others may wait for what comes next. They are woken after the guard has been dropped,
        // also if the body panics.
        let others = WakesOthers {
            owners,
            own: Some(cx.waker()),
        };
        let stepped = {
            let mut generator = generator;
            let inner = Pin::new(generator.get_mut());
            step(inner, Some(&mut Context::from_waker(&waker)))
        };
        if matches!(&stepped, Err(error) if is_pending(error)) {
            core::mem::forget(others);
        } else {
            // Dropped here, and not at the end: if a waker panics, what the generator gave is
            // dropped.
            drop(others);
        }
        Some(stepped)
    }

    /// The same, for a caller that has no waker. Afterwards the owners are woken, even if the generator is pending:
    /// what its body awaits no longer knows their waker.
    fn drive_sync<T>(
        &self,
        generator: MutexGuard<'_, Closing<G>>,
        step: impl FnOnce(Pin<&mut G>) -> T,
    ) -> T {
        let owners = &self.inner.owners;
        let others = owners
            .are_waiting()
            .then(|| WakesOthers { owners, own: None });
        let stepped = {
            let mut generator = generator;
            step(Pin::new(generator.get_mut()))
        };
        drop(others);
        stepped
    }
}

impl<G: Generator + Unpin> Shared<G> {
    /// Sends a value in one of two ways.
    fn send_by(&self, cx: Option<&mut Context<'_>>, value: G::Resume, send: Sending<G>) -> Sent<G> {
        let is_pending = |error: &_| matches!(error, SendError::Pending(_));
        let mut value = Some(value);
        let driven = self.drive(cx, is_pending, |generator, cx| match value.take() {
            Some(value) => send(generator, cx, value),
            None => Err(SendError::Pending(None)),
        });
        match (driven, value) {
            (None, Some(value)) => Err(SendError::Running(value)),
            (None, None) => Err(SendError::Pending(None)),
            (Some(ended), _) => ended,
        }
    }
}

type Sent<G> = Result<
    Step<<G as Generator>::Yield, <G as Generator>::Return>,
    SendError<<G as Generator>::Resume>,
>;

type Sending<G> = fn(Pin<&mut G>, Option<&mut Context<'_>>, <G as Generator>::Resume) -> Sent<G>;

impl<G: Generator + Unpin> WeakShared<G> {
    /// A handle, if there is one left.
    pub fn upgrade(&self) -> Option<Shared<G>> {
        let inner = self.inner.upgrade()?;
        Some(Shared { inner })
    }
}

impl<Y, S, F: Future> Frame<'_, Y, S, F> {
    /// Boxes the generator and gives a handle that may be cloned: see
    /// [`Generator::shared`](crate::Generator::shared).
    pub fn shared(self) -> Shared<Pin<Box<Self>>> {
        Shared::new(Box::pin(self))
    }
}

impl<Y, S, F: Future> Recursive<'_, Y, S, F> {
    /// Boxes the generator and gives a handle that may be cloned: see
    /// [`Generator::shared`](crate::Generator::shared).
    pub fn shared(self) -> Shared<Pin<Box<Self>>> {
        Shared::new(Box::pin(self))
    }
}

impl<G: Generator + Unpin> Generator for Shared<G> {
    type Yield = G::Yield;
    type Resume = G::Resume;
    type Return = G::Return;

    fn state(&self) -> State {
        self.lock()
            .map_or(State::Running, |generator| generator.get_ref().state())
    }

    fn resume_start(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<Self::Yield, Self::Return>, StartError> {
        let is_pending = |error: &_| matches!(error, StartError::Pending);
        self.drive(cx, is_pending, G::resume_start)
            .unwrap_or(Err(StartError::Running))
    }

    fn resume_send(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
        self.send_by(cx, value, G::resume_send)
    }

    fn resume_start_or_send(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        value: Self::Resume,
    ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
        self.send_by(cx, value, G::resume_start_or_send)
    }

    fn resume_throw(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<Self::Yield, Self::Return>, ThrowError> {
        let is_pending = |error: &_| matches!(error, ThrowError::Pending);
        let mut exception = Some(exception);
        let throw = |generator: Pin<&mut G>, cx: Option<&mut Context<'_>>| match exception.take() {
            Some(exception) => generator.resume_throw(cx, exception),
            None => Err(ThrowError::Pending),
        };
        let thrown = self.drive(cx, is_pending, throw);
        match (thrown, exception) {
            (None, Some(exception)) => Err(ThrowError::Running(exception)),
            (None, None) => Err(ThrowError::Pending),
            (Some(thrown), _) => thrown,
        }
    }

    fn resume_continue(
        self: Pin<&mut Self>,
        cx: Option<&mut Context<'_>>,
    ) -> Result<Step<Self::Yield, Self::Return>, NextError> {
        let is_pending = |error: &_| matches!(error, NextError::Pending);
        self.drive(cx, is_pending, G::resume_continue)
            .unwrap_or(Err(NextError::Running))
    }

    /// Never `Send`: the value may be another owner's, who still waits for the answer.
    fn under_way(&self) -> UnderWay {
        match self.lock().map(|generator| generator.get_ref().under_way()) {
            Some(UnderWay::Start) => UnderWay::Start,
            _ => UnderWay::Other,
        }
    }

    fn closes_on_drop(&self) -> bool {
        // Other owners would keep it open.
        Arc::strong_count(&self.inner) == 1
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lock()
            .map_or((0, None), |generator| generator.get_ref().size_hint())
    }

    fn has_other_owners(&self) -> bool {
        true
    }

    fn keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>) {
        if let Some(mut generator) = self.lock() {
            Pin::new(generator.get_mut()).keep_return(outcome);
        }
    }

    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>> {
        Pin::new(self.lock()?.get_mut()).take_kept_return()
    }
}

impl<G: Generator + Unpin> Clone for Shared<G> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

impl<G: Generator + Unpin> Clone for WeakShared<G> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
        }
    }
}

debug!(impl[G: Generator + Unpin] self: Shared<G> { state: self.state(), .. });

debug!(impl[G: Generator + Unpin] WeakShared<G> { .. });
