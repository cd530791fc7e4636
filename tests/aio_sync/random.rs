//! Tasks that wait, are cancelled and let each other in, at random. After each batch of operations, which all
//! happen at one instant, all tasks come to rest, and the model is asked which of them should have got what.

mod barrier;
mod condition;
mod event;
mod lines;
mod queues;
mod scopes;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::rc::Rc;
use std::time::Duration;

use cogen::aio::{self, Task};

const SEED: u64 = 0x0C06_E11D;
const STEPS: u64 = if cfg!(miri) { 60 } else { 150_000 };

/// The generator xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    /// The seed, which is printed, and how many operations to do.
    fn seeded() -> (Self, u64) {
        let seed = number("COGEN_SEED").unwrap_or(SEED);
        let steps = number("COGEN_STEPS").unwrap_or(STEPS);
        println!("COGEN_SEED={seed} COGEN_STEPS={steps}");
        (Self(seed | 1), steps)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32;
        usize::try_from((high * end as u64) >> 32).expect("it is below `end`")
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() {
            return None;
        }
        of.get(self.below(of.len()))
    }
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {value}")),
    )
}

pub(crate) type Id = usize;

/// What the tasks noted, in the order in which they noted it.
pub(crate) type Log<E> = Rc<RefCell<Vec<E>>>;

/// The tasks that have not ended, by number.
#[derive(Default)]
pub(crate) struct Crowd {
    tasks: BTreeMap<Id, Task<()>>,
    next: Id,
}

impl Crowd {
    fn spawn<F>(&mut self, body: impl FnOnce(Id) -> F) -> Id
    where
        F: Future<Output = ()> + 'static,
    {
        let id = self.next;
        self.next += 1;
        self.tasks.insert(id, aio::create_task(body(id)));
        id
    }

    fn ids(&self) -> Vec<Id> {
        self.tasks.keys().copied().collect()
    }

    fn len(&self) -> usize {
        self.tasks.len()
    }

    fn cancel(&self, id: Id) {
        assert!(self.tasks[&id].cancel(), "{id} had ended");
    }

    /// Lets all tasks come to rest, and forgets those that have ended.
    async fn settle(&mut self) {
        aio::sleep(Duration::from_millis(1)).await;
        self.tasks.retain(|_, task| !task.done());
    }
}
