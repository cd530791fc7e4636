//! A stage of straight-line code that receives every item and emits one in eight, run into a fold.

use cogen::pipeline::{Pipeline, source};
use cogen_bench::loops::operations;
use std::hint::black_box;

fn main() {
    let some = source(0..operations()).stage(|io| async move {
        while let Some(n) = io.recv().await {
            if black_box(n) % 8 == 0 {
                io.emit(n).await;
            }
        }
    });
    black_box(some.fold(0, |sum, n| sum + n).unwrap());
}
