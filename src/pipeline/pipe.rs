use std::task::{Context, Poll};

use super::pipeline::Pipeline;
use super::sink::Sink;
use super::source::Source;
use super::stage::Stage;
use crate::frame::Exception;

/// Two parts of a pipeline, the second behind the first: what [`Pipeline::pipe`] and
/// [`Pipeline::to`] make.
///
/// A source and a stage are a source; two stages are a stage; a stage and a sink are a sink.
#[derive(Debug, Clone)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Pipe<A, B> {
    first: A,
    second: B,
}

impl<A, B> Pipe<A, B> {
    pub(super) fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

impl<A: Pipeline, B: Pipeline> Pipeline for Pipe<A, B> {
    type Item = B::Item;
}

impl<A: Source, B: Stage<In = A::Item>> Source for Pipe<A, B> {
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<B::Item>> {
        self.second.poll_next(&mut self.first, cx)
    }

    fn throw(&mut self, exception: Exception) {
        self.second.throw(&mut self.first, exception);
    }

    fn close(&mut self) {
        self.second.close(&mut self.first);
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.first.take_error().or_else(|| self.second.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.second.size_hint(self.first.size_hint())
    }
}

impl<A: Stage, B: Stage<In = A::Item>> Stage for Pipe<A, B> {
    type In = A::In;

    #[inline]
    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<B::Item>>
    where
        U: Source<Item = A::In> + ?Sized,
    {
        self.second
            .poll_next(&mut Joint::new(&mut self.first, above), cx)
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = A::In> + ?Sized,
    {
        self.second
            .throw(&mut Joint::new(&mut self.first, above), exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = A::In> + ?Sized,
    {
        self.second.close(&mut Joint::new(&mut self.first, above));
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.first.take_error().or_else(|| self.second.take_error())
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        self.second.size_hint(self.first.size_hint(above))
    }
}

impl<A: Stage, B: Sink<In = A::Item>> Sink for Pipe<A, B> {
    type In = A::In;
    type Output = B::Output;

    #[inline]
    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<B::Output>>
    where
        U: Source<Item = A::In> + ?Sized,
    {
        self.second
            .poll_drain(&mut Joint::new(&mut self.first, above), cx)
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.first.take_error().or_else(|| self.second.take_error())
    }
}

/// A stage with what is above it: what the stage below sees as its source.
struct Joint<'a, S, U: ?Sized> {
    stage: &'a mut S,
    above: &'a mut U,
}

impl<'a, S, U: ?Sized> Joint<'a, S, U> {
    #[inline]
    fn new(stage: &'a mut S, above: &'a mut U) -> Self {
        Self { stage, above }
    }
}

impl<S: Stage, U: ?Sized> Pipeline for Joint<'_, S, U> {
    type Item = S::Item;
}

impl<S: Stage, U: Source<Item = S::In> + ?Sized> Source for Joint<'_, S, U> {
    #[inline]
    fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<S::Item>> {
        self.stage.poll_next(self.above, cx)
    }

    fn throw(&mut self, exception: Exception) {
        self.stage.throw(self.above, exception);
    }

    fn close(&mut self) {
        self.stage.close(self.above);
    }

    fn take_error(&mut self) -> Option<Exception> {
        self.above.take_error().or_else(|| self.stage.take_error())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stage.size_hint(self.above.size_hint())
    }
}
