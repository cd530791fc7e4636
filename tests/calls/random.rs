//! Random bodies behave the same whether their blocks are awaited or called.

use std::pin::Pin;

use cogen::{
    Co, Exception, Generator, LocalBoxGen, RecursiveCo, SendError, Step, ThrowError, generator,
    recursive,
};
use futures::future::{join, select};

use crate::support::Oops;

/// What a block does.
#[derive(Debug)]
enum Op {
    Yield(u32),
    Sequence(Vec<Op>),
    Join(Box<[Op; 2]>),
    Select(Box<[Op; 2]>),
    Catch(Box<Op>),
    Raise(i32),
    Nothing,
}

/// A linear congruential generator, which gives the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u32::try_from(self.0 >> 33).unwrap() % end
    }

    /// An operation beside others raises nothing and does not end at once, because a called body begins only after the
    /// futures beside it have been polled.
    fn op(&mut self, depth: u32, beside: bool, alone: bool) -> Op {
        if depth == 0 {
            return match self.below(8) {
                _ if beside => Op::Yield(self.below(1000)),
                0 => Op::Nothing,
                1 => Op::Raise(i32::try_from(self.below(100)).unwrap()),
                _ => Op::Yield(self.below(1000)),
            };
        }
        let first = if alone { 2 } else { 0 };
        match first + self.below(7 - first) {
            0 => Op::Join(self.two(depth - 1).into()),
            1 => Op::Select(self.two(depth - 1).into()),
            2 => Op::Catch(self.op(depth - 1, beside, alone).into()),
            3 => self.op(0, beside, alone),
            _ => Op::Sequence((0..3).map(|_| self.op(depth - 1, beside, alone)).collect()),
        }
    }

    fn two(&mut self, depth: u32) -> [Op; 2] {
        [self.op(depth, true, false), self.op(depth, true, false)]
    }
}

#[derive(Clone, Copy)]
enum Handle<'g> {
    Awaits(Co<'g, u32, u32>),
    Calls(RecursiveCo<'g, u32, u32>),
}

type Block<'g> = Pin<Box<dyn Future<Output = u32> + 'g>>;

impl<'g> Handle<'g> {
    fn co(self) -> Co<'g, u32, u32> {
        match self {
            Self::Awaits(co) => co,
            Self::Calls(co) => *co,
        }
    }

    fn block(self, op: &'g Op) -> Block<'g> {
        let block = run(self, op);
        match self {
            Self::Awaits(_) => Box::pin(block),
            Self::Calls(co) => Box::pin(co.call(block)),
        }
    }
}

async fn run<'g>(handle: Handle<'g>, op: &'g Op) -> u32 {
    let co = handle.co();
    match op {
        Op::Yield(n) => co.yield_(*n).await,
        Op::Nothing => 1,
        Op::Raise(n) => co.raise(Oops(*n)).await,
        Op::Sequence(ops) => {
            let mut sum = 0_u32;
            for op in ops {
                sum = sum.wrapping_add(handle.block(op).await);
            }
            sum
        }
        Op::Join(ops) => {
            let [a, b] = &**ops;
            let (a, b) = join(handle.block(a), handle.block(b)).await;
            a.wrapping_mul(3).wrapping_add(b)
        }
        Op::Select(ops) => {
            let [a, b] = &**ops;
            let (first, _) = select(handle.block(a), handle.block(b))
                .await
                .factor_first();
            first
        }
        Op::Catch(op) => match co.catch(handle.block(op)).await {
            Ok(value) => value,
            Err(exception) => co.yield_(oops(&exception)).await,
        },
    }
}

fn oops(exception: &Exception) -> u32 {
    exception
        .downcast_ref::<Oops>()
        .map_or(0, |oops| oops.0.unsigned_abs())
}

/// The results of driving a generator at random.
fn log(mut g: LocalBoxGen<'_, u32, u32, u32>, throws: bool, random: &mut Random) -> Vec<String> {
    let mut log = vec![format!(
        "{:?}",
        g.start().map_err(|error| error.to_string())
    )];
    for n in 0..40 {
        let step = if throws && random.below(8) == 0 {
            g.throw(Oops(n)).map_err(|error| match error {
                ThrowError::Raised(exception) => oops(&exception).to_string(),
                error => error.to_string(),
            })
        } else {
            g.send(n.unsigned_abs()).map_err(|error| match error {
                SendError::Raised(exception) => oops(&exception).to_string(),
                error => error.to_string(),
            })
        };
        let is_over = !matches!(step, Ok(Step::Yielded(_)));
        log.push(format!("{step:?}"));
        if is_over {
            break;
        }
    }
    log
}

#[test]
fn random_bodies_do_the_same_awaited_and_called() {
    let cases = if cfg!(miri) { 20 } else { 20_000 };
    for seed in 0..cases {
        // After a throw, the order of yields that are awaited side by side may differ.
        let throws = seed % 2 == 0;
        let op = &Random(seed).op(4, false, throws);
        let awaited = generator(|co| run(Handle::Awaits(co), op)).boxed_local();
        let called = recursive(|co| run(Handle::Calls(co), op)).boxed_local();
        let expected = log(awaited, throws, &mut Random(seed));
        assert_eq!(
            log(called, throws, &mut Random(seed)),
            expected,
            "{seed}: {op:?}"
        );
    }
}
