//! Events: the model is the flag, and the list of tasks that wait.

use std::rc::Rc;

use cogen::aio::{self, Event};

use super::{Crowd, Id, Log, Random};

#[derive(Default)]
struct World {
    event: Rc<Event>,
    crowd: Crowd,
    log: Log<Id>,
    set: bool,
    waiting: Vec<Id>,
    /// The tasks that have their turn next: those that were woken, and those that arrive.
    next: Vec<(Id, Turn)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Woken,
    Arrives,
}

impl World {
    fn spawn(&mut self) {
        let (event, log) = (self.event.clone(), self.log.clone());
        let id = self.crowd.spawn(|id| async move {
            event.wait().await;
            log.borrow_mut().push(id);
        });
        self.next.push((id, Turn::Arrives));
    }

    fn set(&mut self) {
        self.event.set();
        if !std::mem::replace(&mut self.set, true) {
            let woken = self.waiting.drain(..).map(|id| (id, Turn::Woken));
            self.next.extend(woken);
        }
    }

    fn cancel(&mut self, random: &mut Random) {
        if let Some(&id) = random.pick(&self.crowd.ids()) {
            self.crowd.cancel(id);
            self.waiting.retain(|other| *other != id);
            self.next.retain(|(other, _)| *other != id);
        }
    }

    async fn rest(&mut self) {
        let mut expected = Vec::new();
        for (id, turn) in std::mem::take(&mut self.next) {
            if turn == Turn::Woken || self.set {
                expected.push(id);
            } else {
                self.waiting.push(id);
            }
        }
        self.crowd.settle().await;
        assert_eq!(self.log.take(), expected);
        assert_eq!(self.crowd.ids(), self.waiting);
    }
}

async fn compare() {
    let (mut random, steps) = Random::seeded();
    let mut world = World::default();
    let mut done = 0;
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            match random.below(8) {
                0..4 if world.crowd.len() < 12 => world.spawn(),
                0..5 => world.set(),
                5 | 6 => {
                    world.event.clear();
                    world.set = false;
                }
                _ => world.cancel(&mut random),
            }
        }
        world.rest().await;
        done += batch as u64;
    }
}

#[test]
fn an_event_wakes_whom_the_model_wakes() {
    aio::testing::run(compare()).unwrap();
}
