use std::mem;
use std::task::Waker;

/// The tasks that wait in a `recv` for an item, in an async drive.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Wakers that are not the pipeline's, but those of combinators. They are woken when there is an item, and only
    /// then, as that wakes the pipeline too.
    wakers: Vec<Waker>,
    /// One `recv` got nothing, and a later one got an item: what is above will not wake the first.
    starved: bool,
    is_dry: bool,
}

impl Waiting {
    /// Whether a `recv` waits that is not woken by what is above.
    pub(super) fn has_any(&self) -> bool {
        !self.wakers.is_empty()
    }

    /// A `recv` got an item.
    #[inline]
    pub(super) fn got(&mut self) {
        self.starved |= mem::take(&mut self.is_dry);
    }

    /// A `recv` with this waker got nothing, where the pipeline is polled by `caller`.
    pub(super) fn add(&mut self, waker: &Waker, caller: &Waker) {
        (self.is_dry, self.starved) = (true, false);
        if !waker.will_wake(caller) && !self.wakers.iter().any(|kept| kept.will_wake(waker)) {
            self.wakers.push(waker.clone());
        }
    }

    /// There is an item: wakes them.
    pub(super) fn wake(&mut self) {
        mem::take(&mut self.wakers)
            .into_iter()
            .for_each(Waker::wake);
    }

    /// The body awaits: a `recv` that was starved has to be polled once more.
    pub(super) fn settle(&mut self, caller: &Waker) {
        self.is_dry = false;
        if mem::take(&mut self.starved) {
            caller.wake_by_ref();
        }
    }
}
