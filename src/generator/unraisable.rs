use core::error::Error;
use core::fmt;
use std::any::Any;
use std::boxed::Box;
use std::cell::Cell;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::string::ToString;
use std::sync::{Arc, PoisonError, RwLock};

use crate::debug::debug;
use crate::frame::Exception;

/// Something went wrong where nobody can be told: what the hook is given ([`set_unraisable_hook`]). Python: what
/// `sys.unraisablehook` is given.
///
/// Its `Display` is the whole message, in one line.
pub struct Unraisable<'a> {
    place: &'a dyn fmt::Display,
    problem: &'a dyn fmt::Display,
    error: Option<&'a (dyn Error + Send + Sync + 'static)>,
}

impl<'a> Unraisable<'a> {
    pub(crate) fn new(place: &'a dyn fmt::Display, problem: &'a dyn fmt::Display) -> Self {
        Self {
            place,
            problem,
            error: None,
        }
    }

    pub(crate) fn with_error(self, error: &'a (dyn Error + Send + Sync + 'static)) -> Self {
        Self {
            error: Some(error),
            ..self
        }
    }

    /// The error, if it is at hand: not for a panic, nor for a task of the async API.
    pub fn error(&self) -> Option<&'a (dyn Error + Send + Sync + 'static)> {
        self.error
    }
}

impl fmt::Display for Unraisable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)
    }
}

debug!(impl[] self: Unraisable<'_> { error: self.error, .. });

/// A hook of [`set_unraisable_hook`].
type Hook = dyn Fn(&Unraisable<'_>) + Send + Sync;

static HOOK: RwLock<Option<Arc<Hook>>> = RwLock::new(None);

thread_local! {
    static REPORTING: Cell<bool> = const { Cell::new(false) };
}

/// Sets what is called when something goes wrong where nobody can be told, in place of a line on stderr. Python:
/// `sys.unraisablehook`.
///
/// It is called once for each:
///
/// - A generator that closes when it is dropped ([`BoxGen`](crate::BoxGen), [`Closing`](crate::Closing), the last
///   [`Shared`](crate::Shared) handle, a context manager that was entered) raises something other than
///   [`GeneratorExit`](crate::GeneratorExit) then, yields, or awaits a future in its clean-up, which is cut off there.
/// - Its clean-up panics while the thread is unwinding already. (Otherwise the panic goes on from the drop.)
/// - A panic of a block, or of an exit, takes the place of an error in a [context](crate::context) that it leaves: that
///   of the block, or of another exit, or a second panic.
/// - A part of a pipeline on a thread raises something when the pipeline has been dropped.
/// - In the async API: the error of a task or a promise was never retrieved, or a callback panicked.
///
/// The hook runs on the thread where it happened, in destructors. A panic in it is ignored. What goes wrong inside
/// it is written to stderr.
///
/// # Examples
///
/// ```
/// use cogen::{Exception, Generator, generator, set_unraisable_hook, take_unraisable_hook};
/// use std::sync::mpsc;
///
/// let (sender, receiver) = mpsc::channel();
/// set_unraisable_hook(move |unraisable| drop(sender.send(unraisable.to_string())));
///
/// let mut rows = generator(|co| async move {
///     let rows = async { co.yield_all(0..).await };
///     co.finally(rows, async { co.raise(Exception::new("commit failed")).await }).await;
/// })
/// .boxed();
/// rows.next()?;
/// drop(rows);
/// assert_eq!(receiver.recv()?, "exception ignored in a generator that was dropped: commit failed: generator exit");
/// # drop(take_unraisable_hook());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn set_unraisable_hook(hook: impl Fn(&Unraisable<'_>) + Send + Sync + 'static) {
    drop(replace(Some(Arc::new(hook))));
}

/// Takes the hook out, and sets the default one: a line on stderr. Without a hook it gives the default one.
pub fn take_unraisable_hook() -> Box<dyn Fn(&Unraisable<'_>) + Send + Sync> {
    match replace(None) {
        Some(hook) => Box::new(move |unraisable| hook(unraisable)),
        None => Box::new(say),
    }
}

/// The old hook is dropped by the caller, when nothing is locked.
fn replace(hook: Option<Arc<Hook>>) -> Option<Arc<Hook>> {
    mem::replace(
        &mut *HOOK.write().unwrap_or_else(PoisonError::into_inner),
        hook,
    )
}

/// Tells the hook, or writes a line. It does not panic, as it is called in destructors.
#[cold]
#[inline(never)]
pub(crate) fn report(unraisable: &Unraisable<'_>) {
    if !is_told(unraisable) {
        quietly(|| say(unraisable));
    }
}

/// Tells the hook, if there is one. It does not panic.
#[cold]
pub(crate) fn is_told(unraisable: &Unraisable<'_>) -> bool {
    let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
    let Some(hook) = hook else { return false };
    // What goes wrong in the hook is not told to it, so that this ends. Where the thread ends, nothing tells whether
    // this is in the hook.
    if REPORTING.try_with(|reporting| reporting.replace(true)) != Ok(false) {
        // It may be the last owner of the hook.
        quietly(|| drop(hook));
        return false;
    }
    quietly(|| hook(unraisable));
    quietly(|| drop(hook));
    REPORTING.set(false);
    true
}

#[allow(clippy::print_stderr, reason = "nothing else can report the error")]
fn say(unraisable: &Unraisable<'_>) {
    // Formatted before stderr is locked: it may be somebody else's code.
    let message = unraisable.to_string();
    std::eprintln!("cogen: {message}");
}

/// Runs somebody else's code; nobody is left to tell of a panic in it.
pub(crate) fn quietly(run: impl FnOnce()) {
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(run)) {
        discard(payload);
    }
}

/// Drops what somebody panicked with. Its destructor may panic as well, and so may what that panics with.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(another);
    }
}

/// An exception that nobody can be told of. Python: "Exception ignored in".
#[cold]
#[inline(never)]
pub(crate) fn ignored(place: &str, exception: Exception) {
    // In one expression: older compilers let such arguments live no longer.
    report(
        &Unraisable::new(
            &format_args!("exception ignored in {place}"),
            &format_args!("{exception:#}"),
        )
        .with_error(&*exception),
    );
    drop(exception);
}

/// A clean-up panicked while the thread was unwinding.
#[cold]
pub(crate) fn panicked(place: &str, payload: Box<dyn Any + Send>) {
    let message = payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<std::string::String>().map(|s| &**s))
        .unwrap_or("no message");
    report(&Unraisable::new(
        &format_args!("panic ignored in {place}"),
        &message,
    ));
    discard(payload);
}
