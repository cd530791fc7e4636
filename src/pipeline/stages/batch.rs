use std::mem;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Gathers items into vectors until `limit` is reached: the number of items, or
/// ([`weighing`](Batch::weighing)) the sum of their weights; or until
/// ([`within`](Batch::within)) the first of them has waited for some time.
///
/// Unlike [`chunks`](super::chunks()), its vectors need not be of one size.
///
/// # Panics
///
/// If `limit` is 0.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, batch, source};
///
/// // At most 5 bytes a batch; anything longer goes alone.
/// let packets = batch(5).weighing(|word: &&str| word.len());
/// let packets: Vec<_> = source(["ab", "c", "def", "longest"]).pipe(packets).collect()?;
/// assert_eq!(packets, [vec!["ab", "c"], vec!["def"], vec!["longest"]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn batch<T>(limit: usize) -> Batch<T> {
    assert!(limit > 0, "a batch needs at least one item");
    Batch {
        limit,
        items: Vec::new(),
        weight: 0,
        next: None,
        weigh: |_| 1,
        age: None,
        begun: Duration::ZERO,
        clock: || Duration::ZERO,
    }
}

/// A stage: see [`batch`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Batch<T, W = fn(&T) -> usize, C = fn() -> Duration> {
    limit: usize,
    items: Vec<T>,
    /// The weight of `items`.
    weight: usize,
    /// The first item of the next batch, if this one has no room for it, and when it came.
    next: Option<(T, Duration)>,
    weigh: W,
    age: Option<Duration>,
    /// When the first of `items` came.
    begun: Duration,
    clock: C,
}

impl<T, W, C> Batch<T, W, C> {
    /// Applies the limit to the sum of the weights that `weigh` gives the items.
    ///
    /// An item that weighs more than the limit is a batch of its own.
    pub fn weighing<V: FnMut(&T) -> usize>(self, weigh: V) -> Batch<T, V, C> {
        let Self {
            limit, age, clock, ..
        } = self;
        Batch {
            limit,
            items: self.items,
            weight: self.weight,
            next: self.next,
            weigh,
            age,
            begun: self.begun,
            clock,
        }
    }

    /// Gives a batch, full or not, when its first item has waited for `age`.
    ///
    /// There is no timer: the clock is read when an item comes.
    pub fn within(self, age: Duration) -> Batch<T, W, impl FnMut() -> Duration> {
        let start = Instant::now();
        self.within_by(age, move || start.elapsed())
    }

    /// As [`within`](Self::within), by the time that `clock` tells, which may count from any moment
    /// but never goes back.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, batch, source};
    /// use std::cell::Cell;
    /// use std::time::Duration;
    ///
    /// let now = Cell::new(Duration::ZERO);
    /// let batches = source([0, 10, 20, 50, 70])
    ///     .inspect(|&second| now.set(Duration::from_secs(second)))
    ///     .pipe(batch(3).within_by(Duration::from_secs(20), || now.get()));
    /// let batches: Vec<_> = batches.collect()?;
    /// assert_eq!(batches, [vec![0, 10, 20], vec![50, 70]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn within_by<D: FnMut() -> Duration>(self, age: Duration, clock: D) -> Batch<T, W, D> {
        Batch {
            limit: self.limit,
            items: self.items,
            weight: self.weight,
            next: self.next,
            weigh: self.weigh,
            age: Some(age),
            begun: self.begun,
            clock,
        }
    }
}

impl<T, W: FnMut(&T) -> usize, C: FnMut() -> Duration> Batch<T, W, C> {
    /// Whether there was room for the item; if not, it is kept for the next batch.
    fn add(&mut self, item: T, came: Duration) -> bool {
        let weight = (self.weigh)(&item);
        let sum = self.weight.saturating_add(weight);
        if sum > self.limit && !self.items.is_empty() {
            self.next = Some((item, came));
            return false;
        }
        if self.items.is_empty() {
            self.begun = came;
        }
        self.items.push(item);
        self.weight = sum;
        true
    }

    /// The current time, if it matters.
    fn now(&mut self) -> Duration {
        self.age.map_or(Duration::ZERO, |_| (self.clock)())
    }

    fn is_full(&mut self) -> bool {
        self.weight >= self.limit || self.is_old()
    }

    fn is_old(&mut self) -> bool {
        let Some(age) = self.age else { return false };
        !self.items.is_empty() && (self.clock)().saturating_sub(self.begun) >= age
    }

    fn give(&mut self) -> Poll<Option<Vec<T>>> {
        self.weight = 0;
        Poll::Ready(Some(mem::take(&mut self.items)))
    }

    fn clear(&mut self) {
        self.items.clear();
        self.next = None;
        self.weight = 0;
    }
}

impl<T, W, C> Pipeline for Batch<T, W, C> {
    type Item = Vec<T>;
}

impl<T, W: FnMut(&T) -> usize, C: FnMut() -> Duration> Stage for Batch<T, W, C> {
    type In = T;

    fn poll_next<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Vec<T>>>
    where
        U: Source<Item = T> + ?Sized,
    {
        loop {
            if let Some((item, came)) = self.next.take() {
                self.add(item, came);
                if self.is_full() {
                    return self.give();
                }
            }
            match above.poll_next(cx.as_deref_mut()) {
                Poll::Ready(Some(item)) => {
                    let now = self.now();
                    if !self.add(item, now) || self.is_full() {
                        return self.give();
                    }
                }
                Poll::Ready(None) if self.items.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) => return self.give(),
                Poll::Pending if self.is_old() => return self.give(),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.clear();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = T> + ?Sized,
    {
        self.clear();
        above.close();
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        let held = self.items.len() + usize::from(self.next.is_some());
        let most = above.1.map(|most| most.saturating_add(held));
        (usize::from(above.0 > 0 || held > 0), most)
    }
}

debug!(impl[T, W, C] self: Batch<T, W, C> { limit: self.limit, held: self.items.len(), .. });
