use cogen::process::job;
use futures::{Stream, stream};

use crate::pool;

fn square(n: u64) -> u64 {
    n * n
}

fn upto(n: u64) -> impl Stream<Item = u64> {
    stream::iter(0..n)
}

#[test]
fn jobs_and_pools_are_shown() {
    let pool = pool(1);
    let result = pool.apply_async(job!(square), 7);
    let all = pool.map(job!(square), [1, 2]);
    let items = pool.stream(job!(stream upto), [3]);
    pool.close();
    pool.join().unwrap();
    let shown: [&dyn std::fmt::Debug; 6] = [
        &job!(square),
        &job!(stream upto),
        &result,
        &all,
        &items,
        &pool,
    ];
    assert_eq!(
        shown.map(|value| format!("{value:?}")),
        [
            "Job { .. }",
            "StreamJob { .. }",
            "AsyncResult(Mailbox { arrived: 1, open: 0, .. })",
            "MapResult(Mailbox { arrived: 2, open: 0, .. })",
            "Items(Mailbox { arrived: 3, open: 0, .. })",
            "ProcessPool { pids: [], .. }",
        ]
    );
}
