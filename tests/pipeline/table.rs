//! Every stage, at every position, run in every way, gives what the model gives.

use cogen::pipeline::{BoxStage, Pipeline, Stage, source};

use crate::forms::{Form, HERE, drained};
use crate::kit::Random;
use crate::ops::{ALL, Op, Visit, model, pipe};

const NEIGHBOURS: &[[Op; 2]] = &[
    [Op::Map, Op::Map],
    [Op::Chunks(2), Op::TakeWhile(3)],
    [Op::BodyFlushes, Op::Take(2)],
    [Op::FlatMap, Op::Weighed(5)],
    [Op::Skip(1), Op::Body],
];

const LENGTHS: &[i64] = if cfg!(miri) { &[0, 5] } else { &[0, 1, 5, 20] };

/// Runs `stage` at each position.
struct AtPosition {
    position: usize,
    neighbours: [Op; 2],
    form: Form,
    items: Vec<i64>,
}

impl Visit for AtPosition {
    type Output = Vec<i64>;

    fn visit<S: Stage<In = i64, Item = i64> + Send + 'static>(self, stage: S) -> Vec<i64> {
        let [a, b] = self.neighbours.map(Op::boxed);
        match self.position {
            0 => self.form.outputs(&self.items, stage.pipe(a).pipe(b)),
            1 => self.form.outputs(&self.items, a.pipe(stage).pipe(b)),
            _ => self.form.outputs(&self.items, a.pipe(b.pipe(stage))),
        }
    }
}

fn check_at_each_position(op: Op, neighbours: [Op; 2], length: i64, form: Form) {
    let [a, b] = neighbours;
    for (position, ops) in [[op, a, b], [a, op, b], [a, b, op]].into_iter().enumerate() {
        let items: Vec<_> = (1..=length).collect();
        let expected = model(&ops, &items);
        let seen = op.with(AtPosition {
            position,
            neighbours,
            form,
            items,
        });
        assert_eq!(seen, expected, "{ops:?} of {length} items, {form:?}");
    }
}

#[test]
fn every_stage_at_every_position_in_every_form() {
    let neighbours = if cfg!(miri) {
        &NEIGHBOURS[..2]
    } else {
        NEIGHBOURS
    };
    let mut cases = 0;
    for &op in ALL {
        for &neighbours in neighbours {
            for &length in LENGTHS {
                // Under Miri each case runs in one form, and each form in some of the cases.
                let forms = if cfg!(miri) {
                    &HERE[cases / 3 % HERE.len()..][..1]
                } else {
                    HERE
                };
                for &form in forms {
                    check_at_each_position(op, neighbours, length, form);
                    cases += 3;
                }
            }
        }
    }
    println!("{cases} cases");
}

#[test]
fn a_stage_that_is_not_send_in_a_box_of_its_own() {
    for op in [Op::LocalBoxed, Op::Body, Op::Chunks(2)] {
        let items: Vec<_> = (1..=5).collect();
        let pipeline = source(items.clone()).pipe(op.local()).pipe(op.local());
        assert_eq!(drained(pipeline), model(&[op, op], &items), "{op:?}");
    }
}

struct RandomCase {
    ops: Vec<Op>,
    items: Vec<i64>,
    expected: Vec<i64>,
}

fn random_case(random: &mut Random) -> RandomCase {
    let ops: Vec<_> = (0..=random.below(6)).map(|_| Op::random(random)).collect();
    let first = i64::try_from(random.below(50)).unwrap() - 25;
    let length = i64::try_from(random.below(25)).unwrap();
    let items: Vec<_> = (first..first + length).collect();
    let expected = model(&ops, &items);
    RandomCase {
        ops,
        items,
        expected,
    }
}

/// Checks random cases: fewer of them under Miri.
fn for_random_cases(miri: usize, native: usize, mut check: impl FnMut(&mut Random, RandomCase)) {
    let mut random = Random::from_env();
    for _ in 0..if cfg!(miri) { miri } else { native } {
        let case = random_case(&mut random);
        check(&mut random, case);
    }
}

#[test]
fn random_pipelines_in_every_form() {
    for_random_cases(6, 600, |_, case| {
        for &form in HERE {
            let seen = form.outputs(&case.items, pipe(&case.ops));
            assert_eq!(
                seen, case.expected,
                "{:?} {:?} {form:?}",
                case.ops, case.items
            );
        }
    });
}

#[test]
fn pipes_are_associative() {
    for_random_cases(4, 200, |random, case| {
        let (ops, expected) = (case.ops, case.expected);
        let (above, below) = ops.split_at(random.below(ops.len()));
        let right = above.iter().rev().fold(pipe(below), |below, op| {
            BoxStage::new(op.boxed().pipe(below))
        });
        assert_eq!(drained(source(case.items).pipe(right)), expected, "{ops:?}");
    });
}

#[test]
fn a_random_pipeline_that_is_closed_half_way_gave_the_first_items() {
    for_random_cases(6, 600, |random, case| {
        let (ops, expected) = (case.ops, case.expected);
        let wanted = random.below(expected.len() + 2);
        let mut pipeline = source(case.items).pipe(pipe(&ops));
        let seen: Vec<_> = pipeline.iter().take(wanted).collect();
        cogen::pipeline::Source::close(&mut pipeline);
        assert_eq!(seen, expected[..wanted.min(expected.len())], "{ops:?}");
        assert!(pipeline.iter().next().is_none(), "{ops:?}");
        pipeline.outcome().unwrap();
    });
}

#[test]
fn a_random_pipeline_that_is_fed_has_the_items_as_soon_as_when_it_is_pulled() {
    use cogen::pipeline::{Sink, for_each};
    use std::cell::RefCell;

    for_random_cases(4, 300, |_, case| {
        let (ops, expected) = (case.ops, case.expected);
        let seen = RefCell::new(Vec::new());
        let mut push = pipe(&ops)
            .to(for_each(|n| seen.borrow_mut().push(n)))
            .pushed();
        for (count, &n) in case.items.iter().enumerate() {
            let _ended = push.feed(n);
            let seen = seen.borrow();
            // Items that come later do not change what is already out.
            assert_eq!(*seen, expected[..seen.len()], "{ops:?} after {count}");
        }
        push.finish().unwrap();
        assert_eq!(*seen.borrow(), expected, "{ops:?}");
    });
}
