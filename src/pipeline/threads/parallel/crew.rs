use std::any::Any;
use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use super::order::{End, Front, Gate, Order};
use super::stock::Stock;
use super::worker::{At, Inbox, Message, Signs};
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::select;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;
use crate::pipeline::threads::queue::{Queue, Taken};
use crate::pipeline::threads::spawn::{Outcome, Spawner, Worker};
use crate::pipeline::threads::unheard;

/// How much may be under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How many results of one item may wait to be taken.
    pub(super) capacity: usize,
    /// How many items are taken from above before the results of the first are passed on.
    pub(super) ahead: usize,
    pub(super) ordered: bool,
}

/// The workers, and the caller's side of them.
///
/// 1. The caller gives what workers have given, and hands items out while there is room for them and nothing to give.
///    It waits only if there is nothing to give and either no room or nothing above: for whichever comes first.
/// 2. At most `ahead` items are open: handed out, and not done, as far as the caller has looked. If the order is kept,
///    one is done when its turn has passed.
/// 3. Each worker puts its messages where only the caller takes from, which takes all of them at a time: the more there
///    are, the less a hand-over costs; and one that is alone is seen at once.
/// 4. A message is looked at when what it says is given, so that what has been taken and not given counts as open.
pub(super) struct Crew<'a, In, Out> {
    /// `None` once it is closed, or all workers have gone.
    items: Option<Arc<Stock<(u64, In)>>>,
    outboxes: Vec<Arc<Queue<Message<Out>>>>,
    /// Messages that were taken and not looked at; none if the order is kept.
    messages: VecDeque<Message<Out>>,
    /// Empty between calls: what is taken from a queue.
    taken: VecDeque<Message<Out>>,
    order: Option<Order<Out>>,
    /// How many items are open, if the order is not kept.
    open: usize,
    gate: Arc<Gate>,
    signs: Arc<Signs>,
    ahead: usize,
    workers: Vec<Worker<'a, Vec<Exception>>>,
    /// How many workers have not gone.
    present: usize,
    /// How many items were given since the last was handed out.
    owed: usize,
}

/// How many items are given before as many are handed out, so that the workers have work even while there is always
/// something to give.
const OWED: usize = 2;

/// Whether something is above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Open,
    /// Nothing now; it wakes the caller when there is.
    Later,
    /// Nothing now, and the caller waits for nothing: it is fed.
    Dry,
}

/// What the caller finds.
pub(super) enum Found<Out> {
    Item(Out),
    Failed(Exception),
    Panicked(Box<dyn Any + Send>),
    /// Everything has ended.
    Over,
}

impl<'a, In: Send + 'a, Out: Send + 'a> Crew<'a, In, Out> {
    pub(super) fn start<S>(stages: Vec<S>, spawner: &Spawner<'a>, limits: Limits) -> Self
    where
        S: Stage<In = In, Item = Out> + Send + 'a,
    {
        let count = stages.len();
        let ahead = limits.ahead.max(count);
        let ordered = limits.ordered && count > 1;
        // The first numbers of the workers are open as well.
        let ahead = if ordered {
            ahead.saturating_add(count)
        } else {
            ahead
        };
        let items = Arc::new(Stock::new(count));
        let outbox = |_| Arc::new(Queue::new(limits.capacity));
        let gate = Arc::default();
        let mut crew = Self {
            items: Some(Arc::clone(&items)),
            outboxes: (0..count).map(outbox).collect(),
            messages: VecDeque::new(),
            taken: VecDeque::new(),
            order: ordered.then(|| Order::new(count, Arc::clone(&gate))),
            open: 0,
            gate,
            signs: Arc::default(),
            ahead,
            workers: Vec::new(),
            present: count,
            owed: 0,
        };
        let inbox = |(worker, outbox): (usize, &Arc<_>)| Inbox {
            worker,
            items: Arc::clone(&items),
            outbox: Arc::clone(outbox),
            signs: Arc::clone(&crew.signs),
            gate: ordered.then(|| Arc::clone(&crew.gate)),
            capacity: limits.capacity,
            number: worker as u64,
            given: 0,
            holds: false,
            is_told: false,
            at: At::Open,
            errors: Errors::default(),
        };
        let inboxes: Vec<_> = crew.outboxes.iter().enumerate().map(inbox).collect();
        for (inbox, stage) in inboxes.into_iter().zip(stages) {
            crew.workers
                .push(spawner.spawn(move || inbox.work(stage), unheard));
        }
        crew
    }
}

/// Tells of the end of a worker whose stage was dropped. (Its panic comes as a message.)
fn unheard(outcome: Outcome<Vec<Exception>>) {
    if let Ok(errors) = outcome {
        unheard::tell(PLACE, errors);
    }
}

const PLACE: &str = "a stage on a thread that was dropped";

impl<In, Out> Crew<'_, In, Out> {
    /// What is next; hands out items meanwhile. It does not block, but leaves a waker.
    pub(super) fn poll<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Found<Out>>
    where
        U: Source<Item = In> + ?Sized,
    {
        let mut state = Above::Open;
        if self.owed >= OWED {
            for _ in 0..mem::take(&mut self.owed) {
                if state == Above::Open && self.has_room() {
                    state = self.hand_out(above, cx.as_deref_mut());
                }
            }
        }
        loop {
            if let Some(found) = self.find() {
                self.owed += 1;
                return Poll::Ready(found);
            }
            if state == Above::Open && self.has_room() {
                state = self.hand_out(above, cx.as_deref_mut());
            } else if state == Above::Dry {
                return Poll::Pending;
            } else {
                self.owed = 0;
                let takes = state == Above::Open;
                if let Some(found) = ready!(self.wait(cx.as_deref_mut(), takes)) {
                    return Poll::Ready(found);
                }
            }
        }
    }

    /// Whether an item may be handed out.
    fn has_room(&self) -> bool {
        let open = self.order.as_ref().map_or(self.open, Order::len);
        self.items.is_some() && open < self.ahead
    }

    /// Hands an item out, or learns that there are no more.
    fn hand_out<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Above
    where
        U: Source<Item = In> + ?Sized,
    {
        let is_async = cx.is_some();
        let (polled, later) = select::later(|| above.poll_next(cx));
        match polled {
            Poll::Ready(Some(item)) => {
                let number = self.order.as_mut().map_or(0, Order::add);
                self.open += 1;
                let left = self.items.as_ref().map(|items| items.put((number, item)));
                if let Some(Err(_)) = left {
                    self.items = None; // All workers have gone.
                }
            }
            Poll::Ready(None) => self.no_more(),
            Poll::Pending if is_async || later => return Above::Later,
            Poll::Pending => return Above::Dry,
        }
        Above::Open
    }

    fn no_more(&mut self) {
        if let Some(order) = &mut self.order {
            self.signs.last.store(order.no_more(), Ordering::Release);
        }
        self.close();
    }

    /// There are no more items.
    fn close(&mut self) {
        if let Some(items) = self.items.take() {
            items.close();
        }
    }

    /// What there is to give.
    fn find(&mut self) -> Option<Found<Out>> {
        let found = self.look();
        if found.is_some() || !self.take_some() {
            return found;
        }
        self.look()
    }

    /// Takes what workers have put out. A look without the locks, which may miss what has just come.
    fn take_some(&mut self) -> bool {
        let mut any = false;
        for worker in 0..self.outboxes.len() {
            if self.outboxes[worker].may_have() {
                any |= self.take_from(worker);
            }
        }
        any
    }

    fn take_from(&mut self, worker: usize) -> bool {
        let mut taken = mem::take(&mut self.taken);
        let any = self.outboxes[worker].take_all(&mut taken) == Taken::Some;
        match &mut self.order {
            None if self.messages.is_empty() => mem::swap(&mut self.messages, &mut taken),
            None => self.messages.append(&mut taken),
            Some(order) => {
                for message in taken.drain(..) {
                    match message {
                        Message::Item(number, item) => order.put(number, item),
                        Message::Done(number) => order.end(number, End::Done),
                        Message::Gone {
                            worker,
                            number,
                            end,
                            ..
                        } => {
                            self.present -= 1;
                            order.gone(worker, number, end);
                        }
                    }
                }
            }
        }
        self.taken = taken;
        any
    }

    /// What there is to give of what was taken.
    fn look(&mut self) -> Option<Found<Out>> {
        if let Some(order) = &mut self.order {
            match order.next() {
                Front::Item(item) => return Some(Found::Item(item)),
                Front::End(end) => return Found::end(end),
                Front::Missing => {}
            }
        }
        while let Some(message) = self.messages.pop_front() {
            match message {
                Message::Item(_, item) => return Some(Found::Item(item)),
                Message::Done(_) => self.open -= 1,
                Message::Gone { holds, end, .. } => {
                    self.open -= usize::from(holds);
                    self.present -= 1;
                    if let Some(found) = Found::end(end) {
                        return Some(found);
                    }
                }
            }
        }
        // The last message of each worker is that it has gone: there are no more.
        (self.present == 0).then_some(Found::Over)
    }

    /// Leaves a waker for what workers put out. `None`: there is room by now for one that `takes` items.
    fn wait(&mut self, cx: Option<&mut Context<'_>>, takes: bool) -> Poll<Option<Found<Out>>> {
        select::wait(&mut None, cx, |waker| {
            if let Some(waker) = waker {
                self.signs.told.leave(waker);
                for worker in 0..self.outboxes.len() {
                    self.take_from(worker);
                }
            }
            let found = self.find();
            if found.is_some() || (takes && self.has_room()) {
                return Poll::Ready(found);
            }
            Poll::Pending
        })
    }

    /// Stops the workers, and returns the errors of stages that the caller has not received.
    pub(super) fn stop(mut self) -> Errors {
        let mut errors = Errors::default();
        errors.add_all(self.cancel());
        for worker in self.workers.drain(..) {
            // The panics of stages come as messages.
            errors.add_all(worker.join().unwrap_or_default());
        }
        errors
    }

    /// Tells the workers to stop. Returns the errors that they have told of.
    fn cancel(&mut self) -> Vec<Exception> {
        self.signs.cancelled.store(true, Ordering::Release);
        self.close();
        self.gate.open(u64::MAX);
        let close = |outbox: &Arc<Queue<_>>| outbox.close().0;
        let left: Vec<_> = self.outboxes.iter().map(close).collect();
        let messages = mem::take(&mut self.messages).into_iter();
        let error = |message| match message {
            Message::Gone {
                end: End::Failed(exception),
                ..
            } => Some(exception),
            _ => None,
        };
        let told = messages.chain(left.into_iter().flatten()).filter_map(error);
        // What has been put in order came before what is still to be.
        let in_order = self.order.as_mut().map(Order::errors);
        in_order.into_iter().flatten().chain(told).collect()
    }
}

impl<Out> Found<Out> {
    fn end(end: End) -> Option<Self> {
        match end {
            End::Done => None,
            End::Failed(exception) => Some(Self::Failed(exception)),
            End::Panicked(payload) => Some(Self::Panicked(payload)),
        }
    }
}

impl<In, Out> Drop for Crew<'_, In, Out> {
    fn drop(&mut self) {
        // The workers are joined when they are dropped, and must see the sign before that.
        unheard::tell(PLACE, self.cancel());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};

    use super::{Crew, Limits, Spawner};
    use crate::pipeline::map;

    #[test]
    fn a_thread_that_cannot_be_started_is_a_panic_and_no_hang() {
        let limits = Limits {
            capacity: 1,
            ahead: 4,
            ordered: true,
        };
        let stages = || (0..3).map(|_| map(|n: i32| n)).collect();
        for started in 0..3 {
            let spawner = Spawner::failing_after(started);
            let start = || drop(Crew::start(stages(), &spawner, limits));
            assert!(panic::catch_unwind(AssertUnwindSafe(start)).is_err());
        }
    }
}
