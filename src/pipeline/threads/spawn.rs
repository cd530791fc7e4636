//! Threads, scoped or not.

use std::any::Any;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope};

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

    /// Starts a thread, which may be left to itself later: `unheard` gets then what it ends with.
    pub(super) fn spawn<T: Send + 'a>(
        &self,
        work: impl FnOnce() -> T + Send + 'a,
        unheard: fn(Outcome<T>),
    ) -> Worker<'a, T> {
        let end = Arc::new(Mutex::new(End::Awaited));
        let told = Arc::clone(&end);
        let join = (self.spawn)(Box::new(move || {
            // `work` owns everything that it could leave broken.
            let outcome = panic::catch_unwind(AssertUnwindSafe(work));
            put(&told, End::Came(outcome), unheard);
        }));
        Worker {
            join: Some(join),
            end,
            unheard,
        }
    }
}

/// The end of a thread.
enum End<T> {
    Awaited,
    Came(Outcome<T>),
    /// Nobody waits for it.
    Unheard,
}

/// Either side says what it has to say; whoever is the second of a thread that is left to itself tells what it ended with.
fn put<T>(end: &Mutex<End<T>>, says: End<T>, unheard: fn(Outcome<T>)) {
    let before = mem::replace(&mut *lock(end), says);
    match before {
        End::Awaited => {}
        End::Came(outcome) => unheard(outcome),
        End::Unheard => {
            if let End::Came(outcome) = mem::replace(&mut *lock(end), End::Unheard) {
                unheard(outcome);
            }
        }
    }
}

fn lock<T>(end: &Mutex<T>) -> MutexGuard<'_, T> {
    end.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that is joined when this is dropped.
pub(super) struct Worker<'a, T> {
    join: Option<Join<'a>>,
    end: Arc<Mutex<End<T>>>,
    unheard: fn(Outcome<T>),
}

impl<T> Worker<'_, T> {
    /// Waits for its end.
    pub(super) fn join(mut self) -> Outcome<T> {
        self.wait();
        let end = mem::replace(&mut *lock(&self.end), End::Awaited);
        match end {
            End::Came(outcome) => outcome,
            End::Awaited | End::Unheard => unreachable!("a thread says how it ended"),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        matches!(&*lock(&self.end), End::Came(_))
    }

    /// Leaves the thread to itself.
    pub(super) fn leave(mut self) {
        self.join = None;
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
        // What was not asked for.
        put(&self.end, End::Unheard, self.unheard);
    }
}
