use crossbeam_channel::{Receiver, Sender};
use std::fmt;
use std::iter;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread::Scope;

use super::recv::recv;
use super::spawn::{Spawner, Worker};
use crate::frame::Exception;
use crate::pipeline::errors::{Awaits, Errors};
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;

/// A source that runs on a thread of its own, ahead of its caller by as much as its queue holds:
/// see [`Pipeline::on_thread`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct OnThread<'a, U: Pipeline> {
    state: SourceState<'a, U>,
    errors: Errors,
}

enum SourceState<'a, U: Pipeline> {
    Idle {
        source: U,
        capacity: usize,
        spawner: Spawner<'a>,
    },
    Running {
        /// Dropped before the thread is joined, so that it ends.
        queue: Receiver<U::Item>,
        thrown: Arc<Mutex<Option<Exception>>>,
        thread: Worker<'a, Vec<Exception>>,
    },
    Over,
}

impl<'a, U: Source> OnThread<'a, U> {
    fn new(source: U, capacity: usize, spawner: Spawner<'a>) -> Self {
        Self {
            state: SourceState::Idle {
                source,
                capacity,
                spawner,
            },
            errors: Errors::default(),
        }
    }

    pub(in crate::pipeline) fn program(source: U, capacity: usize) -> Self
    where
        'a: 'static,
    {
        Self::new(source, capacity, Spawner::program())
    }

    pub(in crate::pipeline) fn scope(scope: &'a Scope<'a, '_>, source: U, capacity: usize) -> Self {
        Self::new(source, capacity, Spawner::scope(scope))
    }
}

impl<'a, U> OnThread<'a, U>
where
    U: Source<Item: Send> + Send + 'a,
{
    #[cold]
    fn start(&mut self) {
        let SourceState::Idle {
            source,
            capacity,
            spawner,
        } = std::mem::replace(&mut self.state, SourceState::Over)
        else {
            return;
        };
        let (sender, queue) = crossbeam_channel::bounded(capacity);
        let thrown = Arc::default();
        let seen = Arc::clone(&thrown);
        self.state = SourceState::Running {
            queue,
            thrown,
            thread: spawner.spawn(move || run(source, &sender, &seen)),
        };
    }

    /// Joins the thread, which has ended, or will end as its items are no longer taken.
    fn end(&mut self) {
        if let SourceState::Running { queue, thread, .. } =
            std::mem::replace(&mut self.state, SourceState::Over)
        {
            drop(queue);
            match thread.join() {
                Ok(errors) => self.errors.add_all(errors),
                Err(payload) => panic::resume_unwind(payload),
            }
        }
    }
}

/// What the thread does. Returns the errors that it ends with.
fn run<U: Source>(
    mut source: U,
    queue: &Sender<U::Item>,
    thrown: &Mutex<Option<Exception>>,
) -> Vec<Exception> {
    loop {
        match source.poll_next(None) {
            Poll::Ready(Some(item)) => {
                if queue.send(item).is_err() {
                    match put(thrown, None) {
                        Some(exception) => source.throw(exception),
                        None => source.close(),
                    }
                    break;
                }
            }
            Poll::Ready(None) => break,
            Poll::Pending => {
                source.throw(Awaits::new().into());
                break;
            }
        }
    }
    iter::from_fn(|| source.take_error()).collect()
}

/// Replaces what is to be thrown, and gives back what was there, so that nothing is locked while an exception is
/// thrown or dropped, which runs foreign code.
#[must_use]
fn put(thrown: &Mutex<Option<Exception>>, exception: Option<Exception>) -> Option<Exception> {
    let mut thrown = thrown.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut thrown, exception)
}

impl<U: Pipeline> Pipeline for OnThread<'_, U> {
    type Item = U::Item;
}

impl<'a, U> Source for OnThread<'a, U>
where
    U: Source<Item: Send> + Send + 'a,
{
    #[inline]
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<U::Item>> {
        loop {
            match &self.state {
                SourceState::Running { queue, .. } => {
                    let item = recv(queue).ok();
                    if item.is_none() {
                        self.end();
                    }
                    return Poll::Ready(item);
                }
                SourceState::Idle { .. } => self.start(),
                SourceState::Over => return Poll::Ready(None),
            }
        }
    }

    fn throw(&mut self, exception: Exception) {
        match &mut self.state {
            SourceState::Idle { source, .. } => {
                source.throw(exception);
                self.errors.add_all(iter::from_fn(|| source.take_error()));
                self.state = SourceState::Over;
            }
            SourceState::Running { thrown, .. } => {
                let before = put(thrown, Some(exception));
                drop(before);
                let thrown = Arc::clone(thrown);
                self.end();
                // If the exception is still there, the source had ended before it could see it.
                let unseen = put(&thrown, None);
                self.errors.add_all(unseen);
            }
            SourceState::Over => {
                self.errors.add(exception);
            }
        }
    }

    fn close(&mut self) {
        if let SourceState::Idle { source, .. } = &mut self.state {
            source.close();
            self.errors.add_all(iter::from_fn(|| source.take_error()));
            self.state = SourceState::Over;
        }
        self.end();
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.state {
            SourceState::Idle { source, .. } => source.size_hint(),
            SourceState::Running { .. } => (0, None),
            SourceState::Over => (0, Some(0)),
        }
    }
}

impl<U: Pipeline> fmt::Debug for OnThread<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            SourceState::Idle { .. } => "Idle",
            SourceState::Running { .. } => "Running",
            SourceState::Over => "Over",
        };
        f.debug_struct("OnThread")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
