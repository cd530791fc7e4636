use std::collections::HashMap;

use cogen::aio::{self, Error};
use cogen::process::{JobError, job};
use serde::{Deserialize, Serialize};

use crate::pool;

fn square(n: u64) -> u64 {
    n * n
}

#[test]
fn a_function_gives_its_value() {
    let pool = pool(1);
    assert_eq!(pool.apply_async(job!(square), 7).get(), Ok(49));
}

#[test]
fn a_closure_without_captures_is_a_job() {
    let pool = pool(1);
    let sum = job!(|(a, b): (u8, u8)| a + b);
    assert_eq!(pool.apply_async(sum, (1, 2)).get(), Ok(3));
}

#[test]
fn two_jobs_on_one_line_are_two() {
    macro_rules! both {
        ($one:expr, $other:expr) => {
            (job!($one), job!($other))
        };
    }
    let pool = pool(1);
    let (one, other) = both!(|n: i32| n + 1, |n: i32| n - 1);
    let values = (
        pool.apply_async(one, 0).get(),
        pool.apply_async(other, 0).get(),
    );
    assert_eq!(values, (Ok(1), Ok(-1)));
}

#[test]
fn a_map_keeps_the_order_of_the_items() {
    let pool = pool(3);
    let expected: Vec<u64> = (0..500).map(square).collect();
    assert_eq!(pool.map(job!(square), 0..500).get(), Ok(expected));
}

#[test]
fn a_map_of_nothing_is_empty() {
    let pool = pool(2);
    assert_eq!(pool.map(job!(square), []).get(), Ok(vec![]));
    assert_eq!(pool.imap_unordered(job!(square), []).get_next(), None);
}

#[test]
fn a_map_is_awaited_on_the_loop_beside_tasks() {
    let pool = pool(2);
    let values = aio::run(async {
        let squares = aio::create_task(pool.map(job!(square), 1..4));
        let other = aio::create_task(async { "turn" });
        aio::ok((other.await?, squares.await?))
    });
    assert_eq!(values.unwrap(), ("turn", vec![1, 4, 9]));
}

#[test]
fn imap_unordered_gives_each_value_once() {
    let pool = pool(3);
    let mut squares = pool.imap_unordered(job!(square), 0..200);
    let mut seen = aio::run(async {
        let mut seen = Vec::new();
        while let Some(square) = squares.next().await {
            seen.push(square?);
        }
        aio::ok(seen)
    })
    .unwrap();
    seen.sort_unstable();
    assert_eq!(seen, (0..200).map(square).collect::<Vec<_>>());
}

#[test]
fn imap_unordered_does_not_wait_for_the_slow() {
    // The first job ends when the second one has created the file.
    fn when_it_is_there((path, makes): (String, bool)) -> bool {
        if makes {
            std::fs::write(&path, "").unwrap();
        }
        while !std::fs::exists(&path).unwrap() {
            std::thread::yield_now();
        }
        makes
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made").to_str().unwrap().to_owned();
    let pool = pool(2);
    let items = [(path.clone(), false), (path, true)];
    let mut values = pool.imap_unordered(job!(when_it_is_there), items);
    let mut seen = vec![
        values.get_next().unwrap().unwrap(),
        values.get_next().unwrap().unwrap(),
    ];
    seen.sort_unstable();
    assert_eq!((seen, values.get_next()), (vec![false, true], None));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Circle { radius: f64 },
    Named(HashMap<String, Vec<Option<char>>>),
}

#[test]
fn types_of_the_user_cross_both_ways() {
    let pool = pool(1);
    let same = job!(|shape: Shape| Some(shape));
    for shape in [
        Shape::Circle { radius: 1.5 },
        Shape::Named([("é".to_owned(), vec![Some('𝄞'), None])].into()),
    ] {
        assert_eq!(pool.apply_async(same, shape.clone()).get(), Ok(Some(shape)));
    }
}

#[test]
fn megabytes_cross_both_ways() {
    let pool = pool(1);
    let reversed = job!(|mut bytes: Vec<u8>| {
        bytes.reverse();
        bytes
    });
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut expected = bytes.clone();
    expected.reverse();
    assert_eq!(pool.apply_async(reversed, bytes).get(), Ok(expected));
}

#[test]
fn an_error_of_the_function_is_its_text() {
    let pool = pool(1);
    let parse = job!(|text: String| text.parse::<u8>());
    assert_eq!(pool.apply_async(parse, "7".to_owned()).get(), Ok(7));
    let failed = JobError::Failed("number too large to fit in target type".to_owned());
    assert_eq!(pool.apply_async(parse, "700".to_owned()).get(), Err(failed));
}

#[test]
fn an_error_has_the_texts_of_its_sources() {
    #[derive(Debug, thiserror::Error)]
    #[error("no number")]
    struct NoNumber(#[from] std::num::ParseIntError);
    fn parse(text: String) -> Result<u8, NoNumber> {
        Ok(text.parse()?)
    }
    let pool = pool(1);
    let failed = pool.apply_async(job!(parse), "x".to_owned()).get();
    let text = "no number: invalid digit found in string".to_owned();
    assert_eq!(failed, Err(JobError::Failed(text)));
}

#[test]
fn an_error_is_an_error_of_the_loop() {
    let pool = pool(1);
    let failed: Result<(), Error> = aio::run(async {
        pool.apply_async(
            job!(|n: u8| Err::<u8, Error>(Error::new(format!("not {n}")))),
            1,
        )
        .await?;
        aio::ok(())
    });
    let error = failed.unwrap_err();
    let expected = JobError::Failed("not 1".to_owned());
    assert_eq!(error.downcast_ref(), Some(&expected));
}

fn add(a: u32, b: u32) -> u32 {
    a + b
}

async fn add_three(a: u32, b: u32, c: u32) -> u32 {
    a + b + c
}

fn words(text: String) -> std::collections::HashMap<String, usize> {
    text.split(' ')
        .map(|word| (word.to_owned(), word.len()))
        .collect()
}

#[test]
fn a_function_has_as_many_arguments_as_it_likes() {
    let pool = pool(2);
    assert_eq!(pool.map(job!(add), [(1, 2), (3, 4)]).get(), Ok(vec![3, 7]));
    assert_eq!(
        pool.apply_async(job!(async add_three), (1, 2, 3)).get(),
        Ok(6)
    );
    assert_eq!(
        pool.apply_async(job!(|(a, b): (u32, u32)| a * b), (3, 4))
            .get(),
        Ok(12)
    );
    assert_eq!(pool.apply_async(job!(|| 7), ()).get(), Ok(7));
    assert_eq!(
        pool.apply_async(job!(words), "a bc".to_owned())
            .get()
            .unwrap()["bc"],
        2
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Key {
    Number(i64),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    key: Key,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(flatten)]
    rest: HashMap<String, f64>,
}
aio::output!(Record);

#[test]
fn types_that_must_describe_themselves_are_sent() {
    let pool = pool(1);
    for key in [Key::Number(-7), Key::Text("t".into())] {
        let record = || Record {
            key: match &key {
                Key::Number(number) => Key::Number(*number),
                Key::Text(text) => Key::Text(text.clone()),
            },
            note: None,
            rest: HashMap::from([("x".to_owned(), 0.5)]),
        };
        assert_eq!(
            pool.apply_async(job!(|record: Record| record), record())
                .get(),
            Ok(record())
        );
    }
    let numbers = (u128::MAX, i128::MIN, u64::MAX, f32::MIN, 'ß', ());
    let same = job!(|numbers: (u128, i128, u64, f32, char, ())| numbers);
    assert_eq!(pool.apply_async(same, numbers).get(), Ok(numbers));
}
