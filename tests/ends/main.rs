//! Every way in which a generator ends, and every way to consume it: what the consumer sees. No cell is silent.
//!
//! `consumers.rs` has what consumes, `bodies.rs` what ends. Each cell is checked for a pinned, a boxed and a shared
//! generator, which are seen as the same.

mod bodies;
mod consumers;
#[path = "../support/mod.rs"]
#[allow(unused_imports, unused_macros, reason = "each test uses a part of it")]
mod support;

use std::fmt::Write;

use bodies::{End, Ends, body, caught, inside_itself, short, told};
use consumers::{Consume, rows};

use cogen::generator;

/// A row for each consumer. A column for each way in which the body ends when it has yielded once: it returns, raises an
/// error, panics, or awaits what is not ready; or it consumes its own generator, which is running. "dropped" is that the
/// consumer stops at the first yield, and the clean-up fails at the drop: the hook is told.
///
/// "kept" is what `take_return` gives afterwards: the value or the error.
const TABLE: &str = "
consumer         | returns                       | raises                        | panics          | awaits                   | running                   | dropped
for              | ends, value kept              | panics: oops 7, error kept    | panics: a bug   | panics: awaits a future  | panics: already executing | told: oops 9
iter             | ends, value kept              | panics: oops 7, error kept    | panics: a bug   | panics: awaits a future  | panics: already executing | told: oops 9
collect          | ends, value kept              | panics: oops 7, error kept    | panics: a bug   | panics: awaits a future  | panics: already executing | told: oops 9
results          | ends, value kept              | error: oops 7                 | panics: a bug   | error: awaits a future   | error: already executing  | told: oops 9
yield_all        | ends, value kept              | raises: oops 7                | panics: a bug   | raises: awaits a future  | raises: already executing | told: oops 9
yield_from       | ends                          | raises: oops 7                | panics: a bug   | waits                    | raises: already executing | told: oops 9
stream           | ends, value kept              | panics: oops 7, error kept    | panics: a bug   | waits                    | panics: already executing | told: oops 9
stream results   | ends, value kept              | error: oops 7                 | panics: a bug   | waits                    | error: already executing  | told: oops 9
yield_all_stream | ends, value kept              | panics: oops 7, error kept    | panics: a bug   | waits                    | panics: already executing | told: oops 9
try_stream       | ends                          | error: oops 7                 | panics: a bug   | waits                    | error: already executing  | told: oops 9
pipeline         | ends                          | error: oops 7                 | panics: a bug   | error: awaits a future   | error: already executing  | told: oops 9
drive            | ends                          | error: oops 7                 | panics: a bug   | error: awaits a future   | error: already executing  | told: oops 9
drive_async      | ends                          | error: oops 7                 | panics: a bug   | waits                    | error: already executing  | told: oops 9
sink             | error: generator has finished | error: oops 7                 | panics: a bug   | waits                    | error: already executing  | told: oops 9
";

#[test]
fn every_end_is_seen_by_every_consumer() {
    let seen = rows().join("\n");
    let (_head, expected) = TABLE.trim().split_once('\n').unwrap();
    assert!(seen == expected, "what is seen is now\n{seen}\n");
}

/// What a consumer sees of one generator.
fn seen<C: Consume, G: Ends>(g: &mut G) -> String {
    let mut seen = caught(|| C::consume(g));
    match g.take_return() {
        None => {}
        Some(Ok(_)) => seen += ", value kept",
        Some(Err(_)) => seen += ", error kept",
    }
    seen
}

/// What the hook is told where a consumer stops at the first yield, and the generator is dropped.
fn told_of<C: Consume, G: Ends>(mut g: G) -> String {
    let told = told(|| {
        C::leave(&mut g);
        drop(g);
    });
    match &told[..] {
        [] => "destructors run".to_owned(),
        [once] => format!("told: {}", short(once)),
        more => format!("told more than once: {more:?}"),
    }
}

fn row<C: Consume>(name: &str) -> String {
    let make = |end| move |co| body(co, end);
    let mut row = format!("{name:16}");
    for (end, width) in [
        (End::Returns, 29),
        (End::Raises, 29),
        (End::Panics, 15),
        (End::Awaits, 24),
    ] {
        let pinned = seen::<C, _>(&mut Box::pin(generator(make(end))));
        let boxed = seen::<C, _>(&mut generator(make(end)).boxed_local());
        let shared = seen::<C, _>(&mut generator(make(end)).shared());
        assert_eq!((&pinned, &pinned), (&boxed, &shared), "{name}, {end:?}");
        let _ = write!(row, " | {pinned:width$}");
    }
    let running = inside_itself::<C>();
    let boxed = told_of::<C, _>(generator(make(End::Dropped)).boxed_local());
    let shared = told_of::<C, _>(generator(make(End::Dropped)).shared());
    assert_eq!(boxed, shared, "{name}, dropped");
    // A generator in place is dropped as it is, so that its clean-up does not run, as for any Rust value.
    let pinned = told_of::<C, _>(Box::pin(generator(make(End::Dropped))));
    assert!(
        pinned == "destructors run" || pinned == boxed,
        "{name}: {pinned}"
    );
    row + &format!(" | {running:25} | {boxed}")
}
