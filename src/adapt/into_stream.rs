use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project::pin_project;

use super::accessors;
use crate::generator::{Generator, NextError, State, Step, fail_loop};

/// A generator as a stream: see [`GeneratorExt::into_stream`](crate::GeneratorExt::into_stream).
///
/// # Panics
///
/// `poll_next` panics with the error where the body raises, is running, or is too deep for the thread's stack, as
/// [`Iter`](crate::Iter) does. [`results`](Self::results) gives these errors as items.
#[pin_project]
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct IntoStream<G> {
    #[pin]
    generator: G,
}

accessors!(IntoStream[G]);

impl<G> IntoStream<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }

    /// The same with errors as items: `Ok` for what is yielded, and the error, if there is one, as the last item.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{GeneratorExt, NextError, generator};
    /// use futures::StreamExt;
    ///
    /// # futures::executor::block_on(async {
    /// let stream = generator(|co| async move {
    ///     co.yield_(1).await;
    ///     co.raise("x".parse::<u32>().unwrap_err()).await;
    /// })
    /// .into_stream()
    /// .results();
    /// let items: Vec<_> = stream.collect().await;
    /// assert!(matches!(items[..], [Ok(1), Err(NextError::Raised(_))]));
    /// # });
    /// ```
    pub fn results(self) -> StreamResults<G> {
        StreamResults {
            generator: self.generator,
            over: false,
        }
    }
}

impl<G: Generator<Resume = ()>> Stream for IntoStream<G> {
    type Item = G::Yield;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<G::Yield>> {
        let mut generator = self.project().generator;
        let mut item = None;
        match generator.as_mut().resume_next_into(Some(cx), (), &mut item) {
            Ok(Step::Yielded(())) => Poll::Ready(item),
            Err(NextError::Pending) => Poll::Pending,
            Ok(Step::Complete(value)) => {
                generator.keep_return(Ok(value));
                Poll::Ready(None)
            }
            Err(NextError::Finished) => Poll::Ready(None),
            Err(error) => fail_loop(error, |exception| generator.keep_return(Err(exception))),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        if self.is_terminated() {
            return (0, Some(0));
        }
        self.generator.size_hint()
    }
}

impl<G: Generator<Resume = ()>> FusedStream for IntoStream<G> {
    fn is_terminated(&self) -> bool {
        self.generator.state() == State::Closed
    }
}

/// A generator as a stream of results: see [`IntoStream::results`].
#[pin_project]
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct StreamResults<G> {
    #[pin]
    generator: G,
    over: bool,
}

accessors!(StreamResults[G]);

impl<G: Generator<Resume = ()>> Stream for StreamResults<G> {
    type Item = Result<G::Yield, NextError>;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if *this.over {
            return Poll::Ready(None);
        }
        let mut item = None;
        match this
            .generator
            .as_mut()
            .resume_next_into(Some(cx), (), &mut item)
        {
            Ok(Step::Yielded(())) => return Poll::Ready(item.map(Ok)),
            Err(NextError::Pending) => return Poll::Pending,
            Ok(Step::Complete(value)) => this.generator.keep_return(Ok(value)),
            Err(NextError::Finished) => {}
            Err(error) => {
                *this.over = true;
                return Poll::Ready(Some(Err(error)));
            }
        }
        *this.over = true;
        Poll::Ready(None)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, self.is_terminated().then_some(0))
    }
}

impl<G: Generator<Resume = ()>> FusedStream for StreamResults<G> {
    fn is_terminated(&self) -> bool {
        self.over || self.generator.state() == State::Closed
    }
}
