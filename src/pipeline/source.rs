use std::task::{Context, Poll};

use super::pipeline::Pipeline;
use crate::frame::Exception;

/// Where items come from: an iterator ([`source`](super::source)), a generator
/// ([`generated`](super::generated)), a stream ([`streamed`](super::streamed)), or one of them with stages behind it.
///
/// This is what a source of your own implements; the methods to call are in [`Pipeline`].
///
/// A source is fused: after `None`, [`close`](Self::close) or [`throw`](Self::throw) it gives `None`
/// for ever.
pub trait Source: Pipeline {
    /// The next item, or `None` at the end.
    ///
    /// A `cx` of `None` drives synchronously: `Pending` then means that there is nothing at the moment, and that
    /// nothing will be woken (a source that is [pushed](super::Push) into). `Some` drives asynchronously, like
    /// [`Future::poll`].
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<Self::Item>>;

    /// An error of a stage below. It goes up: a stage sees it at its [`emit`](super::Ends::emit), may catch it, and
    /// is then closed; an error that no stage catches is kept where the items came from, for
    /// [`take_error`](Self::take_error).
    fn throw(&mut self, exception: Exception);

    /// No more items are wanted. Stages are closed from the bottom up; an iterator is dropped.
    fn close(&mut self);

    /// No more items are wanted, because of these errors, if there are any: the first is thrown, and so are the
    /// others, but those are then only kept.
    #[doc(hidden)]
    fn close_with(&mut self, errors: Vec<Exception>) {
        for exception in errors {
            self.throw(exception);
        }
        self.close();
    }

    /// The first error that ended a part of the pipeline, once; then the next, if there is one.
    fn take_error(&mut self) -> Option<Exception>;

    /// How many items are to come, as [`Iterator::size_hint`], unless a stage fails.
    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, None)
    }
}

impl<U: Source + ?Sized> Pipeline for &mut U {
    type Item = U::Item;
}

impl<U: Source + ?Sized> Source for &mut U {
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<Self::Item>> {
        (**self).poll_next(cx)
    }

    fn throw(&mut self, exception: Exception) {
        (**self).throw(exception);
    }

    fn close(&mut self) {
        (**self).close();
    }

    fn take_error(&mut self) -> Option<Exception> {
        (**self).take_error()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (**self).size_hint()
    }
}
