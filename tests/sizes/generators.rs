//! The size of the futures that the handle of a body and the ends of a stage make, and of those that drive a generator.

use cogen::pipeline::Ends;
use cogen::{Co, Frame, GeneratorExit, GeneratorExt as _, generator};
use std::future::pending;

use crate::table::{LEAF, LEVEL, OWNER, direct, judge, nested};

type Handle = Co<'static, u32>;
type StageEnds = Ends<'static, u32, u32>;

async fn leaf(co: Handle) {
    let buffer = [0_u8; LEAF];
    co.yield_(1).await;
    std::hint::black_box(&buffer);
}

async fn emitting(io: StageEnds) {
    let buffer = [0_u8; LEAF];
    io.emit(1).await;
    std::hint::black_box(&buffer);
}

async fn waiting(_nothing: ()) {
    let buffer = [0_u8; LEAF];
    pending::<()>().await;
    std::hint::black_box(&buffer);
}

#[test]
fn a_level_of_a_scope_in_a_body_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "catch", LEVEL, leaf(co: Handle), |below| co.catch(below(co)).await);
    nested!(rows, "catch_as", LEVEL, leaf(co: Handle), |below| {
        co.catch_as::<GeneratorExit, _>(below(co)).await
    });
    nested!(rows, "finally", LEVEL, leaf(co: Handle), |below| {
        co.finally(below(co), async {}).await
    });
    nested!(rows, "finally: its clean-up", LEVEL, leaf(co: Handle), |below| {
        co.finally(async {}, below(co)).await
    });
    judge(&rows);
}

#[test]
fn scopes_of_a_body_in_one_another_add_no_more() {
    let mut rows = Vec::new();
    direct!(rows, "catch", LEVEL, leaf(co: Handle), |below| co.catch(below(co)));
    direct!(rows, "catch_as", LEVEL, leaf(co: Handle), |below| {
        co.catch_as::<GeneratorExit, _>(below(co))
    });
    direct!(rows, "finally", LEVEL, leaf(co: Handle), |below| {
        co.finally(below(co), async {})
    });
    judge(&rows);
}

#[test]
fn a_level_of_a_scope_in_a_stage_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "io.catch", LEVEL, emitting(io: StageEnds), |below| io.catch(below(io)).await);
    nested!(rows, "io.catch_as", LEVEL, emitting(io: StageEnds), |below| {
        io.catch_as::<GeneratorExit, _>(below(io)).await
    });
    nested!(rows, "io.finally", LEVEL, emitting(io: StageEnds), |below| {
        io.finally(below(io), async {}).await
    });
    nested!(rows, "io.finally: its clean-up", LEVEL, emitting(io: StageEnds), |below| {
        io.finally(async {}, below(io)).await
    });
    judge(&rows);
}

#[test]
fn a_level_of_delegation_adds_a_frame() {
    let mut rows = Vec::new();
    nested!(rows, "yield_from", OWNER, leaf(co: Handle), |below| {
        let sub: Frame<'static, u32, (), _> = generator(below);
        co.yield_from(sub).await
    });
    judge(&rows);
}

#[test]
fn a_level_of_a_drive_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "drive_async", OWNER, waiting(_nothing: ()), |below| {
        generator(|_: Co<'_, ()>| below(())).drive_async(async |()| ()).await
    });
    nested!(rows, "drive_async: its handler", OWNER, waiting(_nothing: ()), |below| {
        generator(|co: Co<'_, ()>| co.yield_(())).drive_async(async |()| below(()).await).await
    });
    nested!(rows, "try_drive_async", OWNER, waiting(_nothing: ()), |below| {
        let handler = async |()| Ok::<_, GeneratorExit>(());
        generator(|_: Co<'_, ()>| below(())).try_drive_async(handler).await
    });
    nested!(rows, "try_drive_async: its handler", OWNER, waiting(_nothing: ()), |below| {
        let handler = async |()| Ok::<_, GeneratorExit>(below(()).await);
        generator(|co: Co<'_, ()>| co.yield_(())).try_drive_async(handler).await
    });
    nested!(rows, "into_future", OWNER, waiting(_nothing: ()), |below| {
        generator(|_: Co<'_, ()>| below(())).into_future().await
    });
    judge(&rows);
}
