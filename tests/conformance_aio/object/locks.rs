//! Objects that are acquired and released. The statements hold no guards: they forget them.

use cogen::aio::{BoundedSemaphore, Condition, Lock, LockGuard, Semaphore};
use serde_json::{Value as Json, json};

use super::{Object, Waiting};
use crate::error::Exc;

impl Object for Lock {
    fn acquire(&self) -> Waiting<'_> {
        Box::pin(async {
            self.lock().await.forget();
            Ok(json!(true))
        })
    }

    fn release(&self) -> Result<(), Exc> {
        Ok(self.release()?)
    }

    fn query(&self, _what: &str) -> Json {
        json!(self.locked())
    }
}

impl Object for Semaphore {
    fn acquire(&self) -> Waiting<'_> {
        Box::pin(async {
            self.acquire().await.forget();
            Ok(json!(true))
        })
    }

    fn release(&self) -> Result<(), Exc> {
        self.release();
        Ok(())
    }

    fn query(&self, _what: &str) -> Json {
        json!(self.locked())
    }
}

impl Object for BoundedSemaphore {
    fn acquire(&self) -> Waiting<'_> {
        Box::pin(async {
            self.acquire().await.forget();
            Ok(json!(true))
        })
    }

    fn release(&self) -> Result<(), Exc> {
        Ok(self.release()?)
    }

    fn query(&self, _what: &str) -> Json {
        json!(self.locked())
    }
}

/// The guard of a wait, which is forgotten however the wait ends.
struct Forgotten<'a>(Option<LockGuard<'a>>);

impl<'a> Forgotten<'a> {
    fn of(condition: &'a Condition) -> Result<Self, Exc> {
        Ok(Self(Some(condition.adopt()?)))
    }

    fn guard(&mut self) -> &mut LockGuard<'a> {
        self.0.as_mut().expect("the guard is there until the drop")
    }
}

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(LockGuard::forget);
    }
}

impl Object for Condition {
    fn acquire(&self) -> Waiting<'_> {
        Box::pin(async {
            self.lock().await.forget();
            Ok(json!(true))
        })
    }

    fn release(&self) -> Result<(), Exc> {
        Ok(self.release()?)
    }

    fn wait(&self) -> Waiting<'_> {
        Box::pin(async {
            let mut held = Forgotten::of(self)?;
            self.wait(held.guard()).await;
            Ok(json!(true))
        })
    }

    fn wait_for<'a>(&'a self, until: &'a dyn Fn() -> Json) -> Waiting<'a> {
        Box::pin(async {
            let mut last = until();
            while !crate::body::is_true(&last) {
                Object::wait(self).await?;
                last = until();
            }
            Ok(last)
        })
    }

    fn notify(&self, how_many: usize) -> Result<(), Exc> {
        Ok(self.notify(how_many)?)
    }

    fn notify_all(&self) -> Result<(), Exc> {
        Ok(self.notify_all()?)
    }

    fn query(&self, _what: &str) -> Json {
        json!(self.locked())
    }
}
