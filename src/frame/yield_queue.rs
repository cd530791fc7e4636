//! Which yield has given a value, which one the reply is for, and which one has the next turn, when several yields
//! are awaited at the same time.
//!
//! 1. A yield that gives its value gets the frame's current [`Generation`]. It takes a reply only if the
//!    reply is for that generation. At most one living yield has the current one: when another may give
//!    while it lives (its reply was left behind, its value taken back, it was unwound by a throw), the
//!    frame begins a new generation. Numbers of 62 bits, at most one for each resume, do not run out.
//! 2. A yield that asks in vain gets a [`Ticket`], higher than those before it, and stands in the queue until it
//!    gives its value. It is not taken out when it is dropped: that shows when its turn comes.
//! 3. While a yield stands in the queue, a fresh yield queues as well: it does not overtake. No yield gives its value
//!    before the reply, or the exception, has been taken: a combinator may have stopped before it polled what that is
//!    for. Then the first in the queue has the turn, and so does a living yield with a lower ticket that is no longer
//!    in the queue.
//! 4. If a poll gave nothing, a reply that is still there is dropped, and the body is polled once more. At first the
//!    first in the queue is woken, if it can be: it may have been polled before the reply was taken. Then any yield
//!    that is polled may give its value. So a yield that is not polled meanwhile keeps its place, and costs the
//!    others one poll. If no yield was polled that could give, those in front are woken and leave, in batches that
//!    double; the living ones come back at their old places. Yields that are gone leave the queue in this way, or
//!    when it gets long.

use alloc::collections::VecDeque;
use core::mem::MaybeUninit;
use core::num::NonZeroU64;
use core::task::Waker;

/// Which of a frame's yields a reply is for: invariant 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Generation(YieldState);

impl Generation {
    pub(super) const FIRST: Self = Self(YieldState(GIVEN));

    /// The next one, which no yield has.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn next(self) -> Self {
        Self(YieldState(self.0.0 + STEP))
    }
}

/// A place in the queue, or the turn of all yields with a place up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// The turn of all yields.
    pub(super) const ALL: Self = Self(u64::MAX / STEP);
}

/// The state of a yield, in one word: what it is in the two lowest bits, its ticket or its generation
/// above them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YieldState(u64);

const FRESH: u64 = 0;
const QUEUED: u64 = 1;
const GIVEN: u64 = 2;
const DONE: u64 = 3;
const KIND: u64 = 3;
const STEP: u64 = KIND + 1;

impl YieldState {
    /// Not polled yet.
    pub(super) const FRESH: Self = Self(FRESH);
    /// It has received its reply, or was ended.
    pub(super) const DONE: Self = Self(DONE);

    /// Asked in vain.
    pub(super) fn queued(ticket: Ticket) -> Self {
        Self(ticket.0 * STEP + QUEUED)
    }

    /// Has given its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn given(generation: Generation) -> Self {
        generation.0
    }

    /// Whether the yield still holds its value.
    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(super) fn holds_value(self) -> bool {
        self.0 & GIVEN == 0
    }

    /// Where the yield stands in the queue.
    pub(super) fn ticket(self) -> Option<Ticket> {
        (self.0 & KIND == QUEUED).then_some(Ticket(self.0 / STEP))
    }
}

/// A yield's frame, and its state, if that is a usual one: the frame's id, and in the bits below
/// [`STEP`](super::thread::STEP) what follows. So one comparison with what a slot
/// [admits](super::slot::SlotHead::admits) tells both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct YieldWord(u64);

/// [`YieldState::FRESH`].
const WORD_FRESH: u8 = 0;
/// Given, in the first generation.
const WORD_GIVEN: u8 = 1;
/// Another state, which is beside the word.
const WORD_OTHER: u8 = 2;
/// [`YieldState::DONE`].
const WORD_DONE: u8 = 3;
const WORD_KIND: u64 = super::thread::STEP - 1;

impl YieldWord {
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    #[inline(always)]
    pub(super) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    #[inline(always)]
    pub(super) fn fresh(id: NonZeroU64) -> Self {
        Self(id.get())
    }

    #[inline(always)]
    pub(super) fn given(id: NonZeroU64) -> Self {
        Self(id.get() | u64::from(WORD_GIVEN))
    }

    #[inline(always)]
    pub(super) fn done(id: NonZeroU64) -> Self {
        Self(id.get() | u64::from(WORD_DONE))
    }

    #[inline(always)]
    pub(super) fn id(self) -> NonZeroU64 {
        // SAFETY: a word is made with an id, which is a multiple of `STEP` above 0; `NONE` is never asked.
        unsafe { NonZeroU64::new_unchecked(self.0 & !WORD_KIND) }
    }

    /// The word of a fresh yield after it has given its value.
    #[inline(always)]
    pub(super) fn gives(self) -> Self {
        Self(self.0 + u64::from(WORD_GIVEN))
    }

    /// The word of a yield that has given its value, after it has taken its reply.
    #[inline(always)]
    pub(super) fn takes(self) -> Self {
        Self(self.0 + u64::from(WORD_DONE - WORD_GIVEN))
    }

    /// For a usual yield that is not over: whether it has given its value.
    #[inline(always)]
    pub(super) fn is_given(self) -> bool {
        self.0 & u64::from(WORD_GIVEN) != 0
    }

    /// The state; `other` is the one that is beside the word.
    ///
    /// # Safety
    ///
    /// That is there if the word says that it is.
    pub(super) unsafe fn state(self, other: MaybeUninit<YieldState>) -> YieldState {
        match (self.0 & WORD_KIND) as u8 {
            WORD_FRESH => YieldState::FRESH,
            WORD_GIVEN => YieldState::given(Generation::FIRST),
            WORD_DONE => YieldState::DONE,
            // SAFETY: by the contract.
            _ => unsafe { other.assume_init() },
        }
    }

    #[inline(always)]
    pub(super) fn with(self, kind: WordKind) -> Self {
        Self(self.0 & !WORD_KIND | u64::from(kind.0))
    }
}

/// What a [`YieldWord`] says about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WordKind(u8);

impl WordKind {
    pub(super) const OTHER: Self = Self(WORD_OTHER);

    pub(super) fn of(state: YieldState) -> Self {
        Self(if state == YieldState::FRESH {
            WORD_FRESH
        } else if state == YieldState::given(Generation::FIRST) {
            WORD_GIVEN
        } else if state == YieldState::DONE {
            WORD_DONE
        } else {
            WORD_OTHER
        })
    }
}

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
    use super::{FEW, Generation, Queue, Round, Ticket, YieldState};
    use core::task::Waker;

    #[test]
    fn states_of_different_kinds_are_never_equal() {
        let generations = [Generation::FIRST, Generation::FIRST.next()];
        let tickets = [Ticket(1), Ticket(2), Ticket(3)];
        let mut states = vec![YieldState::FRESH, YieldState::DONE];
        states.extend(generations.map(YieldState::given));
        states.extend(tickets.map(YieldState::queued));
        for (i, a) in states.iter().enumerate() {
            for (j, b) in states.iter().enumerate() {
                assert_eq!(a == b, i == j, "{a:?} and {b:?}");
            }
        }
        assert_eq!(states.iter().filter(|state| state.holds_value()).count(), 4);
        assert_eq!(YieldState::queued(Ticket(7)).ticket(), Some(Ticket(7)));
    }

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
