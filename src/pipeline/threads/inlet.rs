use std::task::{Context, Poll};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::recv::recv_until;
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select;
use crate::pipeline::source::Source;

/// The source of a part of a pipeline on another thread: the receiving end of its queue.
///
/// `None` in the queue is the end. If the sender is gone, the pipeline was dropped: then this source is `Pending` for
/// ever.
pub(super) struct Inlet<T> {
    /// `None` after the end, so that the sender learns of it.
    queue: Option<Receiver<Option<T>>>,
    errors: Errors,
}

impl<T> Inlet<T> {
    pub(super) fn new(queue: Receiver<Option<T>>) -> Self {
        Self {
            queue: Some(queue),
            errors: Errors::default(),
        }
    }
}

impl<T> Pipeline for Inlet<T> {
    type Item = T;
}

impl<T> Source for Inlet<T> {
    fn poll_next(&mut self, _: Option<&mut Context<'_>>) -> Poll<Option<T>> {
        let limit = select::limit();
        match self.queue.as_ref().map(|queue| recv_until(queue, limit)) {
            Some(Ok(Some(item))) => Poll::Ready(Some(item)),
            Some(Err(RecvTimeoutError::Timeout)) => {
                select::is_late();
                Poll::Pending
            }
            Some(Err(RecvTimeoutError::Disconnected)) => Poll::Pending,
            Some(Ok(None)) | None => {
                self.queue = None;
                Poll::Ready(None)
            }
        }
    }

    fn throw(&mut self, exception: Exception) {
        self.close();
        self.errors.add(exception);
    }

    fn close(&mut self) {
        self.queue = None;
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.errors.take()
    }
}
