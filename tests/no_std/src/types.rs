//! The types that must stay on the thread where they were made; this is checked when the file is compiled.

use core::future::Ready;

use cogen::{Call, Catch, Co, Frame, Raise, Recursive, RecursiveCo, TryYield, Yield};

struct Here;
struct Elsewhere;

/// Has two implementations for types that are `Send`, so that the one that is meant cannot be inferred.
trait NotSend<Which> {
    const OK: () = ();
}
impl<T: ?Sized> NotSend<Here> for T {}
impl<T: ?Sized + Send> NotSend<Elsewhere> for T {}

trait NotSync<Which> {
    const OK: () = ();
}
impl<T: ?Sized> NotSync<Here> for T {}
impl<T: ?Sized + Sync> NotSync<Elsewhere> for T {}

macro_rules! stay {
    ($($name:ty),* $(,)?) => {
        $(
            const _: () = <$name as NotSend<_>>::OK;
            const _: () = <$name as NotSync<_>>::OK;
        )*
    };
}

type Body = Ready<()>;

stay! {
    Co<'static, u8>, RecursiveCo<'static, u8>, Frame<'static, u8, (), Body>, Recursive<'static, u8, (), Body>,
    Yield<u8>, TryYield<u8>, Catch<u8, (), Body>, Raise<u8, ()>, Call<'static, u8, (), Body>,
    cogen::YieldAll<'static, u8, (), core::iter::Empty<u8>>, cogen::LocalBoxGen<'static, u8>,
    cogen::YieldFrom<'static, u8, (), cogen::LocalBoxGen<'static, u8>>,
    cogen::CatchAs<'static, u8, (), cogen::GeneratorExit, Body>, cogen::Finally<'static, u8, (), Body, Body>,
    cogen::adapt::Ask<'static, u8, u8, u8>, cogen::context::ContextManager<'static, u8>,
}
