use super::{Generator, State};

/// A generator that is closed when it is dropped: see [`Generator::closing`].
///
/// What closing leads to (an exception, a yield) is ignored, as Python ignores it.
#[derive(Debug)]
pub struct Closing<G: Generator + Unpin> {
    generator: G,
}

impl<G: Generator + Unpin> Closing<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }

    /// The generator.
    pub fn get_ref(&self) -> &G {
        &self.generator
    }

    /// The generator.
    pub fn get_mut(&mut self) -> &mut G {
        &mut self.generator
    }
}

impl<G: Generator + Unpin> Drop for Closing<G> {
    fn drop(&mut self) {
        if self.generator.state() == State::Suspended {
            let _ignored = self.generator.close();
        }
    }
}
