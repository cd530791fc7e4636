//! Where the answers of jobs arrive. The waiter is a task of any executor, or a thread.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use super::error::JobError;
use crate::aio::{AtWork, ForeignWaker};

/// The answer of a job, in bytes.
pub(super) type Answer = Result<Vec<u8>, JobError>;

/// Invariants:
///
/// 1. `open` counts the jobs that have not ended; each has one [`Delivery`], which ends the job
///    once.
/// 2. What has arrived is in `arrived`, in the order of arrival, until it is taken.
/// 3. `waiter` is there only while a task waits. It is woken, and dropped, when nothing is locked.
#[derive(Default)]
struct Content {
    arrived: VecDeque<(usize, Answer)>,
    open: usize,
    waiter: Option<Waiter>,
}

/// A task that waits.
struct Waiter {
    waker: ForeignWaker,
    /// Under a virtual clock, the jobs are at work for the task's loop.
    work: Option<AtWork>,
}

impl Waiter {
    fn wake(self) {
        // This may be called by a destructor, and by the thread that looks after a worker.
        self.waker.wake();
        drop(self.work);
    }
}

#[derive(Default)]
pub(super) struct Mailbox {
    content: Mutex<Content>,
    changed: Condvar,
}

/// What a wait waits for.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// Something has arrived, or nothing will.
    Any,
    /// All jobs have ended.
    Ended,
}

impl Until {
    fn holds(self, content: &Content) -> bool {
        match self {
            Self::Any => !content.arrived.is_empty() || content.open == 0,
            Self::Ended => content.open == 0,
        }
    }
}

impl Mailbox {
    fn lock(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn poll(&self, cx: &Context<'_>, until: Until) -> Poll<()> {
        if self.holds(until) {
            return Poll::Ready(());
        }
        // Nothing is locked while a waker is cloned or dropped, which runs foreign code.
        let mut waiter = Some(Waiter {
            waker: ForeignWaker::of(cx),
            work: AtWork::here(),
        });
        let mut content = self.lock();
        let holds = until.holds(&content);
        if !holds {
            std::mem::swap(&mut content.waiter, &mut waiter);
        }
        drop(content);
        drop(waiter);
        if holds {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Waits until `until` holds. False if the `deadline` came first; without one this is always
    /// true.
    pub(super) fn wait(&self, until: Until, deadline: Option<Instant>) -> bool {
        let mut content = self.lock();
        while !until.holds(&content) {
            content = match deadline.map(|at| at.saturating_duration_since(Instant::now())) {
                None => self
                    .changed
                    .wait(content)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return false,
                Some(left) => {
                    let waited = self.changed.wait_timeout(content, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        true
    }

    pub(super) fn holds(&self, until: Until) -> bool {
        until.holds(&self.lock())
    }

    /// The first that has arrived.
    pub(super) fn take(&self) -> Option<(usize, Answer)> {
        self.lock().arrived.pop_front()
    }

    /// All that has arrived, in the order of the jobs.
    pub(super) fn take_all(&self) -> Vec<Answer> {
        let mut all: Vec<_> = std::mem::take(&mut self.lock().arrived).into();
        all.sort_by_key(|&(number, _)| number);
        all.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Changes the content, and wakes the waiters.
    fn change(&self, change: impl FnOnce(&mut Content)) {
        let mut content = self.lock();
        change(&mut content);
        let waiter = content.waiter.take();
        drop(content);
        self.changed.notify_all();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

/// Whose answers arrive in a mailbox. Nobody waits when this is gone.
pub(super) struct Receiver {
    mailbox: Arc<Mailbox>,
}

impl Receiver {
    pub(super) fn new(mailbox: Arc<Mailbox>) -> Self {
        Self { mailbox }
    }
}

impl Deref for Receiver {
    type Target = Mailbox;

    fn deref(&self) -> &Mailbox {
        &self.mailbox
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let waiter = self.lock().waiter.take();
        drop(waiter);
    }
}

/// Where the answers of one job go.
pub(super) struct Delivery {
    mailbox: Arc<Mailbox>,
    number: usize,
    /// Its values are items, and its end brings none.
    items: bool,
    ended: bool,
}

impl Delivery {
    pub(super) fn new(mailbox: &Arc<Mailbox>, number: usize, items: bool) -> Self {
        mailbox.lock().open += 1;
        Self {
            mailbox: mailbox.clone(),
            number,
            items,
            ended: false,
        }
    }

    pub(super) fn item(&self, item: Vec<u8>) {
        let number = self.number;
        self.mailbox
            .change(|content| content.arrived.push_back((number, Ok(item))));
    }

    pub(super) fn end(mut self, answer: Answer) {
        self.finish(answer);
    }

    fn finish(&mut self, answer: Answer) {
        self.ended = true;
        let (number, silent) = (self.number, self.items && answer.is_ok());
        self.mailbox.change(|content| {
            content.open -= 1;
            if !silent {
                content.arrived.push_back((number, answer));
            }
        });
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if !self.ended {
            self.finish(Err(JobError::Terminated));
        }
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content = self.lock();
        f.debug_struct("Mailbox")
            .field("arrived", &content.arrived.len())
            .field("open", &content.open)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Weak};
    use std::task::{Context, Wake, Waker};

    use super::{Delivery, Mailbox, Until};

    /// A waker that uses its mailbox when it is dropped, or panics when it is woken.
    struct Nosy {
        mailbox: Weak<Mailbox>,
        looked: Arc<AtomicUsize>,
    }

    impl Drop for Nosy {
        fn drop(&mut self) {
            if let Some(mailbox) = self.mailbox.upgrade() {
                assert!(!mailbox.holds(Until::Ended));
                self.looked.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    impl Wake for Nosy {
        fn wake(self: Arc<Self>) {
            panic!("waker");
        }
    }

    #[test]
    fn a_waker_uses_its_mailbox_when_it_is_replaced() {
        let (mailbox, looked) = (Arc::<Mailbox>::default(), Arc::default());
        let delivery = Delivery::new(&mailbox, 0, false);
        let waker = Waker::from(Arc::new(Nosy {
            mailbox: Arc::downgrade(&mailbox),
            looked: Arc::clone(&looked),
        }));
        let polled = mailbox.poll(&Context::from_waker(&waker), Until::Ended);
        assert!(polled.is_pending());
        drop(waker);
        let polled = mailbox.poll(&Context::from_waker(Waker::noop()), Until::Ended);
        assert!(polled.is_pending());
        assert_eq!(looked.load(Ordering::Relaxed), 1);
        drop(delivery);
    }

    /// A delivery that is dropped wakes the waiter, and may be dropped by a panic.
    #[test]
    fn a_panicking_waker_stops_no_delivery() {
        let mailbox = Arc::<Mailbox>::default();
        let deliveries = [0, 1].map(|number| Delivery::new(&mailbox, number, false));
        let waker = Waker::from(Arc::new(Nosy {
            mailbox: Weak::new(),
            looked: Arc::default(),
        }));
        for delivery in deliveries {
            let polled = mailbox.poll(&Context::from_waker(&waker), Until::Ended);
            assert!(polled.is_pending());
            drop(delivery);
        }
        assert!(mailbox.holds(Until::Ended));
        assert_eq!(mailbox.take_all().len(), 2);
    }
}
