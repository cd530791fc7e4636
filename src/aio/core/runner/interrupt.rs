//! Ctrl-c: the first one cancels the main task, the second one kills.
//!
//! The handler and the thread that waits for it are made once per process, when the first loop that wants
//! them runs. While no such loop runs, ctrl-c does what it does without this crate.
//!
//! 1. `kills` is what the system's handler looks at, which may do no more than that: if it is set, the process gets the
//!    default action. It is set at first, by a ctrl-c, and when the last loop has ended; it is cleared when a loop
//!    begins, and when one has ended and others run.
//! 2. `mains` has the main tasks of the loops that run, in the order in which they began, each until its
//!    [`Interrupt`] is dropped. Loops on several threads end in any order, so each finds its own by number.
//! 3. `interrupted` is set before the cancel, and never cleared: a main task that ends as cancelled was interrupted if
//!    it is set by then.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

use signal_hook::consts::SIGINT;
use signal_hook::flag::register_conditional_default;
use signal_hook::iterator::Signals;

use crate::aio::core::handles::remote_task::RemoteTask;

/// A main task that ctrl-c cancels.
struct Main {
    number: u64,
    task: RemoteTask,
    interrupted: Arc<AtomicBool>,
}

struct Watch {
    /// Whether the next ctrl-c kills.
    kills: Arc<AtomicBool>,
    mains: Mutex<Vec<Main>>,
    next: AtomicU64,
}

static WATCH: OnceLock<Option<Watch>> = OnceLock::new();

impl Watch {
    fn mains(&self) -> MutexGuard<'_, Vec<Main>> {
        self.mains.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ctrl-c was pressed: the main task that began last is cancelled.
    fn interrupt(&self) {
        // First: a second ctrl-c kills even if the main task never answers the first.
        self.kills.store(true, Ordering::SeqCst);
        let last = self.mains().last().map(|main| {
            main.interrupted.store(true, Ordering::SeqCst);
            main.task.clone()
        });
        // The lock is given back: the cancel wakes the loop's task, by somebody else's waker.
        if let Some(task) = last {
            task.cancel();
        }
    }
}

/// The watch, and its thread.
fn watch() -> Option<&'static Watch> {
    let make = || {
        if cfg!(miri) {
            return None; // It knows no signals.
        }
        let kills = Arc::new(AtomicBool::new(true));
        let install = || -> io::Result<()> {
            register_conditional_default(SIGINT, kills.clone())?;
            let mut signals = Signals::new([SIGINT])?;
            let wait = move || {
                for _ in signals.forever() {
                    if let Some(Some(watch)) = WATCH.get() {
                        watch.interrupt();
                    }
                }
            };
            thread::Builder::new()
                .name("cogen-ctrl-c".to_owned())
                .spawn(wait)?;
            Ok(())
        };
        install().ok()?;
        Some(Watch {
            kills,
            mains: Mutex::default(),
            next: AtomicU64::new(0),
        })
    };
    WATCH.get_or_init(make).as_ref()
}

/// Cancels a task on ctrl-c, until this is dropped.
pub(in crate::aio::core) struct Interrupt {
    watch: &'static Watch,
    number: u64,
    interrupted: Arc<AtomicBool>,
}

impl Interrupt {
    /// `None` where no handler can be set: ctrl-c then kills.
    pub(in crate::aio::core) fn cancels(task: RemoteTask) -> Option<Self> {
        let watch = watch()?;
        let number = watch.next.fetch_add(1, Ordering::Relaxed);
        let interrupted = Arc::new(AtomicBool::new(false));
        watch.mains().push(Main {
            number,
            task,
            interrupted: interrupted.clone(),
        });
        // Last: from now on there is a main task to cancel.
        watch.kills.store(false, Ordering::SeqCst);
        Some(Self {
            watch,
            number,
            interrupted,
        })
    }

    /// Whether ctrl-c was pressed.
    pub(in crate::aio::core) fn happened(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        // Under the lock, so that `kills` fits `mains`, whatever other loops begin and end at the same time.
        let mut mains = self.watch.mains();
        let at = mains.iter().position(|main| main.number == self.number);
        let own = at.map(|at| mains.remove(at));
        self.watch.kills.store(mains.is_empty(), Ordering::SeqCst);
        drop(mains);
        // It may be the last owner of the loop's inbox.
        drop(own);
    }
}
