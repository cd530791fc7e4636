//! Batches that are given when their time is over, where the items come from threads. The source goes on only when the
//! batches have come out, so a timer that does not fire is a test that hangs; how the items are divided is left open.

use std::sync::mpsc;
use std::time::Duration;

use cogen::pipeline::{
    BoxSource, LocalBoxSource, Pipeline, Sink, batch, for_each, parallel, source, threaded,
};

const SOON: Duration = Duration::from_millis(1);

fn comes_out<'a>(
    name: &str,
    pipe: impl FnOnce(BoxSource<'static, i64>) -> LocalBoxSource<'a, Vec<i64>>,
) {
    let (sender, receiver) = mpsc::channel();
    let mut sender = Some(sender);
    let mut batches = pipe(BoxSource::new(source(receiver).on_thread(4)));
    for round in 0..3 {
        let items = [2 * round, 2 * round + 1];
        for n in items {
            sender.as_ref().unwrap().send(n).unwrap();
        }
        let mut seen = Vec::new();
        while seen.len() < 2 {
            seen.extend(batches.iter().next().unwrap());
        }
        assert_eq!(seen, items, "{name}");
    }
    sender = None;
    assert!(batches.iter().next().is_none(), "{name}");
    assert!(sender.is_none());
}

#[test]
fn a_quiet_source_on_a_thread_gives_its_batch_in_time() {
    comes_out("above", |items| {
        LocalBoxSource::new(items.pipe(batch(10).within(SOON)))
    });
    comes_out("both on a thread", |items| {
        LocalBoxSource::new(items.pipe(batch(10).within(SOON)).on_thread(1))
    });
    comes_out("the stage on a thread", |items| {
        LocalBoxSource::new(items.pipe(threaded(4, batch(10).within(SOON))))
    });
    comes_out("the order is kept on several threads", |items| {
        let batches = parallel(2, || batch(10).within(SOON));
        let batches = items.pipe(batches).flat_map(|batch: Vec<i64>| batch);
        let mut seen = Vec::new();
        // Each thread has a batch of its own.
        LocalBoxSource::new(batches.filter_map(move |n| {
            seen.push(n);
            (seen.len() == 2).then(|| {
                seen.sort_unstable();
                std::mem::take(&mut seen)
            })
        }))
    });
    comes_out("in a merge", |items| {
        let none = source(Vec::<Vec<i64>>::new()).on_thread(1);
        let batches = items.map(|n| n).pipe(batch(10).within(SOON));
        LocalBoxSource::new(none.merge(batches))
    });
}

#[test]
fn so_does_a_sink_on_a_thread() {
    let (batches, given) = mpsc::channel();
    let sink = batch(10).within(SOON).to(for_each(move |batch: Vec<i64>| {
        batches.send(batch).unwrap();
    }));
    let mut push = sink.on_thread(4).pushed();
    for round in 0..3 {
        push.feed(round).unwrap();
        assert_eq!(given.recv().unwrap(), [round]);
    }
    push.finish().unwrap();
}
