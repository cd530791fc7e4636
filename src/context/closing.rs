use core::cell::RefCell;

use super::context::run;
use crate::debug::debug;
use crate::frame::{Exception, IntoException};
use crate::generator::Outcome;

/// Something that is closed after a block: what [`closing`] gives.
#[must_use = "nothing is closed but after a block"]
pub struct ClosingAfter<T, C> {
    thing: T,
    close: C,
}

/// Lends a block `thing`, and calls `close` with it after the block, however that ends. Python: `contextlib.closing`.
///
/// What `Drop` cannot: closing may fail, and its error is seen. What differs from Python: no method is called by its
/// name, so `close` says how; and the block is [`with`](ClosingAfter::with), which borrows `thing`, so that this is not
/// a [`Context`](super::Context). On an exit stack a [callback](super::ExitStack::callback) does the same.
///
/// A generator that only has to be closed, whatever comes of it, is closed by its drop: see
/// [`BoxGen`](crate::BoxGen) and [`Generator::closing`](crate::Generator::closing).
///
/// # Examples
///
/// ```
/// use cogen::context::closing;
/// use cogen::{CloseError, Exception, Generator, State, generator};
/// use std::io::{BufWriter, Write};
///
/// // Dropping a `BufWriter` forgets the error of its last write.
/// let mut page = [0; 4];
/// let writer = BufWriter::new(page.as_mut_slice());
/// let written = closing(writer, |mut writer| writer.flush()).with(|writer| writer.write_all(b"too long"));
/// assert_eq!(written.unwrap_err().to_string(), "failed to write the buffered data");
///
/// let mut numbers = generator(|co| async move { co.yield_all(0..).await }).boxed();
/// let close = |g: &mut cogen::BoxGen<'_, i32, (), _>| g.close().map(drop).map_err(CloseError::into_exception);
/// let first = closing(&mut numbers, close).with(|numbers| {
///     Ok::<_, Exception>(numbers.iter().take(3).sum::<i32>())
/// });
/// assert_eq!((first?, numbers.state()), (3, State::Closed));
/// # Ok::<(), Exception>(())
/// ```
pub fn closing<T, C, O>(thing: T, close: C) -> ClosingAfter<T, C>
where
    C: FnOnce(T) -> O,
    O: Outcome,
{
    ClosingAfter { thing, close }
}

impl<T, C, O> ClosingAfter<T, C>
where
    C: FnOnce(T) -> O,
    O: Outcome,
{
    /// Runs the block, and closes. Python: `with closing(thing) as thing:`.
    ///
    /// If the block panics, it is closed as well; the panic goes on.
    ///
    /// # Errors
    ///
    /// The error of closing, or else that of the block.
    pub fn with<R, E: IntoException>(
        self,
        block: impl FnOnce(&mut T) -> Result<R, E>,
    ) -> Result<R, Exception> {
        let thing = RefCell::new(Some(self.thing));
        let close = |_exception: &mut _| match thing.take() {
            Some(thing) => (self.close)(thing).into_result(),
            None => Ok(()),
        };
        let value = run(
            || match thing.borrow_mut().as_mut() {
                Some(thing) => block(thing),
                None => unreachable!("it is not closed yet"),
            },
            close,
        )?;
        match value {
            Some(value) => Ok(value),
            None => unreachable!("closing swallows nothing"),
        }
    }
}

debug!(impl[T, C] ClosingAfter<T, C> { .. });
