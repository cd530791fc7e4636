use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::iter;

use thiserror::Error;

use crate::debug::debug;
use crate::frame::{Exception, Wrapper, operation_error, unboxed};

/// Errors that were not caught, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Errors(VecDeque<Exception>);

impl Errors {
    pub(super) fn add(&mut self, exception: Exception) {
        self.0.push_back(exception);
    }

    pub(super) fn add_all(&mut self, exceptions: impl IntoIterator<Item = Exception>) {
        self.0.extend(exceptions);
    }

    pub(super) fn take(&mut self) -> Option<Exception> {
        self.0.pop_front()
    }
}

/// The error of a run in which something failed.
///
/// What was emitted before went through to the sink: its output is here, unless it was the sink
/// itself that failed.
pub struct Interrupted<O> {
    exception: Exception,
    others: Vec<Exception>,
    output: Option<O>,
}

impl<O> Interrupted<O> {
    pub(super) fn new(exception: Exception, others: Vec<Exception>, output: Option<O>) -> Self {
        Self {
            exception,
            others,
            output,
        }
    }

    /// What failed first.
    pub fn exception(&self) -> &Exception {
        &self.exception
    }

    /// What failed first. What failed after that is its [context](Exception::context), so that nothing is lost.
    pub fn into_exception(self) -> Exception {
        self.others
            .into_iter()
            .fold(self.exception, Exception::with_context)
    }

    /// All that failed, in order.
    pub(super) fn into_exceptions(self) -> impl Iterator<Item = Exception> {
        iter::once(self.exception).chain(self.others)
    }

    /// What failed after that: in clean-up, say, or on other threads.
    pub fn others(&self) -> &[Exception] {
        &self.others
    }

    /// The same without the output, so that the error outlives what was run.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Interrupted, Pipeline, source};
    /// use std::error::Error;
    ///
    /// fn longest(text: String) -> Result<usize, Box<dyn Error>> {
    ///     // `words` borrows from `text`, and so would the error.
    ///     let words: Vec<&str> = source(text.split(' '))
    ///         .collect()
    ///         .map_err(Interrupted::without_output)?;
    ///     Ok(words.iter().map(|word| word.len()).max().unwrap_or(0))
    /// }
    ///
    /// assert_eq!(longest("a few words".to_owned()).unwrap(), 5);
    /// ```
    pub fn without_output(self) -> Interrupted<()> {
        Interrupted::new(self.exception, self.others, None)
    }

    /// What the sink made of the items that came before; `None` if it was the sink that failed.
    pub fn output(&self) -> Option<&O> {
        self.output.as_ref()
    }

    /// What the sink made of the items that came before.
    pub fn into_output(self) -> Option<O> {
        self.output
    }

    /// What failed first, and what the sink made of the items that came before.
    pub fn into_parts(self) -> (Exception, Option<O>) {
        (self.exception, self.output)
    }
}

// By hand: `O` need not be `Debug`, so that this is always an error type.
debug!(impl[O] self: Interrupted<O> {
    exception: self.exception,
    others: self.others,
    has_output: self.output.is_some(),
});

impl<O> fmt::Display for Interrupted<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pipeline interrupted: {}", self.exception)
    }
}

impl<O: 'static> Error for Interrupted<O> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // Its own text is in ours.
        self.exception.source()
    }

    // As an exception it is what failed first.
    fn cause(&self) -> Option<&dyn Error> {
        Some(const { &Wrapper::new(|error| Ok(unboxed::<Self>(error)?.into_exception().into())) })
    }
}

/// Why [`Push::feed`](super::Push::feed) failed.
#[non_exhaustive]
pub enum FeedError<In> {
    /// The pipeline takes no more items. This one comes back.
    Ended(In),
    /// A stage failed on this item, or on what came of it. The pipeline has ended;
    /// [`finish`](super::Push::finish) gives the output of what came before.
    Raised(Exception),
}

impl<In> FeedError<In> {
    /// The same error without the item, which it may then outlive.
    pub fn without_item(self) -> FeedError<()> {
        match self {
            Self::Ended(_) => FeedError::Ended(()),
            Self::Raised(exception) => FeedError::Raised(exception),
        }
    }

    /// The item that was not taken.
    pub fn into_item(self) -> Option<In> {
        match self {
            Self::Ended(item) => Some(item),
            Self::Raised(_) => None,
        }
    }
}

operation_error! {
    impl[In] FeedError { Self::Ended(_) => "pipeline has ended", }
    /// What a stage failed with, or this error as an exception (without the item).
    into_exception { rest => FeedError::<In>::without_item }
}

impl<In> fmt::Debug for FeedError<In> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(_) => f.write_str("Ended(..)"),
            Self::Raised(exception) => f.debug_tuple("Raised").field(exception).finish(),
        }
    }
}

/// Thrown in a pipeline that is driven synchronously, where a stage awaits a future.
#[derive(Debug, Error)]
#[error("a stage awaits a future: the pipeline cannot be driven synchronously")]
#[non_exhaustive]
pub struct Awaits {}

impl Awaits {
    pub(super) fn new() -> Self {
        Self {}
    }
}

/// The error of a run whose sink failed, if there is nothing else to report: a stage above caught what the sink
/// raised, or [`feed`](super::Push::feed) has reported it.
#[derive(Debug, Error)]
#[error("there is no output, as the sink failed")]
#[non_exhaustive]
pub struct NoOutput {}

impl NoOutput {
    pub(super) fn new() -> Self {
        Self {}
    }
}
