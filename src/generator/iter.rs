use core::iter::FusedIterator;
use core::pin::Pin;

use super::errors::NextError;
use super::loop_error;
use super::protocol::Generator;
use super::results::Results;
use super::step::Step;

/// An iterator over what a generator yields: see [`Generator::iter`], and [`Generator::into_iterator`] for one that
/// owns its generator.
///
/// It ends where the body returns ([`Generator::take_return`] gives the value), and is over for ever then.
///
/// # Panics
///
/// `next` panics with the error where the body raises (then `take_return` gives the exception), where it awaits a
/// future, where it is running, and where generators resume each other too deep for the thread's stack
/// ([`RecursionError`](crate::RecursionError)): an iterator has no other way to say so, and a loop that just ended
/// would look as if all were done. [`results`](Self::results) gives these errors as items. If a body delegates to this
/// iterator ([`Co::yield_all`](crate::Co::yield_all)), the error is raised in that body instead.
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked for items"]
pub struct Iter<G> {
    generator: G,
}

impl<G> Iter<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }

    /// The same with errors as items: see [`Generator::results`].
    pub fn results(self) -> Results<G> {
        Results::new(self.generator)
    }

    /// The generator.
    pub fn get_ref(&self) -> &G {
        &self.generator
    }

    /// The generator, for [`take_return`](Generator::take_return) after the end, say.
    pub fn get_mut(&mut self) -> &mut G {
        &mut self.generator
    }

    /// Takes the generator out, where it is.
    pub fn into_inner(self) -> G {
        self.generator
    }
}

impl<G: Generator<Resume = ()> + Unpin> Iterator for Iter<G> {
    type Item = G::Yield;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[track_caller]
    fn next(&mut self) -> Option<G::Yield> {
        match self.generator.next() {
            Ok(Step::Yielded(value)) => Some(value),
            Ok(Step::Complete(value)) => {
                Pin::new(&mut self.generator).keep_return(Ok(value));
                None
            }
            Err(NextError::Finished) => None,
            Err(NextError::Raised(exception)) => {
                let message = loop_error::message(&exception);
                Pin::new(&mut self.generator).keep_return(Err(exception));
                message.panic()
            }
            Err(error) => loop_error::refused(error.into()),
        }
    }

    /// Called by [`Co::yield_all`](crate::Co::yield_all), to which the error then goes.
    // Not in `next`, where the address of the iterator would cost 6 instructions an item.
    #[inline]
    #[track_caller]
    fn nth(&mut self, n: usize) -> Option<G::Yield> {
        for _ in 0..n {
            self.next()?;
        }
        if !loop_error::is_asked(&raw const *self) {
            return self.next();
        }
        let exception = match self.generator.next() {
            Ok(Step::Yielded(value)) => return Some(value),
            Ok(Step::Complete(value)) => {
                Pin::new(&mut self.generator).keep_return(Ok(value));
                return None;
            }
            Err(NextError::Finished) => return None,
            Err(error) => error.into_exception(),
        };
        if let Some(exception) = loop_error::leave(exception) {
            let message = loop_error::message(&exception);
            Pin::new(&mut self.generator).keep_return(Err(exception));
            message.panic()
        }
        None
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.generator.size_hint()
    }
}

impl<G: Generator<Resume = ()> + Unpin> FusedIterator for Iter<G> {}
