use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::block_panicked::BlockPanicked;
use super::context::{Context, raised_over, run};
use super::panics::{FirstPanic, lost};
use crate::debug::debug;
use crate::frame::{Exception, IntoException};
use crate::generator::Outcome;

type Exit<'a> = Box<dyn FnOnce(&mut Option<Exception>) -> Result<(), Exception> + 'a>;

/// Context managers and callbacks that are left together, the last one first: what [`exit_stack`] gives
/// to its block. Python: `contextlib.ExitStack`.
///
/// A stack that is dropped is not left, as in Python: callbacks are dropped with it. ([`ContextManager`]s on it
/// close.) [`exit_stack`] leaves its stack, also when the block panics.
///
/// [`ContextManager`]: super::ContextManager
#[derive(Default)]
pub struct ExitStack<'a> {
    exits: RefCell<Vec<Exit<'a>>>,
}

impl<'a> ExitStack<'a> {
    /// An empty stack.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a context manager, and leaves it with the stack. Python: `enter_context`.
    ///
    /// # Errors
    ///
    /// The error of entering. The context manager is then not left.
    pub fn enter<C: Context + 'a>(&self, mut context: C) -> Result<C::Resource, Exception> {
        let resource = context.enter()?;
        self.push(move |exception| context.exit(exception));
        Ok(resource)
    }

    /// Calls `exit` when the stack is left, with the exception that is on its way. Taking it out swallows it, an
    /// error replaces it. Python: `push`.
    pub fn push(&self, exit: impl FnOnce(&mut Option<Exception>) -> Result<(), Exception> + 'a) {
        self.exits.borrow_mut().push(Box::new(exit));
    }

    /// Calls `call` when the stack is left. Python: `callback`.
    pub fn callback<R: Outcome>(&self, call: impl FnOnce() -> R + 'a) {
        self.push(move |_exception| call().into_result());
    }

    /// Moves everything into a stack of its own: leaving this one then does nothing. Python: `pop_all`.
    #[must_use = "the exits run only when the stack is left"]
    pub fn pop_all(&self) -> Self {
        Self {
            exits: RefCell::new(self.exits.take()),
        }
    }

    /// Leaves everything, now: the stack is empty then, and may be used on. Python: `close`.
    ///
    /// It may be called inside the block, and by an exit. What an exit pushes is left as well.
    ///
    /// # Errors
    ///
    /// The last error that a clean-up ended with, if it was not swallowed.
    ///
    /// # Panics
    ///
    /// If an exit panics: when all are left, with the first panic.
    pub fn close(&self) -> Result<(), Exception> {
        let mut exception = None;
        self.leave(&mut exception);
        exception.map_or(Ok(()), Err)
    }

    /// Leaves everything. A clean-up's error replaces the one that was on its way, which becomes its context. After a
    /// panic, of an exit or of the block, each exit is told of that, as in nested blocks.
    fn leave(&self, exception: &mut Option<Exception>) {
        let block_panicked = (exception.as_ref()).is_some_and(Exception::is::<BlockPanicked>);
        let mut panic = FirstPanic::default();
        #[cfg(not(feature = "std"))]
        let _rest = Rest(self);
        while let Some(exit) = self.pop() {
            let panicking = block_panicked || panic.is_some();
            if panicking {
                let replaced = exception.replace(BlockPanicked.into());
                panic.run(|| replaced.into_iter().for_each(lost));
            }
            let mut left = Ok(());
            panic.run(|| left = exit(exception));
            match left {
                Ok(()) => {}
                Err(another) if panicking => panic.run(|| lost(another)),
                Err(another) => *exception = Some(raised_over(exception, another)),
            }
        }
        if panic.is_some() {
            let passing = exception.take();
            panic.run(|| passing.into_iter().for_each(lost));
        }
        panic.go_on();
    }

    fn pop(&self) -> Option<Exit<'a>> {
        self.exits.borrow_mut().pop()
    }
}

/// Leaves what is left when an exit panics.
#[cfg(not(feature = "std"))]
struct Rest<'s, 'a>(&'s ExitStack<'a>);

#[cfg(not(feature = "std"))]
impl Drop for Rest<'_, '_> {
    fn drop(&mut self) {
        while let Some(exit) = self.0.pop() {
            drop(exit(&mut Some(BlockPanicked.into())));
        }
    }
}

debug!(self: ExitStack<'_> { exits: self.exits.borrow().len() });

/// Runs a block with a stack, and leaves what is on it after the block, the last one first. Returns the block's
/// value, or `None` if it ended with an error that was swallowed. Python: `with ExitStack()`.
///
/// # Errors
///
/// The error of the block, or the last one that a clean-up ended with. Those before it are its
/// [context](Exception::context).
///
/// # Panics
///
/// If the block or an exit panics: when all are left, with the first panic.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use cogen::context::exit_stack;
/// use std::cell::RefCell;
///
/// let log = RefCell::new(Vec::new());
/// let log = &log;
/// exit_stack(|stack| {
///     for n in 1..4 {
///         stack.callback(move || log.borrow_mut().push(n));
///     }
///     Ok::<_, Exception>(())
/// })?;
/// assert_eq!(*log.borrow(), [3, 2, 1]);
/// # Ok::<(), Exception>(())
/// ```
pub fn exit_stack<'a, R, E: IntoException>(
    block: impl FnOnce(&ExitStack<'a>) -> Result<R, E>,
) -> Result<Option<R>, Exception> {
    let stack = ExitStack::new();
    let leave = |exception: &mut Option<Exception>| {
        stack.leave(exception);
        Ok(())
    };
    run(|| block(&stack), leave)
}
