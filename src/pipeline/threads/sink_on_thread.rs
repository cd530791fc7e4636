use std::fmt;
use std::iter;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::thread::Scope;

use crossbeam_channel::Sender;

use super::inlet::Inlet;
use super::spawn::{Outcome, Spawner, Worker};
use crate::frame::Exception;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// A sink that runs on a thread of its own: see [`Sink::on_thread`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct SinkOnThread<'a, K: Sink> {
    state: SinkState<'a, K>,
}

/// The output, and the errors that the thread ended with.
type End<O> = (Option<O>, Vec<Exception>);

enum SinkState<'a, K: Sink> {
    Idle {
        sink: K,
        capacity: usize,
        spawner: Spawner<'a>,
    },
    Running {
        /// Dropped before the thread is joined, so that it sees the end.
        queue: Sender<Option<K::In>>,
        /// The thread takes no more items.
        ended: Arc<AtomicBool>,
        thread: Worker<'a, End<K::Output>>,
    },
    Over,
}

impl<'a, K: Sink> SinkOnThread<'a, K> {
    fn new(sink: K, capacity: usize, spawner: Spawner<'a>) -> Self {
        Self {
            state: SinkState::Idle {
                sink,
                capacity,
                spawner,
            },
        }
    }

    pub(in crate::pipeline) fn program(sink: K, capacity: usize) -> Self
    where
        'a: 'static,
    {
        Self::new(sink, capacity, Spawner::program())
    }

    pub(in crate::pipeline) fn scope(scope: &'a Scope<'a, '_>, sink: K, capacity: usize) -> Self {
        Self::new(sink, capacity, Spawner::scope(scope))
    }
}

impl<'a, K> SinkOnThread<'a, K>
where
    K: Sink<In: Send, Output: Send> + Send + 'a,
    K::In: 'a,
    K::Output: 'a,
{
    #[cold]
    fn start(&mut self) {
        let SinkState::Idle {
            sink,
            capacity,
            spawner,
        } = std::mem::replace(&mut self.state, SinkState::Over)
        else {
            return;
        };
        let (queue, items) = crossbeam_channel::bounded(capacity);
        let ended = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&ended);
        self.state = SinkState::Running {
            queue,
            ended,
            thread: spawner.spawn(
                move || {
                    let end = run(sink, Inlet::new(items));
                    flag.store(true, Ordering::Release);
                    end
                },
                unheard,
            ),
        };
    }

    /// Hands items over until there are no more, or no more are wanted.
    fn hand_over<U>(&self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<()>
    where
        U: Source<Item = K::In> + ?Sized,
    {
        let SinkState::Running { queue, ended, .. } = &self.state else {
            return Poll::Ready(());
        };
        while !ended.load(Ordering::Acquire) {
            let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) else {
                break;
            };
            if queue.send(Some(item)).is_err() {
                break;
            }
        }
        Poll::Ready(())
    }

    /// Tells the thread that there are no more items, and waits for its end.
    fn join(&mut self) -> End<K::Output> {
        let SinkState::Running { queue, thread, .. } =
            std::mem::replace(&mut self.state, SinkState::Over)
        else {
            return (None, Vec::new());
        };
        // It may have ended.
        let _unsent = queue.send(None);
        drop(queue);
        thread
            .join()
            .unwrap_or_else(|payload| panic::resume_unwind(payload))
    }
}

/// Tells of the end of a thread whose sink was dropped. (A panic has been told by the panic hook.)
fn unheard<O>(outcome: Outcome<End<O>>) {
    if let Ok((_, errors)) = outcome {
        super::unheard::tell("a sink on a thread that was dropped", errors);
    }
}

/// What the thread does.
fn run<K: Sink>(mut sink: K, mut items: Inlet<K::In>) -> End<K::Output> {
    let output = match sink.poll_drain(&mut items, None) {
        Poll::Ready(output) => output,
        // The pipeline was dropped.
        Poll::Pending => None,
    };
    let errors = iter::from_fn(|| items.take_error().or_else(|| sink.take_error()));
    (output, errors.collect())
}

impl<'a, K> Sink for SinkOnThread<'a, K>
where
    K: Sink<In: Send, Output: Send> + Send + 'a,
    K::In: 'a,
    K::Output: 'a,
{
    type In = K::In;
    type Output = K::Output;

    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<K::Output>>
    where
        U: Source<Item = K::In> + ?Sized,
    {
        if let SinkState::Idle { .. } = self.state {
            self.start();
        }
        ready!(self.hand_over(above, cx));
        let (output, errors) = self.join();
        above.close_with(errors);
        Poll::Ready(output)
    }
}

impl<K: Sink> fmt::Debug for SinkOnThread<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            SinkState::Idle { .. } => "Idle",
            SinkState::Running { .. } => "Running",
            SinkState::Over => "Over",
        };
        f.debug_struct("SinkOnThread")
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
