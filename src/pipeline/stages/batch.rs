use std::future::{Future, pending};
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::select::{self, Select};
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
        held: Held::default(),
        weigh: |_| 1,
        age: None,
        clock: || Duration::ZERO,
        timer: runtime_sleep,
        sleep: None,
        select: Select::default(),
    }
}

/// The sleep of the runtime that this thread is in, if there is one.
type RuntimeSleep = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

#[cfg_attr(
    not(feature = "aio"),
    allow(unused_variables, reason = "no runtime is known")
)]
fn runtime_sleep(time: Duration) -> RuntimeSleep {
    #[cfg(feature = "aio")]
    if tokio::runtime::Handle::try_current().is_ok() {
        return Box::pin(tokio::time::sleep(time));
    }
    Box::pin(pending())
}

/// A stage: see [`batch`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Batch<
    T,
    W = fn(&T) -> usize,
    C = fn() -> Duration,
    S = fn(Duration) -> RuntimeSleep,
    F = RuntimeSleep,
> {
    limit: usize,
    held: Held<T>,
    weigh: W,
    age: Option<Duration>,
    clock: C,
    timer: S,
    /// What tells when the items are old, in an async drive where nothing more comes.
    sleep: Option<Pin<Box<F>>>,
    select: Select,
}

/// What has come and was not given.
struct Held<T> {
    items: Vec<T>,
    /// The weight of `items`.
    weight: usize,
    /// When the first of `items` came.
    begun: Duration,
    /// The first item of the next batch, if this one has no room for it, and when it came.
    next: Option<(T, Duration)>,
}

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            weight: 0,
            begun: Duration::ZERO,
            next: None,
        }
    }
}

impl<T, W, C, S, F> Batch<T, W, C, S, F> {
    /// Applies the limit to the sum of the weights that `weigh` gives the items.
    ///
    /// An item that weighs more than the limit is a batch of its own.
    pub fn weighing<V: FnMut(&T) -> usize>(self, weigh: V) -> Batch<T, V, C, S, F> {
        Batch {
            limit: self.limit,
            held: self.held,
            weigh,
            age: self.age,
            clock: self.clock,
            timer: self.timer,
            sleep: self.sleep,
            select: self.select,
        }
    }

    /// Gives a batch, full or not, when its first item has waited for `age`.
    ///
    /// It is given then, also where nothing more comes:
    ///
    /// - driven synchronously, where the source is on a thread of its own ([`on_thread`](Pipeline::on_thread)), whether
    ///   this stage is on another one or not;
    /// - in an async program on tokio, which needs the feature `aio` (`aio::run` is on it);
    /// - in any other async program with [`timed_by`](Self::timed_by).
    ///
    /// Elsewhere, as where the source is an iterator on the caller's thread, the caller is in the source while the next
    /// item is waited for: the clock is read, or a batch that another thread has given is taken, when it comes.
    ///
    /// # Panics
    ///
    /// When it runs, if the tokio runtime has no timer (`enable_time`).
    pub fn within(self, age: Duration) -> Batch<T, W, impl FnMut() -> Duration, S, F> {
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
    pub fn within_by<D: FnMut() -> Duration>(
        self,
        age: Duration,
        clock: D,
    ) -> Batch<T, W, D, S, F> {
        Batch {
            limit: self.limit,
            held: self.held,
            weigh: self.weigh,
            age: Some(age),
            clock,
            timer: self.timer,
            sleep: self.sleep,
            select: self.select,
        }
    }

    /// Lets the futures that `sleep` makes tell when a batch is old, in an async drive: `tokio::time::sleep`,
    /// `aio::sleep`, or the sleep of another runtime. Each is asked for the time that is left.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::pipeline::{Pipeline, batch, streamed};
    /// use futures::{StreamExt, stream};
    /// use std::time::Duration;
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    /// # runtime.block_on(async {
    /// // Two items, and then nothing for ever.
    /// let items = streamed(stream::iter([1, 2]).chain(stream::pending()));
    /// let batches = batch(10).within(Duration::from_secs(1)).timed_by(tokio::time::sleep);
    /// let mut batches = items.pipe(batches).into_stream();
    /// assert_eq!(batches.next().await.unwrap()?, [1, 2]);
    /// # Ok::<(), cogen::Exception>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timed_by<R, G>(self, sleep: R) -> Batch<T, W, C, R, G>
    where
        R: FnMut(Duration) -> G,
        G: Future<Output = ()>,
    {
        Batch {
            limit: self.limit,
            held: self.held,
            weigh: self.weigh,
            age: self.age,
            clock: self.clock,
            timer: sleep,
            sleep: None,
            select: self.select,
        }
    }
}

impl<T, W, C, S, F> Batch<T, W, C, S, F>
where
    W: FnMut(&T) -> usize,
    C: FnMut() -> Duration,
    S: FnMut(Duration) -> F,
    F: Future<Output = ()>,
{
    /// Whether there was room for the item; if not, it is kept for the next batch.
    fn add(&mut self, item: T, came: Duration) -> bool {
        let weight = (self.weigh)(&item);
        let held = &mut self.held;
        let sum = held.weight.saturating_add(weight);
        if sum > self.limit && !held.items.is_empty() {
            held.next = Some((item, came));
            return false;
        }
        if held.items.is_empty() {
            held.begun = came;
        }
        held.items.push(item);
        held.weight = sum;
        true
    }

    /// The current time, if it matters.
    fn now(&mut self) -> Duration {
        self.age.map_or(Duration::ZERO, |_| (self.clock)())
    }

    fn is_full(&mut self) -> bool {
        self.held.weight >= self.limit || self.is_old()
    }

    fn is_old(&mut self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long the items may still wait, if there are any, and if it matters.
    fn left(&mut self) -> Option<Duration> {
        let age = self.age.filter(|_| !self.held.items.is_empty())?;
        let waited = (self.clock)().saturating_sub(self.held.begun);
        Some(age.saturating_sub(waited))
    }

    /// Nothing is above: whether the items are old, or else what is to wake the caller when they are.
    #[cold]
    fn poll_old(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(left) = self.left() else {
            return false;
        };
        if left.is_zero() {
            return true;
        }
        let timer = &mut self.timer;
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(timer(left)));
        sleep.as_mut().poll(cx).is_ready()
    }

    fn give(&mut self) -> Poll<Option<Vec<T>>> {
        self.sleep = None;
        self.held.weight = 0;
        Poll::Ready(Some(mem::take(&mut self.held.items)))
    }

    fn clear(&mut self) {
        self.sleep = None;
        self.held = Held::default();
    }
}

impl<T, W, C, S, F> Pipeline for Batch<T, W, C, S, F> {
    type Item = Vec<T>;
}

impl<T, W, C, S, F> Batch<T, W, C, S, F>
where
    W: FnMut(&T) -> usize,
    C: FnMut() -> Duration,
    S: FnMut(Duration) -> F,
    F: Future<Output = ()>,
{
    fn poll_above<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<Vec<T>>>
    where
        U: Source<Item = T> + ?Sized,
    {
        loop {
            if let Some((item, came)) = self.held.next.take() {
                self.add(item, came);
                if self.is_full() {
                    return self.give();
                }
            }
            if cx.is_none() {
                // For parts on threads above, which wait no longer than that.
                if let Some(left) = self.left() {
                    select::until(left);
                }
            }
            match above.poll_next(cx.as_deref_mut()) {
                Poll::Ready(Some(item)) => {
                    let now = self.now();
                    if !self.add(item, now) || self.is_full() {
                        return self.give();
                    }
                }
                Poll::Ready(None) if self.held.items.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) => return self.give(),
                Poll::Pending => {
                    let is_old = match cx {
                        Some(cx) => self.poll_old(cx),
                        None => self.is_old(),
                    };
                    if is_old {
                        return self.give();
                    }
                    return Poll::Pending;
                }
            }
        }
    }
}

impl<T, W, C, S, F> Stage for Batch<T, W, C, S, F>
where
    W: FnMut(&T) -> usize,
    C: FnMut() -> Duration,
    S: FnMut(Duration) -> F,
    F: Future<Output = ()>,
{
    type In = T;

    fn poll_next<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<Option<Vec<T>>>
    where
        U: Source<Item = T> + ?Sized,
    {
        if self.age.is_none() {
            return self.poll_above(above, cx);
        }
        let mut select = mem::take(&mut self.select);
        let polled = select.poll(cx, |cx| self.poll_above(above, cx));
        self.select = select;
        polled
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
        let held = self.held.items.len() + usize::from(self.held.next.is_some());
        let most = above.1.map(|most| most.saturating_add(held));
        (usize::from(above.0 > 0 || held > 0), most)
    }
}

debug!(impl[T, W, C, S, F] self: Batch<T, W, C, S, F> { limit: self.limit, held: self.held.items.len(), .. });
