//! Conditions: the model is the list of tasks that wait to be notified. A task that is cancelled notifies
//! another one when it has its turn.

use std::rc::Rc;

use cogen::aio::{self, Condition};

use super::{Crowd, Id, Log, Random};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Arrives,
    Notified,
    /// The task was cancelled, while it waited or after it had been notified.
    Cancelled,
}

struct World {
    condition: Rc<Condition>,
    crowd: Crowd,
    log: Log<Id>,
    waiting: Vec<Id>,
    /// The tasks that have their turn next, in this order.
    next: Vec<(Id, Turn)>,
    cancelled: Vec<Id>,
}

impl World {
    fn spawn(&mut self) {
        let (condition, log) = (self.condition.clone(), self.log.clone());
        let id = self.crowd.spawn(|id| async move {
            let mut guard = condition.lock().await;
            condition.wait(&mut guard).await;
            log.borrow_mut().push(id);
        });
        self.next.push((id, Turn::Arrives));
    }

    async fn notify(&mut self, n: usize) {
        // No task holds the lock, so this does not suspend.
        let guard = self.condition.lock().await;
        self.condition.notify(n).unwrap();
        drop(guard);
        let n = n.min(self.waiting.len());
        let notified = self.waiting.drain(..n).map(|id| (id, Turn::Notified));
        self.next.extend(notified);
    }

    fn cancel(&mut self, random: &mut Random) {
        let mut ids = self.crowd.ids();
        ids.retain(|id| !self.cancelled.contains(id));
        let Some(&id) = random.pick(&ids) else { return };
        self.crowd.cancel(id);
        self.cancelled.push(id);
        match self.next.iter().position(|(other, _)| *other == id) {
            Some(at) if self.next[at].1 == Turn::Arrives => drop(self.next.remove(at)),
            Some(at) => self.next[at].1 = Turn::Cancelled,
            None => {
                self.waiting.retain(|other| *other != id);
                self.next.push((id, Turn::Cancelled));
            }
        }
    }

    async fn rest(&mut self) {
        let (mut expected, mut passed_on) = (Vec::new(), Vec::new());
        for (id, turn) in std::mem::take(&mut self.next) {
            match turn {
                Turn::Arrives => self.waiting.push(id),
                Turn::Notified => expected.push(id),
                Turn::Cancelled if self.waiting.is_empty() => {}
                Turn::Cancelled => passed_on.push(self.waiting.remove(0)),
            }
        }
        expected.append(&mut passed_on);
        self.crowd.settle().await;
        self.cancelled.clear();
        assert_eq!(self.log.take(), expected);
        assert_eq!(self.crowd.ids(), self.waiting);
        assert!(!self.condition.locked());
    }
}

async fn compare() {
    let (mut random, steps) = Random::seeded();
    let mut world = World {
        condition: Rc::new(Condition::new(())),
        crowd: Crowd::default(),
        log: Log::default(),
        waiting: Vec::new(),
        next: Vec::new(),
        cancelled: Vec::new(),
    };
    let mut done = 0;
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            match random.below(8) {
                0..4 if world.crowd.len() < 12 => world.spawn(),
                0..6 => {
                    let n = random.below(4);
                    world.notify(n).await;
                }
                _ => world.cancel(&mut random),
            }
        }
        world.rest().await;
        done += batch as u64;
    }
}

#[test]
fn a_condition_wakes_whom_the_model_wakes() {
    aio::testing::run(compare()).unwrap();
}

/// Tasks wait for tokens and take them: no token is lost, and no task waits while there are some.
async fn tokens() {
    let (mut random, steps) = Random::seeded();
    let condition = Rc::new(Condition::new(0_usize));
    let (mut crowd, taken) = (Crowd::default(), Log::<Id>::default());
    let (mut made, mut got, mut done) = (0, 0, 0);
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            match random.below(8) {
                0..4 if crowd.len() < 12 => {
                    let (condition, taken) = (condition.clone(), taken.clone());
                    crowd.spawn(|id| async move {
                        let mut tokens = condition.lock().await;
                        condition.wait_for(&mut tokens, |n| *n > 0).await;
                        *tokens -= 1;
                        taken.borrow_mut().push(id);
                    });
                }
                0..6 => {
                    let mut tokens = condition.lock().await;
                    *tokens += 1;
                    made += 1;
                    condition.notify(1).unwrap();
                }
                _ => {
                    if let Some(&id) = random.pick(&crowd.ids()) {
                        crowd.cancel(id);
                    }
                }
            }
        }
        crowd.settle().await;
        got += taken.take().len();
        let left = *condition.lock().await;
        assert_eq!(left + got, made, "no token is lost or invented");
        assert!(left == 0 || crowd.len() == 0, "nobody waits for nothing");
        done += batch as u64;
    }
}

#[test]
fn nobody_waits_for_a_condition_that_holds() {
    aio::testing::run(tokens()).unwrap();
}
