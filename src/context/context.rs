use super::block_panicked::BlockPanicked;
use super::panics::{lost, while_unwinding};
use crate::frame::{Exception, IntoException};

/// Something that is entered before a block, and left after it, however the block ends. Python: a
/// context manager.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use cogen::context::Context;
/// use std::cell::Cell;
///
/// /// Counts the blocks that are inside, and gives them the count.
/// struct Gate<'a>(&'a Cell<u32>);
///
/// impl Context for Gate<'_> {
///     type Resource = u32;
///
///     fn enter(&mut self) -> Result<u32, Exception> {
///         self.0.set(self.0.get() + 1);
///         Ok(self.0.get())
///     }
///
///     fn exit(&mut self, _exception: &mut Option<Exception>) -> Result<(), Exception> {
///         self.0.set(self.0.get() - 1);
///         Ok(())
///     }
/// }
///
/// let inside = Cell::new(0);
/// let most = Gate(&inside).with(|_one| Gate(&inside).with(|two| Ok::<_, Exception>(two)))?;
/// assert_eq!((most, inside.get()), (Some(Some(2)), 0));
/// # Ok::<(), Exception>(())
/// ```
pub trait Context {
    /// What the block gets.
    type Resource;

    /// Enters, and returns what the block gets. Python: `__enter__`.
    ///
    /// # Errors
    ///
    /// If entering fails. Then the block does not run, and `exit` is not called.
    fn enter(&mut self) -> Result<Self::Resource, Exception>;

    /// Leaves. The error that the block ended with, if any, is in `exception`, and goes on if it stays there; taking
    /// it out swallows it. Python: `__exit__`, which returns whether it swallows.
    ///
    /// # Errors
    ///
    /// If leaving fails. This error replaces the block's, which becomes its [context](Exception::context) if it is still
    /// in `exception`. (One that just passes is no failure: it stays in `exception`, also where it has been through a
    /// [`context_manager`](super::context_manager)'s body.)
    fn exit(&mut self, exception: &mut Option<Exception>) -> Result<(), Exception>;

    /// Runs a block inside, and returns its value, or `None` if it ended with an error that was swallowed. Python:
    /// `with self as resource:`.
    ///
    /// If a block panics, [`exit`](Self::exit) is given a [`BlockPanicked`]; the panic goes on, whatever `exit` does
    /// with that.
    ///
    /// # Errors
    ///
    /// The error of the block, or that of entering or leaving.
    fn with<R, E: IntoException>(
        mut self,
        block: impl FnOnce(Self::Resource) -> Result<R, E>,
    ) -> Result<Option<R>, Exception>
    where
        Self: Sized,
    {
        let resource = self.enter()?;
        run(|| block(resource), |exception| self.exit(exception))
    }
}

/// Runs a block, and leaves after it.
pub(super) fn run<R, E: IntoException>(
    block: impl FnOnce() -> Result<R, E>,
    exit: impl FnOnce(&mut Option<Exception>) -> Result<(), Exception>,
) -> Result<Option<R>, Exception> {
    let mut leaving = Leaving(Some(exit));
    let (value, mut passing) = match block() {
        Ok(value) => (Some(value), Passing(None)),
        Err(error) => (None, Passing(Some(error.into_exception()))),
    };
    if let Some(exit) = leaving.0.take() {
        exit(&mut passing.0).map_err(|new| raised_over(&mut passing.0, new))?;
    }
    passing.0.take().map_or(Ok(value), Err)
}

/// The error of a block. It is still here when it is dropped only if leaving has panicked.
struct Passing(Option<Exception>);

impl Drop for Passing {
    fn drop(&mut self) {
        if let Some(exception) = self.0.take() {
            while_unwinding(|| lost(exception));
        }
    }
}

/// The exception `new`, which was raised while another one was being handled, if there is one.
pub(super) fn raised_over(handled: &mut Option<Exception>, new: Exception) -> Exception {
    match handled.take() {
        Some(context) => new.with_context(context),
        None => new,
    }
}

/// Leaves when the block panics.
struct Leaving<X: FnOnce(&mut Option<Exception>) -> Result<(), Exception>>(Option<X>);

impl<X: FnOnce(&mut Option<Exception>) -> Result<(), Exception>> Drop for Leaving<X> {
    fn drop(&mut self) {
        if let Some(exit) = self.0.take() {
            // The panic is what goes on.
            while_unwinding(|| {
                if let Err(new) = exit(&mut Some(BlockPanicked.into())) {
                    lost(new);
                }
            });
        }
    }
}
