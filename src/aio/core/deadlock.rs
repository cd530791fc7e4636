use std::fmt;
use std::sync::Arc;

/// Every task of a loop waits, and nothing is left that could wake one.
///
/// It says which tasks wait, and where: the place in the source of the call that made what each waits for.
///
/// # Examples
///
/// ```
/// use cogen::aio::{Error, Lock, testing};
///
/// let stuck = testing::run(async {
///     let lock = Lock::new(());
///     let _guard = lock.lock().await;
///     let _again = lock.lock().await;
/// });
/// let Err(Error::Deadlock(deadlock)) = stuck else { panic!("{stuck:?}") };
/// assert!(deadlock.waits()[0].starts_with("Task-1 at "));
/// ```
#[derive(Clone)]
pub struct Deadlock(Arc<Waits>);

struct Waits {
    /// The first tasks, in words.
    first: Vec<String>,
    /// How many tasks there are beside those.
    others: usize,
}

const WHY: &str =
    "deadlock: every task waits, no timer is set, and no other thread is at work for the loop";

impl Deadlock {
    pub(in crate::aio::core) fn new(first: Vec<String>, others: usize) -> Self {
        Self(Arc::new(Waits { first, others }))
    }

    /// The tasks, each with where it waits, in the order in which they were created; of more than ten, the first ten.
    pub fn waits(&self) -> &[String] {
        &self.0.first
    }

    /// Whether it is a clone of `other`.
    pub(in crate::aio::core) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, first: &str, between: &str) -> fmt::Result {
        f.write_str(WHY)?;
        let mut before = first;
        for wait in self.waits() {
            write!(f, "{before}{wait}")?;
            before = between;
        }
        match self.0.others {
            0 => Ok(()),
            others => write!(f, "{before}{others} more"),
        }
    }
}

/// On one line.
impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, ": ", "; ")
    }
}

/// For a terminal: a line for each task.
impl fmt::Debug for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, "\n    ", "\n    ")
    }
}
