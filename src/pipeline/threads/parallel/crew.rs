use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use crossbeam_channel::{Receiver, Sender, TrySendError, select};

use super::order::{End, Front, Gate, Order};
use super::worker::{At, Inbox, KeepOrder, Message, Signs};
use crate::frame::Exception;
use crate::pipeline::errors::Errors;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;
use crate::pipeline::threads::recv::recv;
use crate::pipeline::threads::spawn::{Spawner, Worker};

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
/// 1. The caller hands items out while there is room for them, and takes what workers give. It waits only if there is
///    nothing to take and either no room or nothing above; it waits for a result or for room.
/// 2. At most `ahead` items have been handed out. If the order is not kept, those in the channel count; if it is
///    kept, all whose turn has not passed.
pub(super) struct Crew<'a, In, Out> {
    /// `None` when there are no more.
    items: Option<Sender<(u64, In)>>,
    /// An item for which there was no room.
    held: Option<(u64, In)>,
    messages: Receiver<Message<Out>>,
    order: Option<Order<Out>>,
    gate: Arc<Gate>,
    signs: Arc<Signs>,
    ahead: usize,
    workers: Vec<Worker<'a, Vec<Exception>>>,
    /// How many workers have not gone.
    present: usize,
    polls: u32,
    pace: usize,
}

/// What the caller finds.
pub(super) enum Found<Out> {
    Item(Out),
    Failed(Exception),
    Panicked(Box<dyn Any + Send>),
    /// Everything has ended.
    Over,
    /// There is nothing above at the moment, and nothing to take.
    Nothing,
}

impl<'a, In: Send + 'a, Out: Send + 'a> Crew<'a, In, Out> {
    pub(super) fn start<S>(stages: Vec<S>, spawner: &Spawner<'a>, limits: Limits) -> Self
    where
        S: Stage<In = In, Item = Out> + Send + 'a,
    {
        let count = stages.len();
        let ahead = limits.ahead.max(count);
        let ordered = limits.ordered && count > 1;
        let (items, taken) = crossbeam_channel::bounded(ahead);
        let (sender, messages) = crossbeam_channel::bounded(limits.capacity * count);
        let gate = Arc::default();
        let mut crew = Self {
            items: Some(items),
            held: None,
            messages,
            order: ordered.then(|| Order::new(count, Arc::clone(&gate))),
            gate,
            signs: Arc::default(),
            // The first numbers of the workers are open as well.
            ahead: ahead + count,
            workers: Vec::new(),
            present: count,
            polls: 0,
            pace: 2,
        };
        let inbox = |worker| Inbox {
            worker,
            items: taken.clone(),
            messages: sender.clone(),
            signs: Arc::clone(&crew.signs),
            order: ordered.then(|| KeepOrder {
                gate: Arc::clone(&crew.gate),
                capacity: limits.capacity,
            }),
            alone: count == 1,
            number: worker as u64,
            given: 0,
            at: At::Open,
            errors: Errors::default(),
        };
        let inboxes: Vec<_> = (0..count).map(inbox).collect();
        // From here on the channels end with the workers: if a thread cannot be started, nothing waits for what it
        // would have said.
        drop((sender, taken));
        for (inbox, stage) in inboxes.into_iter().zip(stages) {
            crew.workers
                .push(spawner.spawn(move || inbox.work(stage), drop));
        }
        crew
    }
}

impl<In, Out> Crew<'_, In, Out> {
    /// What is next; hands out items meanwhile.
    pub(super) fn poll<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Found<Out>
    where
        U: Source<Item = In> + ?Sized,
    {
        let mut pace = self.pace();
        loop {
            let mut dry = false;
            for _ in 0..pace {
                if !dry && self.has_place() {
                    dry = self.hand_out(above, cx.as_deref_mut()).is_pending();
                }
            }
            if let Some(found) = self.take() {
                return found;
            }
            if dry {
                return Found::Nothing;
            }
            if !self.has_place() {
                if let Some(found) = self.wait() {
                    return found;
                }
            }
            pace = 1;
        }
    }

    /// How many items to hand out before one is taken, so that there is a stock of items and of results, but no full
    /// queue, at which workers would stop and go.
    fn pace(&mut self) -> usize {
        // Asking the channels is slow while workers are busy with them.
        if self.polls % 32 == 0 {
            let stored = self.messages.len() + self.items.as_ref().map_or(0, Sender::len);
            self.pace = match stored {
                _ if stored < self.ahead / 2 => 2,
                _ if stored < self.ahead / 4 * 3 => 1,
                _ => 0,
            };
        }
        self.polls = self.polls.wrapping_add(1);
        self.pace
    }

    /// Whether an item may be handed out.
    fn has_place(&mut self) -> bool {
        if let Some((number, item)) = self.held.take() {
            self.send(number, item);
        }
        let open = self.order.as_ref().map_or(0, Order::len);
        self.items.is_some() && self.held.is_none() && open < self.ahead
    }

    /// Hands an item out, or learns that there are no more.
    fn hand_out<U>(&mut self, above: &mut U, cx: Option<&mut Context<'_>>) -> Poll<()>
    where
        U: Source<Item = In> + ?Sized,
    {
        above.poll_next(cx).map(|item| {
            let Some(item) = item else {
                return self.no_more();
            };
            let number = self.order.as_mut().map_or(0, Order::add);
            self.send(number, item);
        })
    }

    fn no_more(&mut self) {
        if let Some(order) = &mut self.order {
            self.signs.last.store(order.no_more(), Ordering::Release);
        }
        self.items = None;
    }

    fn send(&mut self, number: u64, item: In) {
        let Some(items) = &self.items else { return };
        match items.try_send((number, item)) {
            Ok(()) => {}
            Err(TrySendError::Full(item)) => self.held = Some(item),
            // All workers have gone.
            Err(TrySendError::Disconnected(_)) => self.items = None,
        }
    }

    /// What is there to take.
    fn take(&mut self) -> Option<Found<Out>> {
        loop {
            if let Some(found) = self.front() {
                return Some(found);
            }
            let message = self.messages.try_recv().ok()?;
            if let Some(found) = self.read(message) {
                return Some(found);
            }
        }
    }

    /// Waits for a message, or for room.
    fn wait(&mut self) -> Option<Found<Out>> {
        let message = match (&self.items, self.held.take()) {
            (Some(items), Some(item)) => {
                select! {
                    recv(self.messages) -> message => {
                        self.held = Some(item);
                        message
                    }
                    send(items, item) -> sent => {
                        if sent.is_err() {
                            self.items = None;
                        }
                        return None;
                    }
                }
            }
            _ if self.workers.len() == 1 => recv(&self.messages),
            _ => self.messages.recv(),
        };
        match message {
            Ok(message) => self.read(message),
            Err(_) => Some(Found::Over),
        }
    }

    fn read(&mut self, message: Message<Out>) -> Option<Found<Out>> {
        match (message, &mut self.order) {
            (Message::Item(_, item), None) => return Some(Found::Item(item)),
            (Message::Item(number, item), Some(order)) => order.put(number, item),
            (Message::Done(number), Some(order)) => order.end(number, End::Done),
            (Message::Done(_), None) => {}
            (
                Message::Gone {
                    worker,
                    number,
                    end,
                },
                order,
            ) => {
                self.present -= 1;
                match order {
                    Some(order) => order.gone(worker, number, end),
                    None => return Found::end(end),
                }
            }
        }
        None
    }

    fn front(&mut self) -> Option<Found<Out>> {
        match self.order.as_mut().map(Order::next) {
            Some(Front::Item(item)) => Some(Found::Item(item)),
            Some(Front::End(end)) => Found::end(end),
            // The last message of each worker is that it has gone: there are no more.
            Some(Front::Missing) | None if self.present == 0 => Some(Found::Over),
            Some(Front::Missing) | None => None,
        }
    }

    /// Stops the workers, and returns the errors of stages that the caller has not received.
    pub(super) fn stop(mut self) -> Errors {
        let mut errors = self.cancel();
        for worker in self.workers.drain(..) {
            // The panics of stages come as messages.
            errors.add_all(worker.join().unwrap_or_default());
        }
        errors
    }

    /// Tells the workers to stop, and waits until they have.
    fn cancel(&mut self) -> Errors {
        self.signs.cancelled.store(true, Ordering::Release);
        self.items = None;
        self.gate.open(u64::MAX);
        let mut errors = Errors::default();
        for message in &self.messages {
            if let Message::Gone {
                end: End::Failed(exception),
                ..
            } = message
            {
                errors.add(exception);
            }
        }
        errors
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
        let _untold = self.cancel();
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
