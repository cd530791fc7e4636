//! Signals, for loops: one thread per process waits for them, and brings each to one loop.
//!
//! The thread, and a signal's handler, are made when the first loop wants them. While none does, a signal does what it
//! does without this crate.
//!
//! 1. `kills` is what the system's handler looks at, which may do no more than that: if it is set, the process gets the
//!    signal's default action. It is set at first, by a ctrl-c that goes to a runner, and when the last entry of the
//!    signal has left; it is cleared when one comes, and when one has left and others are there.
//! 2. `entries` are in the order in which they came. Loops on several threads end in any order, so each entry is found
//!    by its number, until its [`Watching`] is dropped.
//! 3. A signal goes to a handler that the program has set, if there is one, and else to a runner; of several to the one
//!    of the main thread, as in asyncio, and else to the one that came last.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use signal_hook::consts::FORBIDDEN;
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::{Handle, Signals};

/// Who wants a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio::core) enum Wants {
    /// A runner, for its main task. The next such signal kills.
    Once,
    /// A handler of the program's.
    Each,
}

type Action = Arc<dyn Fn() + Send + Sync>;

struct Entry {
    number: u64,
    signal: i32,
    wants: Wants,
    /// Whether the loop is the main thread's.
    main: bool,
    action: Action,
}

#[derive(Default)]
struct Table {
    next: u64,
    entries: Vec<Entry>,
    /// Of each signal that has a handler, whether the next one gets the default action.
    kills: HashMap<i32, Arc<AtomicBool>>,
}

impl Table {
    fn set_kills(&self, signal: i32, kills: bool) {
        if let Some(flag) = self.kills.get(&signal) {
            flag.store(kills, Ordering::SeqCst);
        }
    }

    /// Where a signal goes to (invariant 3).
    fn find(&self, signal: i32) -> Option<&Entry> {
        let of_signal = self.entries.iter().filter(|entry| entry.signal == signal);
        // Of equals the last.
        of_signal.max_by_key(|entry| (entry.wants == Wants::Each, entry.main))
    }
}

struct Watch {
    signals: Handle,
    table: Mutex<Table>,
}

static WATCH: OnceLock<Option<Watch>> = OnceLock::new();

impl Watch {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn came(&self, signal: i32) {
        let action = {
            let table = self.table();
            let entry = table.find(signal);
            if entry.is_some_and(|entry| entry.wants == Wants::Once) {
                // First: a second ctrl-c kills even if the main task never answers the first.
                table.set_kills(signal, true);
            }
            entry.map(|entry| entry.action.clone())
        };
        // The lock is given back: this wakes the loop's task, by somebody else's waker.
        if let Some(action) = action {
            action();
        }
    }

    /// The signal comes to us from now on.
    fn handle(&self, signal: i32, table: &mut Table) -> io::Result<()> {
        if table.kills.contains_key(&signal) {
            return Ok(());
        }
        let kills = Arc::new(AtomicBool::new(true));
        register_conditional_default(signal, kills.clone())?;
        self.signals.add_signal(signal)?;
        table.kills.insert(signal, kills);
        Ok(())
    }
}

/// The watch, and its thread.
fn watch() -> Option<&'static Watch> {
    let make = || {
        if cfg!(miri) {
            return None; // It knows no signals.
        }
        let mut signals = Signals::new(std::iter::empty::<i32>()).ok()?;
        let handle = signals.handle();
        let wait = move || {
            for signal in signals.forever() {
                if let Some(Some(watch)) = WATCH.get() {
                    watch.came(signal);
                }
            }
        };
        let thread = thread::Builder::new().name("cogen-signals".to_owned());
        thread.spawn(wait).ok()?;
        Some(Watch {
            signals: handle,
            table: Mutex::default(),
        })
    };
    WATCH.get_or_init(make).as_ref()
}

/// Whether the system lets nobody handle the signal, or a handler could not be returned from.
pub(in crate::aio::core) fn is_forbidden(signal: i32) -> bool {
    FORBIDDEN.contains(&signal)
}

/// A signal comes to an action, until this is dropped.
#[derive(Debug)]
pub(in crate::aio::core) struct Watching {
    number: u64,
    signal: i32,
}

impl Watching {
    /// From now on `action` is called, on a thread of its own, when the signal comes. It is called for a loop of this
    /// thread.
    pub(in crate::aio::core) fn begin(
        signal: i32,
        wants: Wants,
        action: impl Fn() + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let watch = watch().ok_or(io::ErrorKind::Unsupported)?;
        let mut table = watch.table();
        watch.handle(signal, &mut table)?;
        let number = table.next;
        table.next += 1;
        table.entries.push(Entry {
            number,
            signal,
            wants,
            main: thread::current().name() == Some("main"),
            action: Arc::new(action),
        });
        // Last: from now on there is something to call.
        table.set_kills(signal, false);
        Ok(Self { number, signal })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let Some(watch) = watch() else { return };
        // Under the lock, so that `kills` fits `entries`, whatever other loops begin and end at the same time.
        let mut table = watch.table();
        let at = table.entries.iter().position(|it| it.number == self.number);
        let own = at.map(|at| table.entries.remove(at));
        let others = table.entries.iter().any(|it| it.signal == self.signal);
        table.set_kills(self.signal, !others);
        drop(table);
        // It may be the last owner of the loop's inbox.
        drop(own);
    }
}
