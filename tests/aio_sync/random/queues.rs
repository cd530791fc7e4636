//! Queues: the model is a plain container, to which the test does what the tasks say that they have done.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use cogen::aio::{self, LifoQueue, PriorityQueue, PutError, Queue, QueueError};
use futures::future::LocalBoxFuture;

use super::{Crowd, Log, Random};

type Item = usize;

trait Waits: 'static {
    fn put(&self, item: Item) -> LocalBoxFuture<'_, Result<(), PutError<Item>>>;
    fn get(&self) -> LocalBoxFuture<'_, Result<Item, QueueError>>;
    fn put_nowait(&self, item: Item) -> Result<(), PutError<Item>>;
    fn get_nowait(&self) -> Result<Item, QueueError>;
    fn task_done(&self);
    fn join(&self) -> LocalBoxFuture<'_, ()>;
    fn len(&self) -> usize;
}

macro_rules! waits {
    ($type:ty) => {
        impl Waits for $type {
            fn put(&self, item: Item) -> LocalBoxFuture<'_, Result<(), PutError<Item>>> {
                Box::pin(self.put(item))
            }

            fn get(&self) -> LocalBoxFuture<'_, Result<Item, QueueError>> {
                Box::pin(self.get())
            }

            fn put_nowait(&self, item: Item) -> Result<(), PutError<Item>> {
                self.put_nowait(item)
            }

            fn get_nowait(&self) -> Result<Item, QueueError> {
                self.get_nowait()
            }

            fn task_done(&self) {
                self.task_done().unwrap();
            }

            fn join(&self) -> LocalBoxFuture<'_, ()> {
                Box::pin(self.join())
            }

            fn len(&self) -> usize {
                self.qsize()
            }
        }
    };
}

waits!(Queue<Item>);
waits!(LifoQueue<Item>);
waits!(PriorityQueue<Item>);

/// A plain container, in the same order.
trait Plain {
    fn add(&mut self, item: Item);
    fn take(&mut self) -> Option<Item>;
}

impl Plain for VecDeque<Item> {
    fn add(&mut self, item: Item) {
        self.push_back(item);
    }

    fn take(&mut self) -> Option<Item> {
        self.pop_front()
    }
}

impl Plain for Vec<Item> {
    fn add(&mut self, item: Item) {
        self.push(item);
    }

    fn take(&mut self) -> Option<Item> {
        self.pop()
    }
}

impl Plain for BinaryHeap<Reverse<Item>> {
    fn add(&mut self, item: Item) {
        self.push(Reverse(item));
    }

    fn take(&mut self) -> Option<Item> {
        self.pop().map(|Reverse(item)| item)
    }
}

#[derive(Debug)]
enum Entry {
    Put(Item),
    Got(Item),
}

struct World<Q, P> {
    queue: Rc<Q>,
    maxsize: usize,
    model: P,
    in_it: usize,
    log: Log<Entry>,
    getters: Crowd,
    putters: Crowd,
    joiners: Crowd,
    /// Items put in, less items taken out: a task that takes an item has finished it at once.
    unfinished: usize,
}

impl<Q: Waits, P: Plain> World<Q, P> {
    fn operation(&mut self, random: &mut Random) {
        let (queue, log) = (self.queue.clone(), self.log.clone());
        let item = random.below(1000);
        match random.below(12) {
            0..3 if self.getters.len() < 8 => {
                self.getters.spawn(|_| async move {
                    let item = queue.get().await.unwrap();
                    log.borrow_mut().push(Entry::Got(item));
                    queue.task_done();
                });
            }
            3..6 if self.putters.len() < 8 => {
                self.putters.spawn(|_| async move {
                    queue.put(item).await.unwrap();
                    log.borrow_mut().push(Entry::Put(item));
                });
            }
            6 => {
                if let Ok(item) = queue.get_nowait() {
                    log.borrow_mut().push(Entry::Got(item));
                    queue.task_done();
                }
            }
            7 => match queue.put_nowait(item) {
                Ok(()) => log.borrow_mut().push(Entry::Put(item)),
                Err(error) => assert_eq!((error.item, error.reason), (item, QueueError::Full)),
            },
            8 if self.joiners.len() < 2 => {
                self.joiners.spawn(|_| async move { queue.join().await });
            }
            9 | 10 => cancel_one(&self.getters, random),
            _ => cancel_one(&self.putters, random),
        }
    }

    async fn rest(&mut self) {
        self.getters.settle().await;
        self.putters.settle().await;
        self.joiners.settle().await;
        for entry in self.log.take() {
            match entry {
                Entry::Put(item) => {
                    self.model.add(item);
                    self.in_it += 1;
                    self.unfinished += 1;
                }
                Entry::Got(item) => {
                    assert_eq!(self.model.take(), Some(item));
                    self.in_it -= 1;
                    self.unfinished -= 1;
                }
            }
        }
        assert_eq!(self.queue.len(), self.in_it);
        assert!(self.in_it <= self.maxsize);
        assert!(
            self.in_it == 0 || self.getters.len() == 0,
            "a getter is lost"
        );
        assert!(
            self.in_it == self.maxsize || self.putters.len() == 0,
            "a putter is lost"
        );
        assert!(self.unfinished > 0 || self.joiners.len() == 0);
    }
}

fn cancel_one(crowd: &Crowd, random: &mut Random) {
    if let Some(&id) = random.pick(&crowd.ids()) {
        crowd.cancel(id);
    }
}

async fn compare<Q: Waits, P: Plain>(queue: Q, maxsize: usize, model: P) {
    let (mut random, steps) = Random::seeded();
    let mut world = World {
        queue: Rc::new(queue),
        maxsize,
        model,
        in_it: 0,
        log: Log::default(),
        getters: Crowd::default(),
        putters: Crowd::default(),
        joiners: Crowd::default(),
        unfinished: 0,
    };
    let mut done = 0;
    while done < steps {
        let batch = 1 + random.below(6);
        for _ in 0..batch {
            world.operation(&mut random);
        }
        world.rest().await;
        done += batch as u64;
    }
}

#[test]
fn a_queue_gives_what_the_model_gives() {
    for maxsize in [1, 3] {
        aio::testing::run(compare(Queue::new(maxsize), maxsize, VecDeque::new())).unwrap();
    }
}

#[test]
fn a_lifo_queue_gives_what_the_model_gives() {
    aio::testing::run(compare(LifoQueue::new(2), 2, Vec::new())).unwrap();
}

#[test]
fn a_priority_queue_gives_what_the_model_gives() {
    aio::testing::run(compare(PriorityQueue::new(3), 3, BinaryHeap::new())).unwrap();
}
