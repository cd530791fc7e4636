use std::any::Any;
use std::cell::RefCell;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project::pin_project;

use super::async_context::{AsyncContext, leave, lose, raised_over};
use crate::aio::core::awaiting::expect_task;
use crate::aio::core::error::Error;
use crate::aio::core::output::Output;
use crate::aio::core::report::discard;
use crate::aio::core::thrown::error_of;
use crate::aio::scopes::scope::{Scope, caught};
use crate::context::{BlockPanicked, Context, FirstPanic, Outcome};
use crate::debug::debug;
use crate::frame::Exception;

type Exit = Box<dyn for<'e> FnOnce(&'e mut Option<Error>) -> Exiting<'e>>;
type Exiting<'e> = Pin<Box<dyn Future<Output = Result<(), Error>> + 'e>>;

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
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    #[track_caller]
    pub fn enter<C: AsyncContext + 'static>(
        &self,
        mut context: C,
    ) -> impl Future<Output = Result<C::Resource, Error>> {
        let at = Location::caller();
        async move {
            expect_task(at);
            let resource = context.enter().await?;
            self.push(async move |error: &mut Option<Error>| context.exit(error).await);
            Ok(resource)
        }
    }

    /// Calls `exit` when the stack is left, with the error that is on its way. Taking it out swallows it, an error
    /// replaces it. Python: `push_async_exit`.
    pub fn push(&self, exit: impl AsyncFnOnce(&mut Option<Error>) -> Result<(), Error> + 'static) {
        let exit: Exit = Box::new(move |error| Box::pin(exit(error)));
        self.exits.borrow_mut().push(exit);
    }

    /// Calls `call` when the stack is left. Python: `push_async_callback`.
    pub fn callback<R: Output<Ok = ()>>(&self, call: impl AsyncFnOnce() -> R + 'static) {
        self.push(move |_error: &mut Option<Error>| Called(call()));
    }

    /// Enters a context manager that does not await ([`context::Context`](crate::context::Context)), and leaves it with
    /// the stack. Python: `enter_context`.
    ///
    /// # Errors
    ///
    /// The error of entering: the context manager is not left then.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{aio, context::nullcontext};
    ///
    /// aio::run(async {
    ///     aio::exit_stack(async |stack| {
    ///         let name = stack.enter_sync(nullcontext("name"))?;
    ///         stack.callback_sync(|| println!("left"));
    ///         aio::ok(assert_eq!(name, "name"))
    ///     })
    ///     .await
    /// })?;
    /// # Ok::<(), aio::Error>(())
    /// ```
    pub fn enter_sync<C: Context + 'static>(&self, mut context: C) -> Result<C::Resource, Error> {
        let resource = context.enter().map_err(error_of)?;
        self.push_sync(move |exception| context.exit(exception));
        Ok(resource)
    }

    /// Calls `exit`, which does not await, when the stack is left, with the exception that is on its way. Taking it out
    /// swallows it, an error replaces it. Python: `push`.
    pub fn push_sync(
        &self,
        exit: impl FnOnce(&mut Option<Exception>) -> Result<(), Exception> + 'static,
    ) {
        self.push(async move |error: &mut Option<Error>| {
            let mut exception = error.take().map(Exception::new);
            let left = exit(&mut exception);
            *error = exception.map(error_of);
            left.map_err(error_of)
        });
    }

    /// Calls `call`, which does not await, when the stack is left. Python: `callback`.
    pub fn callback_sync<R: Outcome>(&self, call: impl FnOnce() -> R + 'static) {
        self.push_sync(move |_exception| call().into_result());
    }

    /// Moves everything into a stack of its own: this one then leaves nothing. Python: `pop_all`.
    #[must_use = "the exits run only when the stack is left"]
    pub fn pop_all(&self) -> Self {
        Self {
            exits: RefCell::new(self.exits.take()),
        }
    }

    /// Leaves everything, now: the stack is empty then, and may be used on. Python: `aclose`.
    ///
    /// It may be called inside the block, and by an exit. What an exit pushes is left as well.
    ///
    /// # Errors
    ///
    /// The last error that a clean-up ended with, if it was not swallowed.
    ///
    /// # Cancellation
    ///
    /// A cancel interrupts the exit that is running, is what the others are told, and goes on when they are left. If the
    /// future is dropped, what has not been left stays on the stack.
    ///
    /// # Panics
    ///
    /// If an exit panics: when all are left, with the first panic. If it is awaited outside a task.
    #[track_caller]
    pub fn aclose(&self) -> impl Future<Output = Result<(), Error>> {
        let at = Location::caller();
        async move {
            let mut error = None;
            self.leave(&mut error, at).await;
            error.map_or(Ok(()), Err)
        }
    }

    /// Leaves everything. A clean-up's error replaces the one that was on its way; a cancel that came meanwhile, and was
    /// not swallowed, is raised at the end. After a panic each exit is told of that, as in a stack that does not await.
    async fn leave(&self, error: &mut Option<Error>, at: &'static Location<'static>) {
        let mut panic = FirstPanic::default();
        // What is on its way was thrown into an exit.
        let mut own = false;
        loop {
            let exit = self.exits.borrow_mut().pop();
            let Some(exit) = exit else { break };
            if panic.is_some() {
                let replaced = error.replace(BlockPanicked.into());
                panic.run(|| replaced.into_iter().for_each(lose));
            }
            match exited(exit, error, at).await {
                Ok(Exited::Left) => own &= error.is_some(),
                Ok(Exited::Failed(another) | Exited::Cut(another)) if panic.is_some() => {
                    panic.run(|| lose(another));
                }
                Ok(Exited::Failed(another)) => {
                    own = false;
                    replace(error, another);
                }
                Ok(Exited::Cut(another)) => {
                    own = true;
                    replace(error, another);
                }
                Err(payload) => panic.keep(payload),
            }
        }
        if panic.is_some() {
            let passing = error.take();
            panic.run(|| passing.into_iter().for_each(lose));
        }
        panic.go_on();
        if own {
            *error = match error.take() {
                Some(Error::Cancelled(cancelled)) => cancelled.raise().await,
                other => other,
            };
        }
    }
}

fn replace(error: &mut Option<Error>, another: Error) {
    let another = raised_over(error.as_ref(), another);
    discard(error.replace(another));
}

/// A callback of a stack, as an exit: it swallows nothing.
#[pin_project]
struct Called<F>(#[pin] F);

impl<F: Future<Output: Output<Ok = ()>>> Future for Called<F> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.project().0.poll(cx).map(Output::into_result)
    }
}

/// What an exit ends with.
enum Exited {
    Left,
    Failed(Error),
    /// By what was thrown into it.
    Cut(Error),
}

/// What a clean-up ends with, even if that is a cancel or a panic: the others are left all the same.
async fn exited(
    exit: Exit,
    error: &mut Option<Error>,
    at: &'static Location<'static>,
) -> Result<Exited, Payload> {
    let exiting = panic::catch_unwind(AssertUnwindSafe(|| exit(error)))?;
    Ok(match CaughtPanic(Scope::made_at(at, exiting)).await? {
        Ok(Ok(())) => Exited::Left,
        Ok(Err(error)) => Exited::Failed(error),
        Err(exception) => Exited::Cut(caught(exception)),
    })
}

type Payload = Box<dyn Any + Send>;

/// A future whose panic is a value.
#[pin_project]
struct CaughtPanic<F>(#[pin] F);

impl<F: Future> Future for CaughtPanic<F> {
    type Output = Result<F::Output, Payload>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let inside = self.project().0;
        match panic::catch_unwind(AssertUnwindSafe(|| inside.poll(cx))) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        }
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
#[track_caller]
pub fn exit_stack<R: Output>(
    block: impl AsyncFnOnce(&AsyncExitStack) -> R,
) -> impl Future<Output = Result<Option<R::Ok>, Error>> {
    // A boxed closure is gone once it has been called, so that only its future is held.
    let (block, at) = (Box::new(block), Location::caller());
    async move {
        let stack = AsyncExitStack::new();
        let ended = Scope::around(at, || (*block)(&stack)).await;
        leave(&mut Stack(&stack, at), ended.map(Output::into_result)).await
    }
}

/// A stack as a context manager whose resource is the stack itself.
struct Stack<'a>(&'a AsyncExitStack, &'static Location<'static>);

impl AsyncContext for Stack<'_> {
    type Resource = ();

    async fn enter(&mut self) -> Result<(), Error> {
        Ok(())
    }

    async fn exit(&mut self, error: &mut Option<Error>) -> Result<(), Error> {
        self.0.leave(error, self.1).await;
        Ok(())
    }
}
