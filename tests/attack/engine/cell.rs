//! A future with several holders: the first of them to poll it, in a scope or outside, takes it for that poll.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use super::world::{self, Fut};

#[derive(Clone)]
pub struct Alias(Arc<Mutex<Option<Fut>>>);

impl Alias {
    /// Shares a future, which destructors can poll, too.
    pub fn new(future: Fut) -> Self {
        let alias = Self::unlisted(future);
        drop(world::put(|state| &mut state.cells, alias.clone(), 8));
        alias
    }

    /// Shares a future that may come to hold its own holder: the end of the round breaks that circle.
    pub fn unlisted(future: Fut) -> Self {
        let alias = Self(Arc::new(Mutex::new(Some(future))));
        let weak = Arc::downgrade(&alias.0);
        let closer = move || {
            let held = weak.upgrade().and_then(|cell| Self(cell).take());
            held.is_some()
        };
        world::with(|state| state.add_closer(Arc::new(closer)));
        alias
    }

    fn take(&self) -> Option<Fut> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn put(&self, future: Fut) {
        let old = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .replace(future);
        drop(old);
    }
}

/// Puts the future back, also on unwind.
struct Lent<'a>(&'a Alias, Option<Fut>);

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(future) = self.1.take() {
            self.0.put(future);
        }
    }
}

impl Future for Alias {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let future = self.take();
        let mut lent = Lent(&self, future);
        match &mut lent.1 {
            Some(future) => future.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}
