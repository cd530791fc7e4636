//! Threads, scoped or not.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::thread::{self, Scope};

use crossbeam_channel::Receiver;

/// What a thread ended with: its value, or the payload of its panic.
pub(super) type Outcome<T> = Result<T, Box<dyn Any + Send>>;

type Task<'a> = Box<dyn FnOnce() + Send + 'a>;
type Join<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Where threads are started.
pub(super) struct Spawner<'a> {
    spawn: Box<dyn Fn(Task<'a>) -> Join<'a> + Send + 'a>,
}

impl<'a> Spawner<'a> {
    /// Threads of the program.
    pub(super) fn program() -> Self
    where
        'a: 'static,
    {
        Self {
            spawn: Box::new(|task| {
                let thread = thread::spawn(task);
                Box::new(move || drop(thread.join()))
            }),
        }
    }

    /// Threads of the program, of which only `threads` can be started.
    #[cfg(test)]
    pub(super) fn failing_after(threads: usize) -> Self
    where
        'a: 'static,
    {
        let left = std::sync::atomic::AtomicUsize::new(threads);
        let program = Self::program();
        Self {
            spawn: Box::new(move |task| {
                let left = left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
                assert!(left > 0 && left <= threads, "no more threads");
                (program.spawn)(task)
            }),
        }
    }

    /// Threads of a scope.
    pub(super) fn scope(scope: &'a Scope<'a, '_>) -> Self {
        Self {
            spawn: Box::new(move |task| {
                let thread = scope.spawn(task);
                Box::new(move || drop(thread.join()))
            }),
        }
    }

    /// Starts a thread.
    pub(super) fn spawn<T: Send + 'a>(
        &self,
        work: impl FnOnce() -> T + Send + 'a,
    ) -> Worker<'a, T> {
        let (sender, outcome) = crossbeam_channel::bounded(1);
        let join = (self.spawn)(Box::new(move || {
            // `work` owns everything that it could leave broken.
            let outcome = panic::catch_unwind(AssertUnwindSafe(work));
            // The receiver may be gone.
            let _unsent = sender.send(outcome);
        }));
        Worker {
            join: Some(join),
            outcome,
        }
    }
}

/// A thread that is joined when this is dropped.
pub(super) struct Worker<'a, T> {
    join: Option<Join<'a>>,
    outcome: Receiver<Outcome<T>>,
}

impl<T> Worker<'_, T> {
    /// Waits for its end.
    pub(super) fn join(mut self) -> Outcome<T> {
        self.wait();
        match self.outcome.try_recv() {
            Ok(outcome) => outcome,
            Err(_) => unreachable!("a thread sends its outcome before it ends"),
        }
    }

    fn wait(&mut self) {
        if let Some(join) = self.join.take() {
            join();
        }
    }
}

impl<T> Drop for Worker<'_, T> {
    fn drop(&mut self) {
        self.wait();
    }
}
