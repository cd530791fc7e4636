use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use super::call::CallKind;
use super::generator::AsyncGenerator;
use crate::aio::core::error::Error;
use crate::debug::debug;

type Next<Y> = Pin<Box<dyn Future<Output = Result<Option<Y>, Error>>>>;

/// What an async generator yields, as a stream: what [`AsyncGenerator::items`] gives.
///
/// It must be polled inside a task. Dropping it leaves the generator where it is.
#[must_use = "a stream does nothing until it is polled"]
pub struct AsyncItems<Y> {
    generator: AsyncGenerator<Y>,
    next: Option<Next<Y>>,
    ended: bool,
    at: &'static Location<'static>,
}

impl<Y: 'static> AsyncGenerator<Y, ()> {
    /// A stream of what it yields, which ends after an error. Dropping the stream before its next item is
    /// there loses nothing: the next `anext`, or another stream, gets that item.
    ///
    /// # Panics
    ///
    /// If the stream is polled outside a task.
    #[track_caller]
    pub fn items(&self) -> AsyncItems<Y> {
        AsyncItems {
            generator: self.clone(),
            next: None,
            ended: false,
            at: Location::caller(),
        }
    }
}

// Nothing in it is pinned.
impl<Y> Unpin for AsyncItems<Y> {}

impl<Y: 'static> Stream for AsyncItems<Y> {
    type Item = Result<Y, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let this = &mut *self;
        let next = this.next.get_or_insert_with(|| {
            let (generator, at) = (this.generator.clone(), this.at);
            Box::pin(async move { generator.call(CallKind::Next(()), at).await })
        });
        let item = ready!(next.as_mut().poll(cx)).transpose();
        this.next = None;
        this.ended = !matches!(item, Some(Ok(_)));
        Poll::Ready(item)
    }
}

debug!(impl[Y] self: AsyncItems<Y> { generator: self.generator, .. });
