//! The forms of a generator that the cases run through, and the ways to drive them.

use std::cell::OnceCell;
use std::pin::Pin;
use std::rc::Rc;

use cogen::{
    CloseError, Closing, Exception, Frame, Generator, LocalBoxGen, SendError, Shared, StartError,
    State, Step, ThrowError, WeakShared, generator,
};

use crate::body::{self, World};
use crate::case::Case;
use crate::error::{PyError, STOP_ITERATION, Value};
use crate::verdict::{Verdict, judge};

/// A generator in some form. It closes when it is dropped, as Python's do.
pub(crate) trait Gen:
    Generator<Yield = Value, Send = Value, Return = Value> + Unpin + 'static
{
}

impl<G: Generator<Yield = Value, Send = Value, Return = Value> + Unpin + 'static> Gen for G {}

/// What a body may have of its own generator.
pub(crate) type Own<F> = Rc<OnceCell<<F as Form>::Weak>>;

/// A form: how to make a generator of a body.
pub(crate) trait Form: Sized + 'static {
    type Gen: Gen;
    type Weak;

    /// A generator of body `index`.
    fn make(world: &World<Self>, index: usize, arg: Value) -> Self::Gen {
        Self::make_own(world, Own::<Self>::default(), index, arg)
    }

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen;

    /// The own generator, if a body can have it.
    fn again(own: &Own<Self>) -> Option<Self::Gen>;
}

type Body = Pin<Box<dyn Future<Output = Value>>>;
type Pinned = Pin<Box<Frame<'static, Value, Value, Body>>>;

fn pinned<F: Form>(world: &World<F>, own: Own<F>, index: usize, arg: Value) -> Pinned {
    let world = world.clone();
    Box::pin(generator(move |co| -> Body {
        Box::pin(body::run(co, world, own, index, arg))
    }))
}

pub(crate) struct IsPinned;

impl Form for IsPinned {
    type Gen = Closing<Pinned>;
    type Weak = ();

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        pinned(world, own, index, arg).closing()
    }

    fn again(_: &Own<Self>) -> Option<Self::Gen> {
        None
    }
}

pub(crate) struct IsBoxed;

impl Form for IsBoxed {
    type Gen = LocalBoxGen<'static, Value, Value, Value>;
    type Weak = ();

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        let world = world.clone();
        generator(move |co| body::run(co, world, own, index, arg)).boxed_local()
    }

    fn again(_: &Own<Self>) -> Option<Self::Gen> {
        None
    }
}

pub(crate) struct IsShared;

impl Form for IsShared {
    type Gen = Shared<Pinned>;
    type Weak = WeakShared<Pinned>;

    fn make_own(world: &World<Self>, own: Own<Self>, index: usize, arg: Value) -> Self::Gen {
        let shared = pinned(world, own.clone(), index, arg).shared();
        let _new = own.set(shared.downgrade());
        shared
    }

    fn again(own: &Own<Self>) -> Option<Self::Gen> {
        own.get()?.upgrade()
    }
}

/// A form and a mode: the name, and what runs a case through it.
pub(crate) type Run = (&'static str, Mode, fn(&'static Case, Mode) -> Verdict);

/// All forms in all modes.
pub(crate) fn runs() -> Vec<Run> {
    let forms: [Run; 3] = [
        ("boxed", Mode::default(), judge::<IsBoxed>),
        ("pinned", Mode::default(), judge::<IsPinned>),
        ("shared", Mode::default(), judge::<IsShared>),
    ];
    let modes = Mode::ALL.iter();
    modes
        .flat_map(|mode| forms.map(|(form, _, judge)| (form, *mode, judge)))
        .collect()
}

/// How generators are driven.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mode {
    /// With the async methods.
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

    /// Python's `next(g)`: nothing is sent.
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

/// PEP 479: `StopIteration` does not leave a body. The crate needs no such rule, as a return is not
/// an exception here; only these cases do.
fn leaving(exception: Exception) -> Exception {
    if PyError::of(&exception).is(STOP_ITERATION) {
        return PyError::new("RuntimeError", None).into();
    }
    exception
}

pub(crate) fn name(state: State) -> &'static str {
    match state {
        State::Created => "created",
        State::Suspended => "suspended",
        State::Running => "running",
        State::Closed => "closed",
    }
}
