use std::collections::VecDeque;
use std::fmt;
use std::iter;
use std::mem;
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread::Scope;

use super::queue::{Queue, Sender, Signal, Taken};
use super::spawn::{Outcome, Spawner, Worker};
use crate::frame::Exception;
use crate::pipeline::errors::{Awaits, Errors};
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select::{self, Parker};
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
    Running(Line<'a, U::Item>),
    /// Nothing more is wanted, but the thread is in the source's code.
    Leaving(Line<'a, U::Item>),
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
        } = mem::replace(&mut self.state, SourceState::Over)
        else {
            return;
        };
        self.state = SourceState::Running(Line::start(source, capacity, &spawner));
    }

    /// Joins the thread, which has ended, or will end as its items are no longer taken.
    fn end(&mut self) {
        match mem::replace(&mut self.state, SourceState::Over) {
            SourceState::Running(line) => match line.join() {
                Ok(errors) => self.errors.add_all(errors),
                Err(payload) => panic::resume_unwind(payload),
            },
            // The panic hook has told of a panic.
            SourceState::Leaving(line) => self.errors.add_all(line.join().unwrap_or_default()),
            SourceState::Idle { .. } | SourceState::Over => {}
        }
    }
}

/// The caller's side of a source that runs.
struct Line<'a, T> {
    shared: Arc<Shared<T>>,
    /// Taken from the queue, and not used yet.
    taken: VecDeque<T>,
    /// How many to take from the queue at a time.
    most: usize,
    parker: Option<Parker>,
    /// `None` once it is left to itself.
    thread: Option<Worker<'a, Vec<Exception>>>,
}

/// What both sides have.
struct Shared<T> {
    queue: Queue<T>,
    signal: Signal,
    thrown: Mutex<Option<Exception>>,
}

impl<'a, T: Send + 'a> Line<'a, T> {
    fn start<U>(source: U, capacity: usize, spawner: &Spawner<'a>) -> Self
    where
        U: Source<Item = T> + Send + 'a,
    {
        let shared = Arc::new(Shared {
            queue: Queue::new(capacity),
            signal: Signal::default(),
            thrown: Mutex::default(),
        });
        let seen = Running(Arc::clone(&shared));
        Self {
            shared,
            taken: VecDeque::new(),
            most: (capacity / 4).max(1),
            parker: None,
            thread: Some(spawner.spawn(move || run(source, &seen.0), unheard)),
        }
    }
}

impl<T> Line<'_, T> {
    /// The next item, or `None` if the thread has ended.
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<T>> {
        match self.taken.pop_front() {
            Some(item) => Poll::Ready(Some(item)),
            None => self.poll_queue(cx),
        }
    }

    fn poll_queue(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<T>> {
        let Self {
            shared,
            taken,
            most,
            parker,
            ..
        } = self;
        select::wait(parker, cx, |waker| {
            let mut found = shared.queue.take(taken, *most);
            if let (Taken::Nothing, Some(waker)) = (found, waker) {
                shared.signal.leave(waker);
                found = shared.queue.take(taken, *most);
            }
            match found {
                Taken::Some => Poll::Ready(taken.pop_front()),
                Taken::Ended => Poll::Ready(None),
                Taken::Nothing => Poll::Pending,
            }
        })
    }

    /// Takes no more items, and waits for the end.
    fn join(mut self) -> Outcome<Vec<Exception>> {
        let left = self.shared.queue.close();
        drop(left);
        match self.thread.take() {
            Some(thread) => thread.join(),
            None => Ok(Vec::new()),
        }
    }

    fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(Worker::has_ended)
    }

    /// Whether the end comes soon once no more items are taken: the thread is not in the code of the source, which may
    /// wait for whatever it likes.
    fn close(&self) -> bool {
        self.shared.queue.close().1 != Sender::Away
    }
}

impl<T> Drop for Line<'_, T> {
    fn drop(&mut self) {
        let ends = self.close();
        if let Some(thread) = self.thread.take() {
            if !ends {
                thread.leave();
            }
        }
    }
}

/// The thread's side; its end, also by a panic, is the end of the queue.
struct Running<T>(Arc<Shared<T>>);

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.0.queue.end(&self.0.signal);
    }
}

/// What the thread does. Returns the errors that it ends with.
fn run<U: Source>(mut source: U, shared: &Shared<U::Item>) -> Vec<Exception> {
    loop {
        match source.poll_next(None) {
            Poll::Ready(Some(item)) => {
                let taken = match shared.queue.put(item, &shared.signal) {
                    Ok(false) => true,
                    Ok(true) => shared.queue.wait(),
                    Err(_) => false,
                };
                if !taken {
                    match put(&shared.thrown, None) {
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

/// Tells of the end of a thread that was left to itself. (A panic has been told by the panic hook.)
fn unheard(outcome: Outcome<Vec<Exception>>) {
    if let Ok(errors) = outcome {
        super::unheard::tell("a source on a thread that was dropped", errors);
    }
}

/// Replaces what is to be thrown, and gives back what was there, so that nothing is locked while an exception is
/// thrown or dropped, which runs foreign code.
#[must_use]
fn put(thrown: &Mutex<Option<Exception>>, exception: Option<Exception>) -> Option<Exception> {
    let mut thrown = thrown.lock().unwrap_or_else(PoisonError::into_inner);
    mem::replace(&mut thrown, exception)
}

impl<U: Pipeline> Pipeline for OnThread<'_, U> {
    type Item = U::Item;
}

impl<'a, U> Source for OnThread<'a, U>
where
    U: Source<Item: Send> + Send + 'a,
{
    #[inline]
    fn poll_next(&mut self, mut cx: Option<&mut Context<'_>>) -> Poll<Option<U::Item>> {
        loop {
            match &mut self.state {
                SourceState::Running(line) => {
                    let item = ready!(line.poll_next(cx.as_deref_mut()));
                    if item.is_none() {
                        self.end();
                    }
                    return Poll::Ready(item);
                }
                SourceState::Idle { .. } => self.start(),
                SourceState::Leaving(_) | SourceState::Over => return Poll::Ready(None),
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
            SourceState::Running(line) => {
                let shared = Arc::clone(&line.shared);
                let before = put(&shared.thrown, Some(exception));
                drop(before);
                self.end();
                // If the exception is still there, the source had ended before it could see it.
                let unseen = put(&shared.thrown, None);
                self.errors.add_all(unseen);
            }
            SourceState::Leaving(_) | SourceState::Over => {
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
        match mem::replace(&mut self.state, SourceState::Over) {
            // Waiting for the source could last for ever.
            SourceState::Running(line) if !line.close() => self.state = SourceState::Leaving(line),
            leaving @ SourceState::Leaving(_) => self.state = leaving,
            before => {
                self.state = before;
                self.end();
            }
        }
    }

    fn take_error(&mut self) -> Option<Exception> {
        if matches!(&self.state, SourceState::Leaving(line) if line.has_ended()) {
            self.end();
        }
        self.errors.take()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.state {
            SourceState::Idle { source, .. } => source.size_hint(),
            SourceState::Running(_) => (0, None),
            SourceState::Leaving(_) | SourceState::Over => (0, Some(0)),
        }
    }
}

impl<U: Pipeline> fmt::Debug for OnThread<'_, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            SourceState::Idle { .. } => "Idle",
            SourceState::Running(_) => "Running",
            SourceState::Leaving(_) | SourceState::Over => "Over",
        };
        f.debug_struct("OnThread")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
