//! Parts of pipelines whose types can be named.

use std::task::{Context, Poll};

use super::pipeline::Pipeline;
use super::sink::Sink;
use super::source::Source;
use super::stage::Stage;
use crate::debug::debug;
use crate::frame::Exception;

/// A stage that can be behind a pointer.
trait DynStage<In, Out> {
    fn poll_next(
        &mut self,
        above: &mut dyn Source<Item = In>,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Out>>;
    fn throw(&mut self, above: &mut dyn Source<Item = In>, exception: Exception);
    fn close(&mut self, above: &mut dyn Source<Item = In>);
    fn take_error(&mut self) -> Option<Exception>;
    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>);
}

impl<S: Stage> DynStage<S::In, S::Item> for S {
    fn poll_next(
        &mut self,
        above: &mut dyn Source<Item = S::In>,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<S::Item>> {
        Stage::poll_next(self, above, cx)
    }

    fn throw(&mut self, above: &mut dyn Source<Item = S::In>, exception: Exception) {
        Stage::throw(self, above, exception);
    }

    fn close(&mut self, above: &mut dyn Source<Item = S::In>) {
        Stage::close(self, above);
    }

    fn take_error(&mut self) -> Option<Exception> {
        Stage::take_error(self)
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        Stage::size_hint(self, above)
    }
}

/// A sink that can be behind a pointer.
trait DynSink<In, Output> {
    fn poll_drain(
        &mut self,
        above: &mut dyn Source<Item = In>,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Output>>;
    fn take_error(&mut self) -> Option<Exception>;
}

impl<K: Sink> DynSink<K::In, K::Output> for K {
    fn poll_drain(
        &mut self,
        above: &mut dyn Source<Item = K::In>,
        cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<K::Output>> {
        Sink::poll_drain(self, above, cx)
    }

    fn take_error(&mut self) -> Option<Exception> {
        Sink::take_error(self)
    }
}

macro_rules! boxed_source {
    ($(#[$doc:meta])* $name:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[must_use = "a pipeline does nothing until it is run"]
        pub struct $name<'a, T> {
            source: Box<dyn Source<Item = T> $(+ $send)? + 'a>,
        }

        impl<'a, T> $name<'a, T> {
            /// Boxes a source.
            pub fn new(source: impl Source<Item = T> $(+ $send)? + 'a) -> Self {
                Self { source: Box::new(source) }
            }
        }

        impl<T> Pipeline for $name<'_, T> {
            type Item = T;
        }

        impl<T> Source for $name<'_, T> {
            fn poll_next(&mut self, cx: Option<&mut Context<'_>>) -> Poll<Option<T>> {
                self.source.poll_next(cx)
            }

            fn throw(&mut self, exception: Exception) {
                self.source.throw(exception);
            }

            fn close(&mut self) {
                self.source.close();
            }

            fn take_error(&mut self) -> Option<Exception> {
                self.source.take_error()
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                self.source.size_hint()
            }
        }

        debug!(impl[T] $name<'_, T> { .. });
    };
}

boxed_source! {
    /// A boxed source of `T`s. It is `Send`; [`LocalBoxSource`] is not.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{BoxSource, Pipeline, source};
    ///
    /// fn numbers(squared: bool) -> BoxSource<'static, u32> {
    ///     let numbers = source(1..4);
    ///     if squared { BoxSource::new(numbers.map(|n| n * n)) } else { BoxSource::new(numbers) }
    /// }
    ///
    /// assert_eq!(numbers(true).collect::<Vec<_>>()?, [1, 4, 9]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    BoxSource, Send
}

boxed_source! {
    /// A [`BoxSource`] that need not be `Send`.
    LocalBoxSource,
}

macro_rules! boxed_stage {
    ($(#[$doc:meta])* $name:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[must_use = "a pipeline does nothing until it is run"]
        pub struct $name<'a, In, Out> {
            stage: Box<dyn DynStage<In, Out> $(+ $send)? + 'a>,
        }

        impl<'a, In, Out> $name<'a, In, Out> {
            /// Boxes a stage.
            pub fn new(stage: impl Stage<In = In, Item = Out> $(+ $send)? + 'a) -> Self {
                Self { stage: Box::new(stage) }
            }
        }

        impl<In, Out> Pipeline for $name<'_, In, Out> {
            type Item = Out;
        }

        impl<In, Out> Stage for $name<'_, In, Out> {
            type In = In;

            fn poll_next<U>(
                &mut self,
                mut above: &mut U,
                cx: Option<&mut Context<'_>>,
            ) -> Poll<Option<Out>>
            where
                U: Source<Item = In> + ?Sized,
            {
                self.stage.poll_next(&mut above, cx)
            }

            fn throw<U>(&mut self, mut above: &mut U, exception: Exception)
            where
                U: Source<Item = In> + ?Sized,
            {
                self.stage.throw(&mut above, exception);
            }

            fn close<U>(&mut self, mut above: &mut U)
            where
                U: Source<Item = In> + ?Sized,
            {
                self.stage.close(&mut above);
            }

            fn take_error(&mut self) -> Option<Exception> {
                self.stage.take_error()
            }

            fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
                self.stage.size_hint(above)
            }
        }

        debug!(impl[In, Out] $name<'_, In, Out> { .. });
    };
}

boxed_stage! {
    /// A boxed stage from `In`s to `Out`s. It is `Send`; [`LocalBoxStage`] is not.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{BoxStage, Pipeline, input, map, source};
    ///
    /// let mut doublings = BoxStage::new(input());
    /// for _ in 0..10 {
    ///     doublings = BoxStage::new(doublings.pipe(map(|n| 2 * n)));
    /// }
    /// assert_eq!(source([1, 3]).pipe(doublings).collect::<Vec<_>>()?, [1024, 3072]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    BoxStage, Send
}

boxed_stage! {
    /// A [`BoxStage`] that need not be `Send`.
    LocalBoxStage,
}

macro_rules! boxed_sink {
    ($(#[$doc:meta])* $name:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[must_use = "a pipeline does nothing until it is run"]
        pub struct $name<'a, In, Output> {
            sink: Box<dyn DynSink<In, Output> $(+ $send)? + 'a>,
        }

        impl<'a, In, Output> $name<'a, In, Output> {
            /// Boxes a sink.
            pub fn new(sink: impl Sink<In = In, Output = Output> $(+ $send)? + 'a) -> Self {
                Self { sink: Box::new(sink) }
            }
        }

        impl<In, Output> Sink for $name<'_, In, Output> {
            type In = In;
            type Output = Output;

            fn poll_drain<U>(
                &mut self,
                mut above: &mut U,
                cx: Option<&mut Context<'_>>,
            ) -> Poll<Option<Output>>
            where
                U: Source<Item = In> + ?Sized,
            {
                self.sink.poll_drain(&mut above, cx)
            }

            fn take_error(&mut self) -> Option<Exception> {
                self.sink.take_error()
            }
        }

        debug!(impl[In, Output] $name<'_, In, Output> { .. });
    };
}

boxed_sink! {
    /// A boxed sink of `In`s. It is `Send`; [`LocalBoxSink`] is not.
    BoxSink, Send
}

boxed_sink! {
    /// A [`BoxSink`] that need not be `Send`.
    LocalBoxSink,
}
