//! 1. A box never holds an error that only wraps an exception (`wrapper.rs`): each way in takes the wrapper off.
//! 2. A [`WithContext`] never holds another one as its error. Its context may hold one, and so on: a chain, which has an
//!    end, as each owns the next. What goes along it is a loop, so that its length takes no stack.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use core::iter;
use core::mem;
use core::ops::Deref;

use super::wrapper::{is_wrapper, without_wrapper};

type AnyError = dyn Error + Send + Sync;
type Boxed = Box<AnyError>;
type SharedError = Arc<AnyError>;

/// What is thrown into a generator, or raised by its body: any error.
///
/// It dereferences to the error. Like `anyhow::Error`, it does not implement `Error` itself, so that `?` and `into`
/// make one from any error; it converts into a `Box<dyn Error>`. What else turns into one, and what one turns into, is
/// in the [guide](crate::guide::errors).
///
/// An error of an operation that holds what a body raised ([`NextError::Raised`](crate::NextError::Raised) and its kin)
/// becomes the exception that it holds, so that a scope for that type of error catches it, however many generators it
/// has passed through.
///
/// # Examples
///
/// ```
/// use cogen::Exception;
/// use std::num::ParseIntError;
///
/// let exception = Exception::from("x".parse::<i32>().unwrap_err());
/// assert!(exception.is::<ParseIntError>());
/// assert_eq!(exception.to_string(), "invalid digit found in string");
/// assert!(exception.downcast::<std::fmt::Error>().is_err());
/// ```
///
/// One error for several waiters is an `Arc`, which is looked through:
///
/// ```
/// use cogen::Exception;
/// use std::fmt;
/// use std::sync::Arc;
///
/// let shared = Arc::new(fmt::Error);
/// let (one, other) = (Exception::from(shared.clone()), Exception::from(shared));
/// assert!(one.is::<fmt::Error>() && other.is::<fmt::Error>());
/// // By value only its last owner has it.
/// let one = one.downcast::<fmt::Error>().unwrap_err();
/// drop(one);
/// assert!(other.downcast::<fmt::Error>().is_ok());
/// ```
pub struct Exception(Boxed);

/// An error, and the one that was being handled when it was raised.
struct WithContext {
    error: Boxed,
    context: Context,
}

/// `None`: only when it has been taken out.
struct Context(Option<Exception>);

impl Exception {
    /// An exception that holds `error`: an error, a boxed one, or a message.
    #[inline]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(without_wrapper(error.into()))
    }

    /// Whether the error is an `E`, or an `Arc` of one.
    pub fn is<E: Error + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// The error, if it is an `E`, or an `Arc` of one.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        find(&*self.0)
    }

    /// Takes the error out, if it is an `E`, or an `Arc` of one that has no other owner. Its
    /// [context](Self::context) is dropped.
    ///
    /// # Errors
    ///
    /// The exception itself, if it holds something else, or has an error that others have, too. (A value cannot be
    /// taken out of an `Arc<dyn Error + Send + Sync>`: look at it by [`downcast_ref`](Self::downcast_ref).)
    pub fn downcast<E: Error + 'static>(self) -> Result<E, Self> {
        let error = self.error();
        if !error.is::<E>() && !error.is::<Arc<E>>() {
            return Err(self);
        }
        let (mut error, context) = self.into_parts();
        if error
            .downcast_mut::<Arc<E>>()
            .is_some_and(|shared| Arc::get_mut(shared).is_some())
        {
            error = match error
                .downcast::<Arc<E>>()
                .map(|shared| Arc::into_inner(*shared))
            {
                Ok(Some(error)) => return Ok(error),
                Ok(None) => unreachable!("it has no other owner"),
                Err(other) => other,
            };
        }
        match error.downcast::<E>() {
            Ok(error) => Ok(*error),
            Err(error) => Err(Self::from_parts(error, context)),
        }
    }

    /// The exception that was being handled when this one was raised. Python: `__context__`.
    ///
    /// Python sets it wherever one is raised in an `except` or `finally` clause. Here those set it that know both: a
    /// [`finally`](crate::Co::finally) whose clean-up raises, or is thrown at, while an exception passes through; a
    /// [context manager](crate::context) and an exit stack that leave with another error than the block's. Elsewhere
    /// [`with_context`](Self::with_context) does.
    ///
    /// It is printed by `{:#}`, after the error's sources, and by `{:?}`. [`source`](Error::source) gives it where the
    /// error has no source of its own, as Python prints `__cause__`, or else `__context__`.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Exception, Generator, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     let cleanup = async move { co.raise("clean-up failed").await };
    ///     co.finally(co.yield_(1), cleanup).await
    /// }));
    /// g.next()?;
    /// let exception = g.throw("disk full").unwrap_err().into_exception();
    /// assert_eq!(exception.to_string(), "clean-up failed");
    /// assert_eq!(exception.context().unwrap().to_string(), "disk full");
    /// assert_eq!(format!("{exception:#}"), "clean-up failed: disk full");
    /// # Ok::<(), cogen::Exception>(())
    /// ```
    pub fn context(&self) -> Option<&Self> {
        context_of(&*self.0)
    }

    /// This exception, raised while `context` was being handled. If it has a context already, this is the context of
    /// the last one. Python: `raise` in an `except` clause.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, Exception, Generator, generator};
    ///
    /// let mut g = generator(|co: Co<'static, u32>| async move {
    ///     if let Err(exception) = co.catch_exception(co.yield_(1)).await {
    ///         co.raise(Exception::new("no luck").with_context(exception)).await;
    ///     }
    /// })
    /// .boxed();
    /// g.next()?;
    /// let exception = g.throw("disk full").unwrap_err().into_exception();
    /// assert_eq!(format!("{exception:#}"), "no luck: disk full");
    /// # Ok::<(), cogen::Exception>(())
    /// ```
    #[must_use]
    pub fn with_context(mut self, context: Self) -> Self {
        self.add_context(context);
        self
    }

    fn add_context(&mut self, context: Self) {
        let mut last = self;
        while last.context_mut().is_some() {
            match last.context_mut() {
                Some(next) => last = next,
                None => unreachable!("it has a context"),
            }
        }
        // (What stands there meanwhile has no size, so its box takes no memory.)
        let error = mem::replace(last, Self(Box::new(fmt::Error)));
        *last = Self::from_parts(error.0, Some(context));
    }

    /// Puts `new` in the place of this exception, which becomes its context: `new` was raised while this one was on
    /// its way.
    pub(crate) fn replace_by(&mut self, new: Self) {
        let old = mem::replace(self, new);
        self.add_context(old);
    }

    /// The context, unless others own it too.
    fn context_mut(&mut self) -> Option<&mut Self> {
        self.0.downcast_mut::<WithContext>()?.context.0.as_mut()
    }

    /// The error itself.
    fn error(&self) -> &AnyError {
        with_context(&*self.0).map_or(&*self.0, |with| &*with.error)
    }

    /// The error itself, and the context.
    pub(crate) fn into_parts(self) -> (Boxed, Option<Self>) {
        match self.0.downcast::<WithContext>() {
            Ok(with) => {
                let WithContext { error, mut context } = *with;
                (error, context.0.take())
            }
            Err(error) => (error, None),
        }
    }

    fn from_parts(error: Boxed, context: Option<Self>) -> Self {
        match context {
            Some(_) => {
                let context = Context(context);
                Self(Box::new(WithContext { error, context }))
            }
            None => Self(error),
        }
    }
}

impl Drop for Context {
    // One by one (2).
    fn drop(&mut self) {
        let mut next = self.0.take();
        while let Some(exception) = next {
            let (mut error, context) = exception.into_parts();
            next = context.or_else(|| take_shared(&mut error));
            drop(error);
        }
    }
}

/// The context of an error in an `Arc` that has no other owner.
fn take_shared(error: &mut Boxed) -> Option<Exception> {
    let shared = error.downcast_mut::<SharedError>()?;
    let with = Arc::get_mut(shared)?.downcast_mut::<WithContext>()?;
    with.context.0.take()
}

/// The part of `error` that is a [`WithContext`], which may be in an `Arc`.
fn with_context(error: &AnyError) -> Option<&WithContext> {
    if let Some(with) = error.downcast_ref() {
        return Some(with);
    }
    error.downcast_ref::<SharedError>()?.downcast_ref()
}

/// What was being handled when `error` was raised.
pub(crate) fn context_of(error: &AnyError) -> Option<&Exception> {
    with_context(error)?.context.0.as_ref()
}

/// `error`, if it is an `E`, or an `Arc` of one.
pub(crate) fn find<E: Error + 'static>(error: &AnyError) -> Option<&E> {
    if let Some(error) = error.downcast_ref::<E>() {
        return Some(error);
    }
    if let Some(shared) = error.downcast_ref::<Arc<E>>() {
        return Some(shared);
    }
    if let Some(with) = error.downcast_ref::<WithContext>() {
        return find(&*with.error);
    }
    find(&**error.downcast_ref::<SharedError>()?)
}

/// Writes the text of `error`; if that is asked for (`{:#}`), with those of its sources, and of its context.
pub(crate) fn write_error(error: &AnyError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if !f.alternate() {
        return fmt::Display::fmt(error, f);
    }
    let mut next = write_sources(error, f)?;
    while let Some(exception) = next {
        f.write_str(": ")?;
        next = write_sources(&*exception.0, f)?;
    }
    Ok(())
}

/// Writes the text of `error` and those of its own sources, and gives its context.
fn write_sources<'e>(
    error: &'e AnyError,
    f: &mut fmt::Formatter<'_>,
) -> Result<Option<&'e Exception>, fmt::Error> {
    let own = with_context(error).map_or(error, |with| &*with.error);
    write!(f, "{own}")?;
    let mut next = own.source();
    while let Some(source) = next {
        write!(f, ": {source}")?;
        next = source.source();
    }
    Ok(context_of(error))
}

impl Error for WithContext {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error
            .source()
            .or_else(|| Some(&**self.context.0.as_ref()?))
    }
}

impl fmt::Debug for WithContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.context.0.as_ref();
        let chain = iter::successors(next, |exception| exception.context());
        f.debug_struct("Exception")
            .field("error", &self.error)
            .field("context", &Chain(chain))
            .finish()
    }
}

/// Shows the errors of a chain as a list.
struct Chain<I>(I);

impl<'e, I: Iterator<Item = &'e Exception> + Clone> fmt::Debug for Chain<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.clone().map(Exception::error))
            .finish()
    }
}

impl fmt::Display for WithContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Exception {
    /// Tells whether it is the same as one that was thrown. (Errors of no size are all at the same place: they cannot be
    /// told apart, but the type.)
    pub(crate) fn address(&self) -> *const () {
        (&raw const *self.0).cast()
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Exception {
    #[inline]
    fn from(error: E) -> Self {
        let wraps = is_wrapper(&error);
        let error = Box::new(error);
        Self(if wraps { without_wrapper(error) } else { error })
    }
}

impl From<Exception> for Box<dyn Error + Send + Sync> {
    fn from(exception: Exception) -> Self {
        exception.0
    }
}

impl From<Exception> for Box<dyn Error> {
    fn from(exception: Exception) -> Self {
        exception.0
    }
}

impl Deref for Exception {
    type Target = dyn Error + Send + Sync;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The error's text; with `{:#}`, that of its sources after it, and of what was being handled, as anyhow prints it.
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_error(&*self.0, f)
    }
}
