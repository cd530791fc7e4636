//! Ctrl-c: the first one cancels the main task, the second one kills.
//!
//! `interrupted` is set when the main task has taken the cancel, and never cleared: a main task that ends as cancelled
//! was interrupted if it is set, and if nobody else has cancelled it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGINT;

use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::inbox::{Inbox, Remote};
use crate::aio::core::event_loop::signals::{Wants, Watching};
use crate::aio::core::raw::pointer::AnyTask;

/// Cancels a task on ctrl-c, until this is dropped.
pub(in crate::aio::core) struct Interrupt {
    main: AnyTask,
    interrupted: Arc<AtomicBool>,
    _watching: Watching,
}

impl Interrupt {
    /// `None` where no handler can be set: ctrl-c then kills.
    pub(in crate::aio::core) fn cancels(main: AnyTask, inbox: Arc<Inbox>) -> Option<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let (id, flag) = (main.core().id(), interrupted.clone());
        let action = move || {
            let flag = flag.clone();
            // On the loop's thread, where it shows whether the task has ended.
            let cancel = move || {
                let main = current::get().and_then(|lp| lp.tasks.get(id));
                if main.is_some_and(|main| main.cancel(None)) {
                    flag.store(true, Ordering::SeqCst);
                }
            };
            // A loop that is gone has nothing to cancel.
            drop(inbox.push(Remote::Call(Box::new(cancel))));
        };
        let watching = Watching::begin(SIGINT, Wants::Once, action).ok()?;
        Some(Self {
            main,
            interrupted,
            _watching: watching,
        })
    }

    /// Whether the main task, which ended as cancelled, was so by ctrl-c alone. Python's `Runner.run` asks this, too.
    pub(in crate::aio::core) fn happened(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst) && self.main.uncancel() == 0
    }
}
