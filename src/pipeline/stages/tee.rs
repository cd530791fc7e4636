use std::task::{Context, Poll, ready};

use crate::frame::Exception;
use crate::pipeline::errors::{Errors, FeedError, NoOutput};
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::push::Push;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Passes the items on, and gives a clone of each to `sink`.
///
/// The sink gets an item before the item is passed on, and sees the end when the stages below see it, or when they
/// want no more. The sink may end earlier; its output is dropped ([`broadcast`](crate::pipeline::broadcast) keeps the
/// outputs of several sinks). If it fails, the tee fails.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, for_each, source};
///
/// let mut log = Vec::new();
/// let even = source(1..=4).tee(for_each(|n| log.push(n))).filter(|n| n % 2 == 0);
/// assert_eq!(even.collect::<Vec<_>>()?, [2, 4]);
/// assert_eq!(log, [1, 2, 3, 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tee<K>(sink: K) -> Tee<K>
where
    K: Sink<In: Clone>,
{
    Tee {
        side: Some(sink.pushed()),
        errors: Errors::default(),
    }
}

/// A stage: see [`tee`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Tee<K: Sink> {
    side: Option<Push<K>>,
    /// The errors of the sink when it saw the end.
    errors: Errors,
}

impl<K: Sink> Tee<K> {
    fn feed(&mut self, item: K::In) -> Result<(), Exception> {
        match self.side.as_mut().map(|side| side.feed(item)) {
            Some(Err(FeedError::Raised(exception))) => {
                // What it raises when it sees the end comes after this.
                self.finish();
                Err(exception)
            }
            _ => Ok(()),
        }
    }

    /// The sink sees the end.
    fn finish(&mut self) {
        if let Some(Err(error)) = self.side.take().map(Push::finish) {
            // A missing output is nothing: it is dropped.
            let raised = error.into_exceptions();
            self.errors
                .add_all(raised.filter(|error| !error.is::<NoOutput>()));
        }
    }
}

impl<K: Sink> Pipeline for Tee<K> {
    type Item = K::In;
}

impl<K: Sink<In: Clone>> Stage for Tee<K> {
    type In = K::In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<K::In>>
    where
        U: Source<Item = K::In> + ?Sized,
    {
        let Some(item) = ready!(above.poll_next(cx)) else {
            self.finish();
            return Poll::Ready(None);
        };
        Poll::Ready(match self.feed(item.clone()) {
            Ok(()) => Some(item),
            Err(exception) => {
                above.throw(exception);
                None
            }
        })
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = K::In> + ?Sized,
    {
        self.finish();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = K::In> + ?Sized,
    {
        self.finish();
        above.close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }

    fn size_hint(&self, (_, most): (usize, Option<usize>)) -> (usize, Option<usize>) {
        (0, most)
    }
}
