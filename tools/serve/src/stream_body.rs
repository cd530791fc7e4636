use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use cogen::State;
use cogen::aio::{AsyncGenerator, AsyncItems, Error, create_task};
use futures_core::Stream;
use hyper::body::{Body, Frame};

/// The body of an answer, of what an async generator yields.
///
/// hyper drops it when the client hangs up. The generator is closed then, so that its clean-up runs to its end.
pub(crate) struct StreamBody {
    generator: AsyncGenerator<Bytes>,
    items: AsyncItems<Bytes>,
}

impl StreamBody {
    pub(crate) fn new(generator: AsyncGenerator<Bytes>) -> Self {
        let items = generator.clone().items();
        Self { generator, items }
    }
}

impl Body for StreamBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let item = Pin::new(&mut self.items).poll_next(cx);
        item.map(|item| item.map(|chunk| chunk.map(Frame::data)))
    }
}

impl Drop for StreamBody {
    fn drop(&mut self) {
        if self.generator.state() != State::Closed {
            let generator = self.generator.clone();
            drop(create_task(async move { generator.aclose().await }));
        }
    }
}
