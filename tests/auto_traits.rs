//! Which types are `Send`, `Sync` and `Unpin`, and which must not be; this is checked when the file is compiled.
//! (Programs that must not compile: `src/doctests`.)

use std::cell::Cell;
use std::future::Ready;
use std::iter::Empty;
use std::rc::Rc;

use cogen::adapt::FromIter;
use cogen::context::{ContextManager, ExitStack};
use cogen::{
    ANext, BoxGen, Call, Catch, Closing, Co, Exception, Frame, Generator, GeneratorExit,
    LocalBoxGen, Recursive, SendError, Shared, Step, TryYield, WeakShared, Yield, YieldAll,
    YieldFrom, generator,
};

fn is_send<T: Send>(_: &T) {}
fn is_sync<T: Sync>(_: &T) {}
fn is_unpin<T: Unpin>(_: &T) {}

const fn send<T: Send>() {}
const fn sync<T: Sync>() {}
const fn unpin<T: Unpin>() {}

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

trait NotUnpin<Which> {
    const OK: () = ();
}
impl<T: ?Sized> NotUnpin<Here> for T {}
impl<T: ?Sized + Unpin> NotUnpin<Elsewhere> for T {}

macro_rules! never {
    ($not:ident: $($name:ty),* $(,)?) => {
        $(const _: () = <$name as $not<_>>::OK;)*
    };
}

type Local = LocalBoxGen<'static, u8>;
type NoThread = Ready<Rc<()>>;

never! {
    NotSend: Local, Shared<Local>, WeakShared<Local>, Closing<Local>, ANext<'static, Local>,
    Yield<Rc<()>>, TryYield<Rc<()>>, Step<Rc<()>, ()>, Frame<'static, u8, (), NoThread>,
    Recursive<'static, u8, (), NoThread>, Call<'static, u8, (), NoThread>, Catch<u8, (), NoThread>,
    YieldFrom<'static, u8, (), Local>, YieldAll<'static, Rc<()>, (), Empty<Rc<()>>>,
    ContextManager<'static, u8>, ExitStack<'static>,
}
never! {
    NotSync: Local, Shared<Local>, WeakShared<Local>,
    Frame<'static, u8, (), Ready<Cell<u8>>>, ContextManager<'static, u8>, ExitStack<'static>,
}
never! { NotUnpin: Yield<u8>, TryYield<u8>, Catch<u8, (), Yield<u8>>, Frame<'static, u8, (), Yield<u8>> }

const _: () = {
    send::<BoxGen<'static, Rc<()>, Rc<()>, Rc<()>>>();
    // A box gives nothing of the body through a shared reference.
    sync::<BoxGen<'static, Cell<u8>, Cell<u8>, Cell<u8>>>();
    unpin::<BoxGen<'static, u8>>();
    unpin::<FromIter<std::marker::PhantomPinned>>();
    unpin::<LocalBoxGen<'static, u8>>();
    send::<Co<'static, Rc<()>, Rc<()>>>();
    sync::<Co<'static, Rc<()>, Rc<()>>>();
    unpin::<Co<'static, Rc<()>>>();
    send::<Yield<u8, Rc<()>>>();
    send::<TryYield<u8, Rc<()>>>();
    send::<Exception>();
    sync::<Exception>();
    send::<GeneratorExit>();
    sync::<GeneratorExit>();
    send::<SendError<u8>>();
    sync::<SendError<u8>>();
    send::<Step<u8, u8>>();
};

#[test]
fn a_frame_is_send_if_its_body_is() {
    let frame = generator(|co: Co<'_, String, Vec<u8>>| async move {
        let kept = co.yield_(String::new()).await;
        let _ = co.try_yield(String::new()).await;
        let _ = co
            .catch_as::<GeneratorExit, _>(co.yield_(String::new()))
            .await;
        let _ = co
            .catch(async { co.yield_(String::new()).await.len() })
            .await;
        let _ = co.catch_exception(co.yield_(String::new())).await;
        co.finally(co.yield_(String::new()), async {}).await.len() + kept.len()
    });
    is_send(&frame);
    is_sync(&frame);
}

#[test]
fn a_frame_with_an_unpin_body_needs_no_pin() {
    let mut frame: Frame<'_, (), (), _> = generator(|_| std::future::ready(1));
    is_unpin(&frame);
    assert_eq!(frame.next().unwrap(), Step::Complete(1));
}

mod pipelines {
    use std::rc::Rc;

    use cogen::pipeline::{
        Body, BoxSink, BoxSource, BoxStage, Chunks, Ends, FeedError, FromIter, Input, Interrupted,
        LocalBoxSink, LocalBoxSource, LocalBoxStage, Merge, Pipe, Pipeline, Push, SinkBody, Stage,
        Take, Zip, collect, source, stage,
    };

    use super::{NoThread, NotSend, is_send, send};

    type Numbers = FromIter<std::vec::IntoIter<u8>>;

    const _: () = {
        send::<BoxSource<'static, Rc<()>>>();
        send::<BoxStage<'static, Rc<()>, Rc<()>>>();
        send::<BoxSink<'static, Rc<()>, Rc<()>>>();
        // These take items, and hold none.
        send::<Input<Rc<()>>>();
        send::<Take<Rc<()>>>();
        send::<Chunks<u8>>();
        send::<Pipe<Numbers, Input<u8>>>();
        send::<Merge<Numbers, Numbers>>();
        send::<Zip<Numbers, Numbers>>();
        send::<Push<cogen::pipeline::Collect<Vec<u8>, u8>>>();
        send::<FeedError<u8>>();
        send::<Interrupted<u8>>();
        send::<Ends<'static, Rc<()>, Rc<()>>>();
    };

    never! {
        NotSend: LocalBoxSource<'static, u8>, LocalBoxStage<'static, u8, u8>,
        LocalBoxSink<'static, u8, u8>, Chunks<Rc<()>>, FeedError<Rc<()>>, Interrupted<Rc<()>>,
        Body<'static, u8, u8, NoThread>, SinkBody<'static, u8, NoThread>,
    }

    fn in_between() -> impl Stage<In = String, Item = usize> {
        let stage = stage(|io: Ends<'static, String, usize>| async move {
            while let Some(text) = io.recv().await {
                io.emit(text.len()).await;
            }
        });
        is_send(&stage);
        stage
    }

    #[test]
    fn a_pipeline_is_send_if_its_stages_are() {
        let _stage = in_between();
        is_send(&source([1]).map(|n| n + 1));
        is_send(&collect::<Vec<u8>, u8>());
    }

    #[cfg(feature = "threads")]
    mod threads {
        use cogen::pipeline::{
            Collect, Input, OnThread, Parallel, Pipeline, SinkOnThread, map, parallel, source,
            threaded,
        };

        use super::{Numbers, is_send, send};

        const _: () = {
            send::<OnThread<'static, Numbers>>();
            send::<Parallel<'static, Input<u8>>>();
            send::<SinkOnThread<'static, Collect<Vec<u8>, u8>>>();
        };

        #[test]
        fn a_part_on_a_thread_can_itself_move_to_another() {
            is_send(&source([1]).on_thread(1).pipe(threaded(1, map(|n| n + 1))));
            is_send(&parallel(2, || map(|n: u8| n)));
        }
    }
}

/// All of the async API belongs to one thread, except for the types that are made for others.
#[cfg(feature = "aio")]
mod tasks {
    use cogen::aio::{
        AsCompleted, AsyncExitStack, AsyncGenerator, Barrier, BoundedSemaphore, CallbackId,
        Cancelled, Cloned, Condition, Deadlock, Error, Event, Gather, GatherAll, Handle, InThread,
        Lock, LockGuard, LoopGone, LoopHandle, Owned, Panicked, Permit, Promise, Queue,
        RemoteQueue, RemoteResult, RemoteTask, RunOptions, Runner, Semaphore, Shield, Signal,
        Sleep, Task, TaskGroup, TaskHandle, Timeout, Wait,
    };

    use super::{NotSend, NotSync, Rc, send, sync};

    never!(NotSend: RemoteResult<Rc<u8>>);

    const _: () = {
        send::<RemoteTask>();
        sync::<RemoteTask>();
        send::<LoopHandle>();
        send::<RunOptions>();
        sync::<RunOptions>();
        send::<Signal>();
        sync::<Signal>();
        sync::<LoopHandle>();
        send::<RemoteResult<u8>>();
        send::<RemoteQueue<u8>>();
        sync::<RemoteQueue<u8>>();
        send::<LoopGone>();
        send::<CallbackId>();
        send::<Error>();
        sync::<Error>();
        send::<Deadlock>();
        sync::<Deadlock>();
        send::<Panicked>();
        sync::<Panicked>();
        send::<Cancelled>();
        sync::<Cancelled>();
    };

    macro_rules! of_one_thread {
        ($($name:ty),* $(,)?) => {
            never!(NotSend: $($name),*);
            never!(NotSync: $($name),*);
        };
    }

    of_one_thread! {
        Task<u8>, TaskHandle, Promise<u8>, TaskGroup<'static>, Owned<Task<u8>>, Cloned<Task<u8>>,
        Sleep, Gather<Vec<Task<u8>>>, GatherAll<Vec<Task<u8>>>, Shield<Task<u8>>, Wait<Task<u8>>,
        AsCompleted<Task<u8>>, Timeout, Handle, Runner, InThread<u8>, AsyncGenerator<u8>,
        AsyncExitStack, Lock<u8>, LockGuard<'static, u8>, Semaphore, BoundedSemaphore,
        Permit<'static>, Event, Condition<u8>, Barrier, Queue<u8>,
    }
}
