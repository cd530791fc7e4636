use std::fmt;
use std::task::{Context, Poll, ready};

use crate::Exception;
use crate::pipeline::{FeedError, Interrupted, Push, Sink, Source};

/// Gives each item to several sinks, in order; the outputs are theirs together.
///
/// A sink that ends early is passed over; when all have ended, no more is wanted. If one fails, the
/// others see the end, and their outputs are dropped.
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

/// Several sinks of the same items: a tuple of two to six, or a vector.
pub trait Sinks {
    /// What they take.
    type In: Clone;
    /// What they give together.
    type Output;
    /// The sinks while they run.
    #[doc(hidden)]
    type Fed;

    #[doc(hidden)]
    fn into_fed(self) -> Self::Fed;

    /// Whether one of them wants more.
    #[doc(hidden)]
    fn feed(fed: &mut Self::Fed, item: &Self::In) -> Result<bool, Exception>;

    #[doc(hidden)]
    fn finish(fed: &mut Self::Fed) -> Result<Self::Output, Exception>;
}

/// Whether the sink wants more.
fn feed<K: Sink<In: Clone>>(sink: &mut Push<K>, item: &K::In) -> Result<bool, Exception> {
    if sink.is_ended() {
        return Ok(false);
    }
    match sink.feed(item.clone()) {
        Err(FeedError::Raised(exception)) => Err(exception),
        _ => Ok(!sink.is_ended()),
    }
}

fn finish<K: Sink>(sink: &mut Push<K>) -> Result<K::Output, Exception> {
    sink.end().map_err(Interrupted::into_exception)
}

impl<K: Sink<In: Clone>> Sinks for Vec<K> {
    type In = K::In;
    type Output = Vec<K::Output>;
    type Fed = Vec<Push<K>>;

    fn into_fed(self) -> Self::Fed {
        self.into_iter().map(Sink::pushed).collect()
    }

    fn feed(fed: &mut Self::Fed, item: &K::In) -> Result<bool, Exception> {
        let mut more = false;
        for sink in fed {
            more |= feed(sink, item)?;
        }
        Ok(more)
    }

    fn finish(fed: &mut Self::Fed) -> Result<Self::Output, Exception> {
        // All of them see the end, whatever the first error is.
        let outputs: Vec<_> = fed.iter_mut().map(finish).collect();
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
            fn feed(fed: &mut Self::Fed, item: &Self::In) -> Result<bool, Exception> {
                let ($first, $($sink),*) = fed;
                let more = feed($first, item)?;
                $(let more = feed($sink, item)? || more;)*
                Ok(more)
            }

            #[allow(non_snake_case, reason = "the sinks have the names of their types")]
            fn finish(fed: &mut Self::Fed) -> Result<Self::Output, Exception> {
                let ($first, $($sink),*) = fed;
                let ($first, $($sink),*) = (finish($first), $(finish($sink)),*);
                Ok(($first?, $($sink?),*))
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
        let mut outcome = Ok(true);
        while let Ok(true) = outcome
            && let Some(item) = ready!(above.poll_next(cx.as_deref_mut()))
        {
            outcome = S::feed(&mut self.fed, &item);
        }
        let output = S::finish(&mut self.fed);
        Poll::Ready(match outcome.and(output) {
            Ok(output) => {
                above.close();
                Some(output)
            }
            Err(exception) => {
                above.throw(exception);
                None
            }
        })
    }
}

impl<S: Sinks> fmt::Debug for Broadcast<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcast").finish_non_exhaustive()
    }
}
