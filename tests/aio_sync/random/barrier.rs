//! Barriers: the model counts. A task that was let go and is cancelled before its turn is missing from its
//! round.

use std::collections::BTreeSet;
use std::rc::Rc;

use cogen::aio::{self, Barrier, BrokenBarrier};

use super::{Crowd, Log, Random};

const PARTIES: usize = 3;

type Entry = Result<usize, BrokenBarrier>;

struct World {
    barrier: Rc<Barrier>,
    crowd: Crowd,
    log: Log<Entry>,
    /// Whether an operation of this batch may have broken rounds.
    disturbed: bool,
}

impl World {
    fn spawn(&mut self) {
        let (barrier, log) = (self.barrier.clone(), self.log.clone());
        self.crowd.spawn(|_| async move {
            let entry = barrier.wait().await;
            log.borrow_mut().push(entry);
        });
    }

    async fn rest(&mut self, before: usize, spawned: usize) {
        self.crowd.settle().await;
        assert_eq!(self.barrier.n_waiting(), self.crowd.len());
        assert!(self.crowd.len() < PARTIES);
        let log = self.log.take();
        if !self.disturbed {
            assert!(log.iter().all(Result::is_ok), "{log:?}");
            assert_eq!(log.len() % PARTIES, 0);
            assert_eq!(before + spawned, log.len() + self.crowd.len());
            log.chunks(PARTIES).for_each(assert_all_different);
        }
    }
}

fn assert_all_different(round: &[Entry]) {
    let indices: BTreeSet<_> = round.iter().copied().map(Result::unwrap).collect();
    assert_eq!(indices, (0..PARTIES).collect());
}

async fn compare() {
    let (mut random, steps) = Random::seeded();
    let mut world = World {
        barrier: Rc::new(Barrier::new(PARTIES)),
        crowd: Crowd::default(),
        log: Log::default(),
        disturbed: false,
    };
    let mut done = 0;
    while done < steps {
        let (before, batch) = (world.crowd.len(), 1 + random.below(8));
        let mut spawned = 0;
        world.disturbed = false;
        for _ in 0..batch {
            match random.below(10) {
                0..7 => {
                    world.spawn();
                    spawned += 1;
                }
                7 => {
                    world.barrier.reset().await;
                    world.disturbed = true;
                }
                8 => {
                    world.barrier.abort().await;
                    world.disturbed = true;
                }
                _ => {
                    if let Some(&id) = random.pick(&world.crowd.ids()) {
                        world.crowd.cancel(id);
                        world.disturbed = true;
                    }
                }
            }
        }
        if world.barrier.broken() {
            world.crowd.settle().await;
            assert_eq!(world.crowd.len(), 0, "nobody waits at a broken barrier");
            world.barrier.reset().await;
        }
        world.rest(before, spawned).await;
        done += batch as u64;
    }
}

#[test]
fn a_barrier_lets_rounds_go() {
    aio::testing::run(compare()).unwrap();
}
