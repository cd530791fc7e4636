use std::rc::Rc;

use cogen::aio::testing::run;
use cogen::aio::{self, Error, LifoQueue, PriorityQueue, Queue, QueueError, Task};

use crate::secs;

fn get(queue: &Rc<Queue<i32>>) -> Task<i32> {
    let queue = queue.clone();
    aio::create_task(async move { queue.get().await })
}

fn put(queue: &Rc<Queue<i32>>, item: i32) -> Task<()> {
    let queue = queue.clone();
    aio::create_task(async move { queue.put(item).await })
}

fn reason(error: &Error) -> QueueError {
    *error.downcast_ref().expect("it is a queue's")
}

#[test]
fn what_does_not_fit_comes_back() {
    run(async {
        let queue = Queue::new(1);
        queue.put_nowait(Rc::new(1))?;
        let error = queue.put_nowait(Rc::new(2)).unwrap_err();
        assert_eq!((*error.item, error.reason), (2, QueueError::Full));
        queue.shutdown(false);
        let error = queue.put(Rc::new(3)).await.unwrap_err();
        assert_eq!((*error.item, error.reason), (3, QueueError::ShutDown));
        assert_eq!(error.to_string(), "the queue has been shut down");
        let put = async { aio::ok(queue.put(Rc::new(4)).await?) };
        assert_eq!(reason(&put.await.unwrap_err()), QueueError::ShutDown);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_empty_queue_says_so() {
    let queue = Queue::<i32>::default();
    assert_eq!(queue.get_nowait(), Err(QueueError::Empty));
    assert!(queue.empty() && !queue.full());
    queue.shutdown(false);
    assert_eq!(queue.get_nowait(), Err(QueueError::ShutDown));
    assert_eq!(
        queue.task_done().unwrap_err().to_string(),
        "task_done was called too many times"
    );
}

#[test]
fn a_queue_that_is_shut_down_still_gives_what_is_in_it() {
    run(async {
        let queue = Rc::new(Queue::new(1));
        let (in_it, waits) = (put(&queue, 1), put(&queue, 2));
        aio::sleep(secs(1)).await;
        queue.shutdown(false);
        in_it.await?;
        assert_eq!(reason(&waits.await.unwrap_err()), QueueError::ShutDown);
        assert_eq!(queue.get().await?, 1);
        assert_eq!(queue.get().await, Err(QueueError::ShutDown));
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_shutdown_ends_the_waits_of_getters() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let getters = [get(&queue), get(&queue)];
        aio::sleep(secs(1)).await;
        queue.shutdown(false);
        for outcome in aio::gather_all(getters).await {
            assert_eq!(reason(&outcome.unwrap_err()), QueueError::ShutDown);
        }
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn an_immediate_shutdown_drops_the_items_and_ends_the_joins() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let item = Rc::new(());
        for _ in 0..3 {
            queue.put(item.clone()).await?;
        }
        let joiner = aio::create_task({
            let queue = queue.clone();
            async move { queue.join().await }
        });
        queue.get().await?;
        aio::sleep(secs(1)).await;
        queue.shutdown(true);
        assert_eq!(Rc::strong_count(&item), 1);
        assert!(queue.empty());
        aio::sleep(secs(1)).await;
        assert!(!joiner.done(), "one item was taken, and is not done");
        queue.task_done()?;
        joiner.await?;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_cancelled_put_leaves_nothing() {
    run(async {
        let queue = Rc::new(Queue::new(1));
        queue.put(1).await?;
        let waits = put(&queue, 2);
        aio::sleep(secs(1)).await;
        waits.cancel();
        assert!(waits.await.is_err());
        assert_eq!((queue.get().await?, queue.qsize()), (1, 0));
        queue.task_done()?;
        queue.join().await;
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn a_getter_that_is_cancelled_when_an_item_came_passes_it_on() {
    run(async {
        let queue = Rc::new(Queue::new(0));
        let (first, second) = (get(&queue), get(&queue));
        aio::sleep(secs(1)).await;
        queue.put_nowait(1)?;
        first.cancel();
        assert_eq!(second.await?, 1);
        aio::ok(())
    })
    .unwrap();
}

#[test]
fn orders() {
    run(async {
        let lifo = LifoQueue::new(0);
        let priority = PriorityQueue::new(0);
        for item in [(2, 'a'), (1, 'b'), (2, 'c')] {
            lifo.put(item).await?;
            priority.put(ByNumber(item)).await?;
        }
        assert_eq!(lifo.get().await?, (2, 'c'));
        let mut texts = String::new();
        while let Ok(ByNumber((_, text))) = priority.get_nowait() {
            texts.push(text);
        }
        assert_eq!(texts, "bac");
        aio::ok(())
    })
    .unwrap();
}

/// Items with the same number are equal.
struct ByNumber((i32, char));

impl PartialEq for ByNumber {
    fn eq(&self, other: &Self) -> bool {
        self.0.0 == other.0.0
    }
}

impl Eq for ByNumber {}

impl PartialOrd for ByNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ByNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.0.cmp(&other.0.0)
    }
}
