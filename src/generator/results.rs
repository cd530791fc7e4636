use core::iter::FusedIterator;
use core::pin::Pin;

use super::errors::NextError;
use super::protocol::Generator;
use super::step::Step;

/// An iterator over what a generator yields, with the error that ends it as the last item: see
/// [`Generator::results`].
#[derive(Debug)]
#[must_use = "an iterator does nothing until it is asked for items"]
pub struct Results<G> {
    generator: G,
    over: bool,
}

impl<G> Results<G> {
    pub(super) fn new(generator: G) -> Self {
        Self {
            generator,
            over: false,
        }
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

impl<G: Generator<Resume = ()> + Unpin> Iterator for Results<G> {
    type Item = Result<G::Yield, NextError>;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        match self.generator.next() {
            Ok(Step::Yielded(value)) => Some(Ok(value)),
            Ok(Step::Complete(value)) => {
                self.over = true;
                Pin::new(&mut self.generator).keep_return(Ok(value));
                None
            }
            Err(error) => {
                self.over = true;
                (!matches!(error, NextError::Finished)).then_some(Err(error))
            }
        }
    }
}

impl<G: Generator<Resume = ()> + Unpin> FusedIterator for Results<G> {}
