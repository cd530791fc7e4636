//! The forms of generators that run the cases, and the ways to drive them.

use std::cell::OnceCell;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use cogen::{
    CloseError, Closing, Exception, Frame, Generator, LocalBoxGen, Recursive, SendError,
    StartError, State, Step, ThrowError, generator, recursive,
};
#[cfg(feature = "std")]
use cogen::{Shared, WeakShared};

use crate::body::{self, Handle, World};
use crate::case::Case;
use crate::error::{PyError, STOP_ITERATION, Value};
use crate::verdict::{Verdict, judge};

/// A generator in some form. It closes when dropped, as Python's do.
pub(crate) trait Gen:
    Generator<Yield = Value, Resume = Value, Return = Value> + Unpin + 'static
{
}

impl<G: Generator<Yield = Value, Resume = Value, Return = Value> + Unpin + 'static> Gen for G {}

/// A body's handle of its own generator.
pub(crate) type Own<F> = Rc<OnceCell<<F as Form>::Weak>>;

/// A form of generators: how to make one from a body.
pub(crate) trait Form: Sized + 'static {
    type Gen: Gen;
    type Weak;

    /// Makes a generator of body `index`.
    fn make(world: &World<Self>, index: usize, arg: Value) -> Self::Gen {
        Self::make_own(world, Own::<Self>::default(), index, arg)
    }

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen;

    /// A handle of the body's own generator, if the form allows one.
    fn again(own: &Own<Self>) -> Option<Self::Gen>;
}

type Body = Pin<Box<dyn Future<Output = Value>>>;

/// How the blocks of a body are run.
pub(crate) trait Kind: 'static {
    type Frame: Generator<Yield = Value, Resume = Value, Return = Value> + 'static;

    fn frame(body: impl FnOnce(Handle) -> Body) -> Self::Frame;

    fn boxed(frame: Self::Frame) -> LocalBoxGen<'static, Value, Value, Value>;
}

/// The blocks are awaited.
pub(crate) struct Awaits;

impl Kind for Awaits {
    type Frame = Frame<'static, Value, Value, Body>;

    fn frame(body: impl FnOnce(Handle) -> Body) -> Self::Frame {
        generator(|co| body(Handle::Awaits(co)))
    }

    fn boxed(frame: Self::Frame) -> LocalBoxGen<'static, Value, Value, Value> {
        frame.boxed_local()
    }
}

/// The blocks are called.
pub(crate) struct Calls;

impl Kind for Calls {
    type Frame = Recursive<'static, Value, Value, Body>;

    fn frame(body: impl FnOnce(Handle) -> Body) -> Self::Frame {
        recursive(|co| body(Handle::Calls(co)))
    }

    fn boxed(frame: Self::Frame) -> LocalBoxGen<'static, Value, Value, Value> {
        frame.boxed_local()
    }
}

type Pinned<K> = Pin<Box<<K as Kind>::Frame>>;

fn frame<F: Form, K: Kind>(world: &World<F>, own: Own<F>, index: usize, arg: Value) -> K::Frame {
    let world = world.clone();
    K::frame(move |co| -> Body { Box::pin(body::run(co, world, own, index, arg)) })
}

pub(crate) struct IsPinned<K>(PhantomData<K>);

impl<K: Kind> Form for IsPinned<K> {
    type Gen = Closing<Pinned<K>>;
    type Weak = ();

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        Box::pin(frame::<_, K>(world, own, index, arg)).closing()
    }

    fn again(_: &Own<Self>) -> Option<Self::Gen> {
        None
    }
}

pub(crate) struct IsBoxed<K>(PhantomData<K>);

impl<K: Kind> Form for IsBoxed<K> {
    type Gen = LocalBoxGen<'static, Value, Value, Value>;
    type Weak = ();

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        K::boxed(frame::<_, K>(world, own, index, arg))
    }

    fn again(_: &Own<Self>) -> Option<Self::Gen> {
        None
    }
}

#[cfg(feature = "std")]
pub(crate) struct IsShared<K>(PhantomData<K>);

#[cfg(feature = "std")]
impl<K: Kind> Form for IsShared<K> {
    type Gen = Shared<Pinned<K>>;
    type Weak = WeakShared<Pinned<K>>;

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        let shared = Box::pin(frame::<_, K>(world, own.clone(), index, arg)).shared();
        let _new = own.set(shared.downgrade());
        shared
    }

    fn again(own: &Own<Self>) -> Option<Self::Gen> {
        own.get()?.upgrade()
    }
}

/// A form and a mode: their name, and the function that runs a case with them.
pub(crate) type Run = (&'static str, Mode, fn(&'static Case, Mode) -> Verdict);

/// All forms in all modes.
pub(crate) fn runs() -> Vec<Run> {
    let mode = Mode::default();
    let forms: [Run; 4] = [
        ("boxed", mode, judge::<IsBoxed<Awaits>>),
        ("pinned", mode, judge::<IsPinned<Awaits>>),
        ("boxed, with calls", mode, judge::<IsBoxed<Calls>>),
        ("pinned, with calls", mode, judge::<IsPinned<Calls>>),
    ];
    #[cfg(not(feature = "std"))]
    let shared: [Run; 0] = [];
    #[cfg(feature = "std")]
    let shared: [Run; 2] = [
        ("shared", mode, judge::<IsShared<Awaits>>),
        ("shared, with calls", mode, judge::<IsShared<Calls>>),
    ];
    let forms: Vec<Run> = forms.into_iter().chain(shared).collect();
    let modes = Mode::ALL.iter();
    modes
        .flat_map(|mode| forms.iter().map(|(form, _, judge)| (*form, *mode, *judge)))
        .collect()
}

/// How generators are driven.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mode {
    /// Whether to use the async methods.
    pub(crate) asynchronous: bool,
}

/// How a resumption ended.
pub(crate) type Resumed = Result<Step<Value, Value>, Exception>;

impl Mode {
    const ALL: [Self; 2] = [
        Self {
            asynchronous: false,
        },
        Self { asynchronous: true },
    ];

    pub(crate) fn name(self) -> &'static str {
        if self.asynchronous { ", async" } else { "" }
    }

    /// Python's `next(g)`: sends nothing.
    pub(crate) async fn next(self, g: &mut impl Gen) -> Resumed {
        self.send(g, None).await
    }

    pub(crate) async fn send(self, g: &mut impl Gen, value: Value) -> Resumed {
        if value.is_none() && g.state() == State::Created {
            let started = if self.asynchronous {
                g.astart().await
            } else {
                g.start()
            };
            return match started {
                Err(StartError::Raised(exception)) => Err(leaving(exception)),
                started => Ok(started?),
            };
        }
        let sent = if self.asynchronous {
            g.asend(value).await
        } else {
            g.send(value)
        };
        match sent {
            Ok(step) => Ok(step),
            Err(SendError::Finished(_)) => Ok(Step::Complete(None)),
            Err(SendError::JustStarted(_)) => Err(PyError::new("TypeError", None).into()),
            Err(SendError::Raised(exception)) => Err(leaving(exception)),
            Err(error) => Err(error.without_value().into()),
        }
    }

    pub(crate) async fn throw(self, g: &mut impl Gen, error: PyError) -> Resumed {
        let ran = g.state() == State::Suspended;
        let thrown = if self.asynchronous {
            g.athrow(error.into_exception()).await
        } else {
            g.throw(error.into_exception())
        };
        match thrown {
            Err(ThrowError::Raised(exception)) if ran => Err(leaving(exception)),
            Err(ThrowError::Raised(exception)) => Err(exception),
            thrown => Ok(thrown?),
        }
    }

    pub(crate) async fn close(self, g: &mut impl Gen) -> Result<Value, CloseError<Value>> {
        let closed = if self.asynchronous {
            g.aclose().await
        } else {
            g.close()
        };
        match closed {
            Ok(value) => Ok(value.flatten()),
            Err(CloseError::Raised(exception)) => Err(CloseError::Raised(leaving(exception))),
            Err(error) => Err(error),
        }
    }
}

/// PEP 479: `StopIteration` does not leave a body. The crate needs no such rule, as a return is not an exception here;
/// only these cases need it.
fn leaving(exception: Exception) -> Exception {
    if PyError::of(&exception).is(STOP_ITERATION) {
        return PyError::new("RuntimeError", None).into();
    }
    exception
}

pub(crate) fn name(state: State) -> &'static str {
    match state {
        State::Created => "created",
        // DIFFERENCE: Python counts a generator that awaits as suspended.
        State::Suspended | State::Awaiting => "suspended",
        State::Running => "running",
        State::Closed => "closed",
    }
}
