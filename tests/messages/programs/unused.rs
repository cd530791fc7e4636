//! What does nothing until it is used.
#![deny(unused_must_use)]

use cogen::pipeline::{Pipeline, source};
use cogen::{BoxGen, Co, Generator, GeneratorExt, from_iter, generator, recursive};

fn boxed() -> BoxGen<'static, u32> {
    from_iter([1]).boxed()
}

fn main() {
    generator(|co: Co<'_, u32>| async move {
        co.yield_(1);
    });
    recursive(|co: cogen::RecursiveCo<'_, u32>| async move { co.yield_(1).await });
    boxed();
    boxed().shared();
    boxed().closing();
    boxed().iter();
    boxed().into_iter();
    boxed().into_stream();
    from_iter([1]);
    source([1]).map(|n| n);
    generator(|co: Co<'_, ()>| async move { co.yield_(()).await }).into_future();
}
