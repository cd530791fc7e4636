use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::errors::{FeedError, NoOutput};
use crate::pipeline::push::Push;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// Gives each item to several sinks, in order; the output is that of all of them together.
///
/// A sink that ends early is passed over; when all have ended, no more is wanted. If one fails, all see
/// the end; there is an output if each of them has one (a sink whose stages failed may have one, for what came
/// before; one that failed itself has none).
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, broadcast, collect, fold, source};
///
/// let sinks = broadcast((fold(0, |sum, n| sum + n), collect::<Vec<_>, _>()));
/// assert_eq!(source(1..=3).run(sinks)?, (6, vec![1, 2, 3]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn broadcast<S: Sinks>(sinks: S) -> Broadcast<S> {
    Broadcast {
        fed: sinks.into_fed(),
    }
}

/// A sink: see [`broadcast`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Broadcast<S: Sinks> {
    fed: S::Fed,
}

/// Several sinks for the same items: a tuple of two to six, or a vector.
pub trait Sinks {
    /// What they take.
    type In: Clone;
    /// The output that they give together.
    type Output;
    /// The sinks while they run.
    #[doc(hidden)]
    type Fed;

    #[doc(hidden)]
    fn into_fed(self) -> Self::Fed;

    /// Whether one of them wants more.
    #[doc(hidden)]
    fn wants(fed: &Self::Fed) -> bool;

    #[doc(hidden)]
    fn feed(fed: &mut Self::Fed, item: &Self::In) -> Result<(), Exception>;

    #[doc(hidden)]
    fn finish(fed: &mut Self::Fed, errors: &mut Vec<Exception>) -> Option<Self::Output>;
}

fn feed<K: Sink<In: Clone>>(sink: &mut Push<K>, item: &K::In) -> Result<(), Exception> {
    if sink.is_ended() {
        return Ok(());
    }
    match sink.feed(item.clone()) {
        Err(FeedError::Raised(exception)) => Err(exception),
        _ => Ok(()),
    }
}

fn finish<K: Sink>(sink: &mut Push<K>, errors: &mut Vec<Exception>) -> Option<K::Output> {
    match sink.end() {
        Ok(output) => Some(output),
        Err(error) => {
            // If the error was reported before, a missing output need not be reported again.
            errors.extend(
                error
                    .into_exceptions()
                    .filter(|error| !error.is::<NoOutput>()),
            );
            None
        }
    }
}

impl<K: Sink<In: Clone>> Sinks for Vec<K> {
    type In = K::In;
    type Output = Vec<K::Output>;
    type Fed = Vec<Push<K>>;

    fn into_fed(self) -> Self::Fed {
        self.into_iter().map(Sink::pushed).collect()
    }

    fn wants(fed: &Self::Fed) -> bool {
        fed.iter().any(|sink| !sink.is_ended())
    }

    fn feed(fed: &mut Self::Fed, item: &K::In) -> Result<(), Exception> {
        fed.iter_mut().try_for_each(|sink| feed(sink, item))
    }

    fn finish(fed: &mut Self::Fed, errors: &mut Vec<Exception>) -> Option<Self::Output> {
        // All of them see the end, whichever fails.
        let outputs: Vec<_> = fed.iter_mut().map(|sink| finish(sink, errors)).collect();
        outputs.into_iter().collect()
    }
}

macro_rules! tuple {
    ($first:ident $($sink:ident)*) => {
        impl<$first: Sink<In: Clone>, $($sink: Sink<In = $first::In>),*> Sinks for ($first, $($sink),*) {
            type In = $first::In;
            type Output = ($first::Output, $($sink::Output),*);
            type Fed = (Push<$first>, $(Push<$sink>),*);

            #[allow(non_snake_case, reason = "the sinks have the names of their types")]
            fn into_fed(self) -> Self::Fed {
                let ($first, $($sink),*) = self;
                ($first.pushed(), $($sink.pushed()),*)
            }

            #[allow(non_snake_case, reason = "the sinks have the names of their types")]
            fn wants(fed: &Self::Fed) -> bool {
                let ($first, $($sink),*) = fed;
                !$first.is_ended() $(|| !$sink.is_ended())*
            }

            #[allow(non_snake_case, reason = "the sinks have the names of their types")]
            fn feed(fed: &mut Self::Fed, item: &Self::In) -> Result<(), Exception> {
                let ($first, $($sink),*) = fed;
                feed($first, item)?;
                $(feed($sink, item)?;)*
                Ok(())
            }

            #[allow(non_snake_case, reason = "the sinks have the names of their types")]
            fn finish(fed: &mut Self::Fed, errors: &mut Vec<Exception>) -> Option<Self::Output> {
                let ($first, $($sink),*) = fed;
                let ($first, $($sink),*) = (finish($first, errors), $(finish($sink, errors)),*);
                Some(($first?, $($sink?),*))
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);

impl<S: Sinks> Sink for Broadcast<S> {
    type In = S::In;
    type Output = S::Output;

    fn poll_drain<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<S::Output>>
    where
        U: Source<Item = S::In> + ?Sized,
    {
        let mut errors = Vec::new();
        while errors.is_empty() && S::wants(&self.fed) {
            let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) else {
                break;
            };
            errors.extend(S::feed(&mut self.fed, &item).err());
        }
        let output = S::finish(&mut self.fed, &mut errors);
        above.close_with(errors);
        Poll::Ready(output)
    }
}

debug!(impl[S: Sinks] Broadcast<S> { .. });
