use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

use super::manager::AsyncContext;
use super::manager::leave;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::thrown::error_of;
use crate::aio::scopes::scope::Scope;
use crate::debug::debug;

type Exit = Box<dyn FnOnce(Option<Error>) -> Exiting>;
type Exiting = Pin<Box<dyn Future<Output = Result<bool, Error>>>>;

/// Context managers and callbacks that are left together, the last one first: what [`exit_stack`] gives
/// to its block. Python: `contextlib.AsyncExitStack`.
#[derive(Default)]
pub struct AsyncExitStack {
    exits: RefCell<Vec<Exit>>,
}

impl AsyncExitStack {
    /// An empty stack.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a context manager, and leaves it with the stack. Python: `enter_async_context`.
    ///
    /// # Errors
    ///
    /// The error of entering: the context manager is not left then.
    #[expect(
        clippy::manual_async_fn,
        reason = "an async fn would hold the context as its argument and as its variable"
    )]
    pub fn enter<C: AsyncContext + 'static>(
        &self,
        mut context: C,
    ) -> impl Future<Output = Result<C::Resource, Error>> {
        async move {
            let resource = context.enter().await?;
            self.push(async move |error: Option<Error>| context.exit(error.as_ref()).await);
            Ok(resource)
        }
    }

    /// Calls `exit` when the stack is left, with the error that is on its way. `true` swallows it.
    /// Python: `push_async_exit`.
    pub fn push(&self, exit: impl AsyncFnOnce(Option<Error>) -> Result<bool, Error> + 'static) {
        let exit: Exit = Box::new(move |error| Box::pin(exit(error)));
        self.exits.borrow_mut().push(exit);
    }

    /// Calls `call` when the stack is left. Python: `push_async_callback`.
    pub fn callback<R: Output<Ok = ()>>(&self, call: impl AsyncFnOnce() -> R + 'static) {
        self.push(move |_error| Called(call()));
    }

    /// Moves everything into a stack of its own: this one then leaves nothing. Python: `pop_all`.
    #[must_use = "the exits run only when the stack is left"]
    pub fn pop_all(&self) -> Self {
        Self {
            exits: RefCell::new(self.exits.take()),
        }
    }

    /// Leaves everything. Python: `aclose`.
    ///
    /// # Errors
    ///
    /// The last error that a clean-up ended with.
    pub async fn aclose(self) -> Result<(), Error> {
        self.leave(None).await.map(drop)
    }

    /// Leaves everything. Returns whether the error was swallowed. A clean-up's error replaces the one that
    /// was on its way.
    async fn leave(&self, error: Option<Error>) -> Result<bool, Error> {
        let (mut error, given) = (error.clone(), error.is_some());
        let mut replaced = false;
        loop {
            let exit = self.exits.borrow_mut().pop();
            let Some(exit) = exit else { break };
            match caught(exit(error.clone())).await {
                Ok(true) => (error, replaced) = (None, false),
                Ok(false) => {}
                Err(new) => {
                    let new = match &error {
                        Some(handled) => new.raised_over(handled),
                        None => new,
                    };
                    (error, replaced) = (Some(new), true);
                }
            }
        }
        match error {
            Some(error) if replaced => Err(error),
            error => Ok(given && error.is_none()),
        }
    }
}

/// A callback of a stack, as an exit: it swallows nothing.
#[pin_project]
struct Called<F>(#[pin] F);

impl<F: Future<Output: Output<Ok = ()>>> Future for Called<F> {
    type Output = Result<bool, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = ready!(self.project().0.poll(cx)).into_result();
        Poll::Ready(ended.map(|()| false))
    }
}

/// What a clean-up ends with, even if that is a cancel: the others are left all the same.
async fn caught(exit: Exiting) -> Result<bool, Error> {
    match Scope::new(exit).await {
        Ok(left) => left,
        Err(exception) => Err(error_of(exception)),
    }
}

debug!(self: AsyncExitStack { exits: self.exits.borrow().len() });

/// Runs a block with a stack, and leaves what is on the stack after the block, the last one first. Gives the
/// block's value, or `None` if it ended with an error that was swallowed. Python: `async with
/// AsyncExitStack()`.
///
/// # Errors
///
/// The block's, or the last one that a clean-up ended with. Those before it are its [context](Error::context).
///
/// # Panics
///
/// If it is awaited outside a task.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::{cell::RefCell, rc::Rc};
///
/// aio::run(async {
///     let log = Rc::new(RefCell::new(Vec::new()));
///     aio::exit_stack(async |stack| {
///         for n in 1..4 {
///             let log = log.clone();
///             stack.callback(async move || log.borrow_mut().push(n));
///         }
///     })
///     .await?;
///     assert_eq!(*log.borrow(), [3, 2, 1]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn exit_stack<R: Output>(
    block: impl AsyncFnOnce(&AsyncExitStack) -> R,
) -> impl Future<Output = Result<Option<R::Ok>, Error>> {
    // A boxed closure is gone once it has been called, so that only its future is held.
    let block = Box::new(block);
    async move {
        let stack = AsyncExitStack::new();
        let ended = Scope::around(|| (*block)(&stack)).await;
        leave(&mut Stack(&stack), ended.map(Output::into_result)).await
    }
}

/// A stack as a context manager whose resource is the stack itself.
struct Stack<'a>(&'a AsyncExitStack);

impl AsyncContext for Stack<'_> {
    type Resource = ();

    async fn enter(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn exit(&mut self, error: Option<&Error>) -> Result<bool, Error> {
        self.0.leave(error.cloned()).await
    }
}
