use cogen::process::{JobError, PoolError, ProcessPool, job};
use serde::{Deserialize, Serialize, Serializer};

use crate::pool;

#[test]
fn a_pool_of_no_workers_is_refused() {
    let error = ProcessPool::new(0).unwrap_err();
    assert!(matches!(error, PoolError::NoWorkers));
    assert_eq!(error.to_string(), "number of processes must be at least 1");
}

/// A value that can be read, but not sent.
#[derive(Debug, PartialEq, Deserialize)]
struct Unsendable(u8);

impl Serialize for Unsendable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no"))
    }
}

/// A value that can be sent, but not read.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "u8")]
struct Unreadable(u8);

impl TryFrom<u8> for Unreadable {
    type Error = &'static str;

    fn try_from(_: u8) -> Result<Self, Self::Error> {
        Err("no")
    }
}

#[track_caller]
fn assert_unfit<T: std::fmt::Debug>(outcome: Result<T, JobError>, starts: &str) {
    match outcome {
        Err(JobError::Serialisation(text)) => assert!(text.starts_with(starts), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_serde_cannot_send_fails_its_job_alone() {
    let pool = pool(1);
    let pid = pool.pids();
    let sent = pool.apply_async(job!(|it: Unsendable| it.0), Unsendable(1));
    assert_unfit(sent.get(), "the arguments cannot be sent: ");
    let read = pool.apply_async(job!(|it: Unreadable| it.0), Unreadable(1));
    assert_unfit(read.get(), "the arguments cannot be read: ");
    let value = pool.apply_async(job!(|n: u8| Some(Unsendable(n))), 1);
    assert_unfit(value.get(), "the value cannot be sent: ");
    let value = pool.apply_async(job!(|n: u8| Some(Unreadable(n))), 1);
    assert_unfit(value.get(), "the value cannot be read: ");
    let item = pool.stream(
        job!(stream |n: u8| futures::stream::iter([Some(Unsendable(n))])),
        [1],
    );
    assert_unfit({ item }.get_next().unwrap(), "the value cannot be sent: ");
    // The worker was not even replaced.
    assert_eq!(pool.apply_async(job!(|n: u8| n), 1).get(), Ok(1));
    assert_eq!(pool.pids(), pid);
}

#[test]
fn what_is_too_large_is_refused() {
    let pool = pool(1).message_limit(1000);
    let same = job!(|bytes: Vec<u8>| bytes.len());
    assert_eq!(pool.apply_async(same, vec![0; 997]).get(), Ok(997));
    let (size, limit) = (1001, 1000);
    let too_large = JobError::TooLarge { size, limit };
    assert_eq!(
        pool.apply_async(same, vec![0; 998]).get(),
        Err(too_large.clone())
    );
    assert_eq!(
        too_large.to_string(),
        "a message of 1001 bytes: the limit is 1000"
    );

    let made = job!(|n: usize| vec![1_u8; n]);
    assert_eq!(pool.apply_async(made, 997).get(), Ok(vec![1; 997]));
    assert_eq!(pool.apply_async(made, 998).get(), Err(too_large));
}

#[test]
fn a_job_finds_an_empty_standard_input() {
    let pool = pool(1);
    let read = job!(|()| std::io::read_to_string(std::io::stdin()));
    assert_eq!(pool.apply_async(read, ()).get(), Ok(String::new()));
    assert_eq!(pool.apply_async(read, ()).get(), Ok(String::new()));
}

/// Says why it is not sent, and why it is not read.
struct Socket(bool);

impl serde::Serialize for Socket {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0 {
            return Err(serde::ser::Error::custom("an open socket cannot be sent"));
        }
        to.serialize_bool(false)
    }
}

impl<'de> serde::Deserialize<'de> for Socket {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("a socket cannot be received"))
    }
}

#[test]
fn the_reasons_of_serde_are_kept() {
    let pool = pool(1);
    let reason = |error: JobError| match error {
        JobError::Serialisation(reason) => reason,
        other => panic!("{other:?}"),
    };
    let taken = pool.apply_async(job!(|_: Socket| 1_u8), Socket(true)).get();
    assert_eq!(
        reason(taken.unwrap_err()),
        "the arguments cannot be sent: an open socket cannot be sent"
    );
    let taken = pool
        .apply_async(job!(|_: Socket| 1_u8), Socket(false))
        .get();
    assert_eq!(
        reason(taken.unwrap_err()),
        "the arguments cannot be read: a socket cannot be received"
    );
    let given = pool
        .apply_async(job!(|open: bool| Some(Socket(open))), true)
        .get();
    let reason = given.map(drop).map_err(reason).unwrap_err();
    assert!(
        reason.ends_with("an open socket cannot be sent"),
        "{reason}"
    );
    let given = pool
        .apply_async(job!(|open: bool| Some(Socket(open))), false)
        .get();
    let reason = match given.map(drop).unwrap_err() {
        JobError::Serialisation(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason,
        "the value cannot be read: a socket cannot be received"
    );
}
