use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::panic::Location;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::child::Child;
use super::latch::{Latch, LatchWait};
use super::throttle::Throttle;
use crate::aio::core::awaiting::{Awaitable as _, Ending, FOREIGN, Source};
use crate::aio::core::completion::{Callback, CallbackId};
use crate::aio::core::error::Error;
use crate::aio::core::event_loop::current;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore};
use crate::aio::core::event_loop::observer::Observer;
use crate::aio::core::event_loop::timers::TimerId;
use crate::debug::debug;

/// Children in the order in which they end: what [`as_completed`] gives.
pub struct AsCompleted<S> {
    lp: Weak<LoopCore>,
    children: Vec<AsCompletedChild<S>>,
    queue: Rc<Queue>,
    timer: Option<TimerId>,
    /// How many children `next` has given.
    given: usize,
    /// From which one on there may be some that have not been given.
    not_given: usize,
}

struct AsCompletedChild<S> {
    source: S,
    /// Where it was among those that were passed.
    index: usize,
    ending: Ending,
    /// `None`: it is still to end in another loop, which is an error.
    callback: Option<CallbackId>,
    given: bool,
}

/// The children that have ended, and the waits for the next one.
struct Queue {
    ended: RefCell<VecDeque<usize>>,
    waiting: RefCell<VecDeque<Rc<Latch>>>,
    throttle: Throttle,
    timed_out: Cell<bool>,
}

/// The index that stands for the timeout.
const TIMEOUT: u32 = u32::MAX;

impl Queue {
    fn new(throttle: Throttle) -> Rc<Self> {
        Rc::new(Self {
            ended: RefCell::default(),
            waiting: RefCell::default(),
            throttle,
            timed_out: Cell::default(),
        })
    }

    fn wake(&self, how_many: usize) {
        for _ in 0..how_many {
            let latch = self.waiting.borrow_mut().pop_front();
            if let Some(latch) = latch {
                latch.set();
            }
        }
    }
}

impl Observer for Queue {
    fn notified(self: Rc<Self>, index: u32) {
        if index == TIMEOUT {
            self.timed_out.set(true);
            let all = self.waiting.borrow().len();
            return self.wake(all);
        }
        self.throttle.ended(index);
        if !self.timed_out.get() {
            self.ended.borrow_mut().push_back(index as usize);
            self.wake(1);
        }
    }
}

/// Gives children in the order in which they end. Python: `asyncio.as_completed`.
///
/// It takes tasks, promises and futures; futures become tasks at once. One that is there several times is given once.
///
/// # Panics
///
/// Outside a loop.
///
/// # Examples
///
/// ```
/// use cogen::aio;
/// use std::time::Duration;
///
/// aio::testing::run(async {
///     let naps = [3, 1, 2].map(|n| async move {
///         aio::sleep(Duration::from_secs(n)).await;
///         n
///     });
///     let (mut completed, mut order) = (aio::as_completed(naps), Vec::new());
///     while let Some(n) = completed.next().await {
///         order.push(n?);
///     }
///     assert_eq!(order, [1, 2, 3]);
///     aio::ok(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn as_completed<C: Child>(children: impl IntoIterator<Item = C>) -> AsCompleted<C::Source> {
    let lp = current::expect();
    let mut known = HashSet::new();
    let queue = Queue::new(Throttle::new(const { &[C::makes_task] }));
    let at = Location::caller();
    let sources = children.into_iter().map(|child| child.into_source_at(at));
    // All are made before anything is added, which may be somebody else's code.
    let sources: Vec<_> = sources
        .enumerate()
        .filter(|(_, source)| known.insert(source.awaited().0.address()))
        .collect();
    let add = |(number, (index, source)): (u32, (usize, C::Source))| {
        let ending = source.awaited();
        let callback = if ending.0.completion().is_foreign_to(&lp) {
            queue.ended.borrow_mut().push_back(number as usize);
            None
        } else {
            let callback = Callback::Notify(queue.clone(), number);
            Some(ending.0.completion().add(callback))
        };
        AsCompletedChild {
            callback,
            source,
            index,
            ending,
            given: false,
        }
    };
    let children = (0..).zip(sources).map(add).collect();
    AsCompleted {
        lp: Rc::downgrade(&lp),
        children,
        queue,
        timer: None,
        given: 0,
        not_given: 0,
    }
}

impl<S: Source> AsCompleted<S> {
    /// From now on waits no longer than `timeout`: after that, each child that has not ended gives
    /// [`Error::Timeout`]. Nothing is cancelled.
    #[must_use = "it returns the iterator with the limit, which yields the results"]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        if let (Some(lp), Some(timeout)) = (self.lp.upgrade(), timeout.into()) {
            let due = Due::Notify(self.queue.clone(), TIMEOUT);
            self.timer = Some(lp.set_timer(lp.after(timeout), due));
        }
        self
    }

    /// Lets at most `limit` of the futures among the children run at a time; the next one starts in the turn
    /// after one has ended, whether or not [`next`](Self::next) has given that one. Call it before they run,
    /// that is, where they are passed to [`as_completed`]. Of several limits the last one counts. Children that
    /// are tasks already run as they are, and do not count.
    ///
    /// # Panics
    ///
    /// If `limit` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio::{self, testing};
    /// use std::time::Duration;
    ///
    /// testing::run(async {
    ///     let naps = [4, 1, 2].map(|n| async move {
    ///         aio::sleep(Duration::from_secs(n)).await;
    ///         n
    ///     });
    ///     let (mut completed, mut ends) = (aio::as_completed(naps).limit(2), Vec::new());
    ///     while let Some(n) = completed.next().await {
    ///         ends.push((testing::elapsed().as_secs(), n?));
    ///     }
    ///     assert_eq!(ends, [(1, 1), (3, 2), (4, 4)]); // the third starts when the second has ended
    ///     aio::ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "it returns the iterator with the limit, which yields the results"]
    #[track_caller]
    pub fn limit(self, limit: usize) -> Self {
        let children = self.children.iter().map(|child| &child.ending);
        self.queue.throttle.limit(limit, children);
        self
    }

    /// The next child that has ended: its value or its error; `None` when all were given.
    ///
    /// # Errors
    ///
    /// The child's, or [`Error::Timeout`].
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost: the child is given next time.
    #[track_caller]
    #[expect(
        clippy::should_implement_trait,
        reason = "it is a future, as the method of this name of streams"
    )]
    pub fn next(&mut self) -> impl Future<Output = Option<Result<S::Ok, Error>>> + use<'_, S> {
        let at = Location::caller();
        async move { Some(self.ended(at).await?.1) }
    }

    /// The same, with which one it is: its place among the children that were passed, from 0. Python 3.13: `async for
    /// task in as_completed(tasks)`, which gives the tasks themselves.
    ///
    /// When the time is up, the children that have not ended are given in their order.
    ///
    /// # Errors
    ///
    /// The child's, or [`Error::Timeout`].
    ///
    /// # Panics
    ///
    /// If it is awaited outside a task.
    ///
    /// # Cancellation
    ///
    /// Nothing is lost: the child is given next time.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::aio;
    /// use std::time::Duration;
    ///
    /// aio::testing::run(async {
    ///     let hosts = [("a", 2), ("b", 1)];
    ///     let pings = hosts.map(|(_, n)| aio::sleep(Duration::from_secs(n)));
    ///     let (mut completed, mut order) = (aio::as_completed(pings), Vec::new());
    ///     while let Some((index, result)) = completed.next_indexed().await {
    ///         result?;
    ///         order.push(hosts[index].0);
    ///     }
    ///     assert_eq!(order, ["b", "a"]);
    ///     aio::ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn next_indexed(
        &mut self,
    ) -> impl Future<Output = Option<(usize, Result<S::Ok, Error>)>> + use<'_, S> {
        self.ended(Location::caller())
    }

    async fn ended(
        &mut self,
        at: &'static Location<'static>,
    ) -> Option<(usize, Result<S::Ok, Error>)> {
        if self.given == self.children.len() {
            return None;
        }
        loop {
            let ended = self.queue.ended.borrow_mut().pop_front();
            if let Some(number) = ended {
                let foreign = self.children[number].callback.is_none();
                return Some(self.give(
                    number,
                    |source| if foreign { Err(FOREIGN) } else { source.take() },
                ));
            }
            if self.queue.timed_out.get() {
                while self.children[self.not_given].given {
                    self.not_given += 1;
                }
                return Some(self.give(self.not_given, |_| Err(Error::Timeout)));
            }
            let latch = Rc::new(Latch::default());
            self.queue.waiting.borrow_mut().push_back(latch.clone());
            let wait = LatchWait::new(latch.clone(), at);
            let forget = Forget(&self.queue, latch);
            wait.await;
            drop(forget);
        }
    }

    fn give<T>(&mut self, number: usize, value: impl FnOnce(&S) -> T) -> (usize, T) {
        self.given += 1;
        let child = &mut self.children[number];
        child.given = true;
        (child.index, value(&child.source))
    }
}

/// Takes a waiter back.
struct Forget<'a>(&'a Queue, Rc<Latch>);

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.0
            .waiting
            .borrow_mut()
            .retain(|latch| !Rc::ptr_eq(latch, &self.1));
    }
}

impl<S> Drop for AsCompleted<S> {
    fn drop(&mut self) {
        if let (Some(lp), Some(timer)) = (self.lp.upgrade(), self.timer) {
            drop(lp.cancel_timer(timer));
        }
        // Children that are held still need their callbacks to release them.
        if self.queue.throttle.is_idle() {
            for child in &self.children {
                if let Some(callback) = child.callback {
                    child.ending.0.completion().remove(callback);
                }
            }
        }
    }
}

debug!(impl[S] self: AsCompleted<S> { children: self.children.len(), given: self.given, .. });
