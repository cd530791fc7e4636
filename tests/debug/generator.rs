use std::future::ready;

use cogen::{
    CloseError, Co, Exception, Generator, GeneratorExit, LocalBoxGen, RecursiveCo, SendError,
    generator, recursive, with_callers_waker,
};
use futures::stream;

use crate::{Plain, shows};

/// Runs `test` with the handle of a body that does nothing.
fn with_co(test: impl FnOnce(Co<'_, Plain, Plain>)) {
    let _ = generator(|co| {
        test(co);
        ready(())
    });
}

fn frame() -> impl Generator<Yield = Plain, Resume = Plain, Return = Plain> + std::fmt::Debug {
    generator(|co: Co<'_, Plain, Plain>| async move { co.yield_(Plain).await })
}

#[test]
fn generators() {
    let boxed =
        || generator(|co: Co<'_, Plain, Plain>| async move { co.yield_(Plain).await }).boxed();
    let local = || -> LocalBoxGen<'_, Plain, Plain, Plain> {
        generator(|co: Co<'_, Plain, Plain>| async move { co.yield_(Plain).await }).boxed_local()
    };
    let mut lent = generator(|co: Co<'_, Plain>| async move { co.yield_(Plain).await }).boxed();
    let shared = boxed().shared();
    shows! {
        frame() => "Frame { id: #, .. }",
        recursive(|_: RecursiveCo<'_, Plain, Plain>| ready(Plain)) => "Recursive { id: #, .. }",
        boxed() => "BoxGen { state: Created, .. }",
        local() => "LocalBoxGen { state: Created, .. }",
        shared.downgrade() => "WeakShared { .. }",
        shared => "Shared { state: Created, .. }",
        cogen::KeptReturn::<Plain>::new() => "KeptReturn { kept: false, .. }",
        cogen::from_iter([Plain]) => "FromIter { state: Created, .. }",
        cogen::from_iter([Plain]).boxed() => "BoxGen { state: Created, .. }",
        lent.iter() => "Iter { generator: BoxGen { state: Created, .. } }",
    }
    let mut boxed = boxed();
    let _ = boxed.start();
    shows! { boxed => "BoxGen { state: Suspended, .. }" }
}

#[test]
fn what_a_body_awaits() {
    with_co(|co| {
        shows! {
            co => "Co { id: # }",
            co.yield_(Plain) => "Yield { id: #, state: YieldState(0), .. }",
            co.raise(GeneratorExit::new()) => "Raise { exception: Some(GeneratorExit), .. }",
            co.catch(ready(Plain)) => "Catch { id: #, ended: false, .. }",
            co.catch_as::<GeneratorExit, _>(ready(Plain)) => "CatchAs { co: Co { id: # }, .. }",
            co.catch_exception(ready(Plain)) => "CatchException { co: Co { id: # }, .. }",
            co.finally(ready(Plain), ready(())) => "Finally { co: Co { id: # }, .. }",
            co.yield_all([Plain]) => "YieldAll { co: Co { id: # }, .. }",
            co.yield_all_stream(stream::empty()) => "YieldAllStream { co: Co { id: # }, .. }",
            co.yield_all_with([Plain], |_| Ok::<_, Exception>(())) => "YieldAllWith { co: Co { id: # }, .. }",
            co.yield_from(frame()) => "YieldFrom { co: Co { id: # }, ended: false, .. }",
            with_callers_waker(ready(1)) => "WithCallersWaker { future: Ready(Some(1)) }",
        }
    });
    let _ = recursive(|recursive_co: RecursiveCo<'_, Plain, Plain>| {
        shows! {
            recursive_co => "RecursiveCo { id: # }",
            recursive_co.call(ready(Plain)) => "Call { id: #, .. }",
        }
        ready(())
    });
}

#[test]
fn errors() {
    shows! {
        GeneratorExit::new() => "GeneratorExit",
        GeneratorExit::with(1) => "GeneratorExit(..)",
        Exception::new("wrong") => "\"wrong\"",
        Exception::new(GeneratorExit::new()) => "GeneratorExit",
        SendError::JustStarted(Plain) => "JustStarted(..)",
        SendError::Running(Plain) => "Running(..)",
        SendError::Finished(Plain) => "Finished(..)",
        SendError::Awaiting(Plain) => "Awaiting(..)",
        SendError::TooDeep(Plain) => "TooDeep(..)",
        SendError::Pending(Some(Plain)) => "Pending(Some(..))",
        SendError::Pending(None::<Plain>) => "Pending(None)",
        SendError::<Plain>::Raised(Exception::new("wrong")) => "Raised(\"wrong\")",
        CloseError::Ignored(Plain) => "Ignored(..)",
        CloseError::<Plain>::Running => "Running",
        CloseError::<Plain>::Pending => "Pending",
        CloseError::<Plain>::TooDeep => "TooDeep",
        CloseError::<Plain>::Raised(Exception::new("wrong")) => "Raised(\"wrong\")",
    }
}
