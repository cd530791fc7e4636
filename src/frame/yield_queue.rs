//! Which yield may give its value next, when several are awaited at the same time.
//!
//! 1. A yield that asks in vain gets a [`Ticket`], higher than those before it, and stands in the queue until it
//!    gives its value. It is not taken out when it is dropped: that shows when its turn comes.
//! 2. While a yield stands in the queue, a fresh yield queues as well: it does not overtake. No yield gives its value
//!    before the reply, or the exception, has been taken: a combinator may have stopped before it polled what that is
//!    for. Then the first in the queue has the turn, and so does a living yield with a lower ticket that is no longer
//!    in the queue.
//! 3. If a poll gave nothing, a reply that is still there is dropped, and the body is polled once more. At first the
//!    first in the queue is woken, if it can be: it may have been polled before the reply was taken. Then any yield
//!    that is polled may give its value. So a yield that is not polled meanwhile keeps its place, and costs the
//!    others one poll. If no yield was polled that could give, those in front are woken and leave, in batches that
//!    double; the living ones come back at their old places. Yields that are gone leave the queue in this way, or
//!    when it gets long.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::task::Waker;

use super::yield_state::Ticket;

/// Why the body is polled once more in a resume in which nothing was given though something asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// It has not been polled once more yet.
    None,
    /// The first in the queue was woken: when it was polled before, the reply was in its way.
    Front,
    /// Any yield that is polled may give: the first in the queue was not polled.
    Open,
    /// This many were woken, and have left the queue: those that live come back.
    Batch(usize),
    /// All have left.
    Last,
}

/// Why, and how often, the body is polled once more in a resume.
#[derive(Debug)]
pub(super) struct Polls {
    pub(super) round: Round,
    pub(super) again: u32,
}

impl Polls {
    pub(super) const NONE: Self = Self {
        round: Round::None,
        again: 0,
    };
}

/// The queue of a frame, in its cold box.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// By ticket.
    waiting: VecDeque<Waiting>,
    last: u64,
    /// The waker of a yield that is about to queue.
    pub(super) newcomer: Option<Waker>,
    /// Wakers that were no longer needed at a point where they could not be dropped.
    stale: Vec<Waker>,
    /// The first in the queue did not use its turn in this resume: others may.
    open: bool,
    /// How many yields have come back since the queue was cleared.
    survivors: usize,
}

/// A shorter queue is not cleared.
const FEW: usize = 64;

#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    /// The waker of the foreign combinator that polls the yield; none if the frame itself polls it.
    waker: Option<Waker>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether the next resume has something to do here.
    pub(super) fn has_due(&self) -> bool {
        !self.waiting.is_empty() || !self.stale.is_empty()
    }

    /// The highest ticket with which a yield may give.
    pub(super) fn turn(&self) -> Ticket {
        match self.waiting.front() {
            Some(first) if !self.open => first.ticket,
            _ => Ticket::ALL,
        }
    }

    /// A new yield joins the queue.
    pub(super) fn push(&mut self) -> Ticket {
        self.last += 1;
        let ticket = Ticket(self.last);
        let waker = self.newcomer.take();
        self.waiting.push_back(Waiting { ticket, waker });
        ticket
    }

    /// A yield that joined before is polled again, in vain: it may have left.
    pub(super) fn come_back(&mut self, ticket: Ticket) {
        if let Err(at) = self.find(ticket) {
            let waker = self.newcomer.take();
            self.waiting.insert(at, Waiting { ticket, waker });
            self.survivors += 1;
        }
    }

    /// Keeps the waker of a yield that joined before. Returns a waker that is no longer needed, for the caller to
    /// drop.
    #[must_use]
    pub(super) fn set_waker(&mut self, ticket: Ticket, waker: Waker) -> Option<Waker> {
        match self.find(ticket) {
            Ok(at) => self.waiting[at].waker.replace(waker),
            Err(_) => self.newcomer.replace(waker),
        }
    }

    /// This yield leaves, and gives its value: its waker goes to `given`. A waker that is no longer needed stays
    /// until [`take_stale`](Self::take_stale).
    pub(super) fn leave(&mut self, ticket: Ticket, given: &mut Option<Waker>) {
        let waker = self.remove(ticket).or(self.newcomer.take());
        if waker.is_some() {
            let old = core::mem::replace(given, waker);
            self.put_aside(old);
        }
    }

    /// Keeps a waker that is no longer needed.
    pub(super) fn put_aside(&mut self, waker: Option<Waker>) {
        self.stale.extend(waker);
    }

    /// The wakers that are no longer needed, for the caller to drop.
    #[must_use]
    pub(super) fn take_stale(&mut self) -> Vec<Waker> {
        core::mem::take(&mut self.stale)
    }

    #[must_use]
    fn remove(&mut self, ticket: Ticket) -> Option<Waker> {
        let at = self.find(ticket).ok()?;
        self.waiting.remove(at)?.waker
    }

    /// The waker of the yield that has the turn, if it was not taken before.
    #[must_use]
    pub(super) fn take_waker(&mut self) -> Option<Waker> {
        self.waiting.front_mut()?.waker.take()
    }

    /// No value was given. Returns the next round, if there is one, and the wakers of those that leave the queue for
    /// it, for the caller to wake. Batches double, so that rounds are few however many yields are gone.
    #[must_use]
    pub(super) fn pass(&mut self, round: Round) -> (Vec<Waker>, Option<Round>) {
        if round == Round::None {
            if let Some(waker) = self.take_waker() {
                return (vec![waker], Some(Round::Front));
            }
        }
        self.open = true;
        let count = match round {
            Round::None | Round::Front => return (Vec::new(), Some(Round::Open)),
            Round::Open => 1,
            Round::Batch(count) => 2 * count,
            Round::Last => return (Vec::new(), None),
        };
        if self.is_empty() {
            return (Vec::new(), Some(Round::Last));
        }
        let batch = self.waiting.drain(..count.min(self.waiting.len()));
        let woken = batch.filter_map(|waiting| waiting.waker).collect();
        let round = if self.is_empty() {
            Round::Last
        } else {
            Round::Batch(count)
        };
        (woken, Some(round))
    }

    /// A resume begins: the first in the queue has the turn.
    pub(super) fn begin(&mut self) {
        self.open = false;
    }

    /// If most of the queue may be gone, all leave, and their wakers are returned for the caller to wake. Those that
    /// live come back.
    #[must_use]
    pub(super) fn clear_if_long(&mut self) -> Vec<Waker> {
        if self.waiting.len() < FEW + 2 * self.survivors {
            return Vec::new();
        }
        self.survivors = 0;
        let all = core::mem::take(&mut self.waiting);
        all.into_iter()
            .filter_map(|waiting| waiting.waker)
            .collect()
    }

    fn find(&self, ticket: Ticket) -> Result<usize, usize> {
        match self.waiting.front() {
            Some(first) if first.ticket == ticket => Ok(0),
            _ => self
                .waiting
                .binary_search_by_key(&ticket, |waiting| waiting.ticket),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Queue, Round};
    use crate::frame::yield_state::Ticket;
    use core::task::Waker;

    #[test]
    fn the_first_has_the_turn_and_one_that_comes_back_has_its_old_place() {
        let mut queue = Queue::default();
        let [a, b, c] = [(); 3].map(|()| queue.push());
        assert_eq!(queue.turn(), a);
        queue.leave(a, &mut None);
        assert_eq!(queue.turn(), b);
        queue.come_back(a);
        assert_eq!(queue.turn(), a);
        for ticket in [b, a, c] {
            queue.leave(ticket, &mut None);
        }
        assert!(queue.is_empty());
        assert_eq!(queue.turn(), Ticket::ALL);
    }

    #[test]
    fn a_queue_has_something_to_do_while_somebody_waits_or_a_waker_is_stale() {
        let mut queue = Queue::default();
        assert!(!queue.has_due());
        let ticket = queue.push();
        assert!(queue.has_due());
        queue.leave(ticket, &mut None);
        assert!(!queue.has_due());
        queue.put_aside(Some(Waker::noop().clone()));
        assert!(queue.has_due());
        assert_eq!(queue.take_stale().len(), 1);
        assert!(!queue.has_due());
    }

    #[test]
    fn the_waker_of_who_has_the_turn_is_taken_once() {
        let mut queue = Queue {
            newcomer: Some(Waker::noop().clone()),
            ..Queue::default()
        };
        let _first = queue.push();
        assert!(queue.take_waker().is_some());
        assert!(queue.take_waker().is_none());
    }

    /// So a queue of living yields is cleared less often, the longer it is.
    #[test]
    fn a_queue_is_cleared_when_it_is_longer_than_twice_those_that_came_back() {
        let mut queue = Queue::default();
        let push = |queue: &mut Queue| {
            queue.newcomer = Some(Waker::noop().clone());
            queue.push()
        };
        let tickets: Vec<_> = (0..FEW).map(|_| push(&mut queue)).collect();
        assert_eq!(queue.clear_if_long().len(), FEW);
        for &ticket in &tickets[..3] {
            queue.come_back(ticket);
        }
        for _ in 3..FEW + 5 {
            let _ticket = push(&mut queue);
        }
        assert!(queue.clear_if_long().is_empty());
        let _ticket = push(&mut queue);
        assert!(!queue.clear_if_long().is_empty());
    }

    #[test]
    fn batches_double_until_all_have_left() {
        let mut queue = Queue::default();
        for _ in 0..8 {
            let _ticket = queue.push();
        }
        let mut rounds = vec![Round::None];
        while let (_, Some(round)) = queue.pass(rounds[rounds.len() - 1]) {
            rounds.push(round);
        }
        let expected = [
            Round::None,
            Round::Open,
            Round::Batch(1),
            Round::Batch(2),
            Round::Batch(4),
            Round::Last,
        ];
        assert_eq!(rounds, expected);
        assert!(queue.is_empty());
    }
}
