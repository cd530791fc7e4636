/// What a resumed generator did.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, Step, generator};
/// use std::pin::pin;
///
/// let mut g = pin!(generator(|co| async move {
///     co.yield_(1).await;
///     "done"
/// }));
/// assert_eq!(g.next()?, Step::Yielded(1));
/// assert_eq!(g.next()?, Step::Complete("done"));
/// # Ok::<(), cogen::NextError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step<Y, R> {
    /// It yielded this, and waits.
    Yielded(Y),
    /// It returned this, and has finished.
    Complete(R),
}

impl<Y, R> Step<Y, R> {
    /// What was yielded, if anything.
    pub fn yielded(self) -> Option<Y> {
        match self {
            Self::Yielded(value) => Some(value),
            Self::Complete(_) => None,
        }
    }

    /// What was returned, if anything.
    pub fn complete(self) -> Option<R> {
        match self {
            Self::Yielded(_) => None,
            Self::Complete(value) => Some(value),
        }
    }
}
