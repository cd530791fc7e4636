//! Functions that a loop calls when a signal comes.

#[cfg(unix)]
use std::rc::Rc;

use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
#[cfg(unix)]
use crate::aio::core::event_loop::inbox::Remote;
#[cfg(unix)]
use crate::aio::core::event_loop::loop_core::SignalHandler;
#[cfg(unix)]
use crate::aio::core::event_loop::signals::{Wants, Watching, is_forbidden};
#[cfg(unix)]
use crate::aio::core::report::discard;

/// A signal of the operating system, by its number. [`add_signal_handler`] takes it, or the number itself. Python:
/// `signal.Signals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(i32);

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        #[cfg(unix)]
        impl Signal {
            $($(#[$doc])* pub const $name: Self = Self(signal_hook::consts::$name);)+
        }
    };
}

signals! {
    /// A terminal has gone; to services, often: read the configuration again.
    SIGHUP,
    /// Ctrl-c.
    SIGINT,
    /// Ctrl-\\.
    SIGQUIT,
    /// The end is asked for: what `kill` sends.
    SIGTERM,
    /// The program's own.
    SIGUSR1,
    /// The program's own.
    SIGUSR2,
    /// A timer of the system.
    SIGALRM,
    /// A child process has stopped or ended.
    SIGCHLD,
    /// A stopped process goes on.
    SIGCONT,
    /// A pipe has no reader.
    SIGPIPE,
    /// Ctrl-z.
    SIGTSTP,
    /// The size of the terminal has changed.
    SIGWINCH,
    /// Nobody can handle it.
    SIGKILL,
    /// Nobody can handle it.
    SIGSTOP,
}

impl Signal {
    /// Its number on this system.
    pub fn number(self) -> i32 {
        self.0
    }
}

impl From<i32> for Signal {
    fn from(number: i32) -> Self {
        Self(number)
    }
}

/// Calls `call` on the loop's thread, in its next turn, each time that the signal comes; in the place of what was set
/// for this signal on this loop before. Python: `loop.add_signal_handler`.
///
/// While a handler of SIGINT is set, ctrl-c does not cancel the main task. If several loops have a handler, the one of
/// the program's main thread is called, else the one that was set last. Handlers are removed at the loop's end; where
/// none is left, the signal does what it does by default. A panic in `call` is reported, and stops nothing.
///
/// # Errors
///
/// [`Error::Runtime`] for SIGKILL, SIGSTOP and others that cannot be handled, and everywhere but on Unix;
/// the system's error for a number that is no signal's.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```no_run
/// use cogen::aio::{self, Event, Signal};
/// use std::rc::Rc;
///
/// aio::run(async {
///     let stop = Rc::new(Event::new());
///     for signal in [Signal::SIGINT, Signal::SIGTERM] {
///         let stop = stop.clone();
///         aio::add_signal_handler(signal, move || stop.set())?;
///     }
///     stop.wait().await;
///     println!("shutting down in order");
///     aio::ok(())
/// })?;
/// # Ok::<(), aio::Error>(())
/// ```
#[track_caller]
#[cfg_attr(
    not(unix),
    allow(
        clippy::needless_pass_by_value,
        unused_variables,
        reason = "on Unix it is used"
    )
)]
pub fn add_signal_handler(
    signal: impl Into<Signal>,
    call: impl Fn() + 'static,
) -> Result<(), Error> {
    let lp = current::expect();
    #[cfg(not(unix))]
    {
        drop(lp);
        Err(Error::Runtime("signals can be handled on Unix only"))
    }
    #[cfg(unix)]
    {
        let Signal(number) = signal.into();
        if is_forbidden(number) {
            return Err(Error::Runtime("this signal cannot be handled"));
        }
        let inbox = lp.inbox.clone();
        let came = move || {
            // A loop that is gone has no handlers.
            drop(inbox.push(Remote::Call(Box::new(move || called(number)))));
        };
        let watching = Watching::begin(number, Wants::Each, came)?;
        let handler = SignalHandler {
            call: Rc::new(call),
            watching,
        };
        let before = lp.signals.borrow_mut().insert(number, handler);
        discard(before);
        Ok(())
    }
}

/// Removes the handler that [`add_signal_handler`] has set on this loop; returns whether there was one. Python:
/// `loop.remove_signal_handler`.
///
/// # Panics
///
/// Outside a loop.
#[track_caller]
pub fn remove_signal_handler(signal: impl Into<Signal>) -> bool {
    let lp = current::expect();
    #[cfg(not(unix))]
    {
        drop(lp);
        let _none = signal.into();
        false
    }
    #[cfg(unix)]
    {
        let handler = lp.signals.borrow_mut().remove(&signal.into().0);
        let removed = handler.is_some();
        // Last: what the closure holds may be the user's.
        discard(handler);
        removed
    }
}

/// A signal has come. It may have been removed, or replaced, since.
#[cfg(unix)]
fn called(number: i32) {
    let call = current::get().and_then(|lp| {
        let signals = lp.signals.borrow();
        signals.get(&number).map(|handler| handler.call.clone())
    });
    if let Some(call) = call {
        call();
        discard(call);
    }
}
