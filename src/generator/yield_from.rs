use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use super::delegate::{Delegate, Delegated};
use super::errors::{CloseError, StartError};
use super::exit::GeneratorExit;
use super::protocol::Generator;
use super::recursion::RecursionError;
use super::state::State;
use crate::debug::debug;
use crate::frame::{self, Answer, Co, Event, Exception, Raise, Relay, is_too_deep};

impl<'g, Y, S> Co<'g, Y, S> {
    /// Delegates to another generator, `sub`: this one yields what `sub` yields; what this one is
    /// sent or thrown goes to `sub`; what `sub` returns is the result. Python: `result = yield from
    /// sub` (PEP 380).
    ///
    /// - `sub` is any generator that yields and is sent the same: a frame (in place, or pinned), a
    ///   [`BoxGen`](crate::BoxGen), a [`Shared`](crate::Shared), a `&mut` of one.
    /// - If it was started, it goes on: where it awaits, or from its yield, which receives a `()`. A yield that receives
    ///   another type has no value to go on with (`AlreadyStarted`): [`yield_from_with`](Self::yield_from_with) takes such
    ///   a generator, together with what it has yielded. If it has finished, the result is what a loop has seen it return,
    ///   or `()`.
    /// - It is driven as this generator is: synchronously, or with the context of an async caller.
    /// - An exception that is thrown goes to `sub`. If `sub` then yields, the throw gives what it yields; if it
    ///   returns, the delegation is over, and the body goes on; if it raises, that exception is raised here.
    /// - A [`GeneratorExit`], thrown or by [`close`](Generator::close), closes `sub`, which sees one of its own; then
    ///   the original one is raised here. If closing fails, that failure is raised instead.
    /// - `sub` is dropped before anything is raised here.
    ///
    /// # Exceptions
    ///
    /// Raised here: what `sub` raises. [`StartError`](crate::StartError) (`AlreadyStarted`, `Finished`,
    /// `Running`) if there is nothing to begin with. [`CloseError<()>`](CloseError) (`Ignored`) if it yields when it
    /// is closed. [`SendError<()>`](crate::SendError), [`ThrowError`](crate::ThrowError),
    /// [`NextError`](crate::NextError) if another owner drives it meanwhile.
    /// [`RecursionError`](crate::RecursionError) if too little of the thread's stack is left to resume it: then it is
    /// not resumed, and what was sent is lost. (If `sub` is a `&mut` to a generator, that generator can go on from a
    /// place that is less deep.)
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{BoxGen, Generator, Step, generator};
    ///
    /// fn count(to: u32) -> BoxGen<'static, u32, (), &'static str> {
    ///     generator(move |co| async move {
    ///         for n in 1..=to {
    ///             co.yield_(n).await;
    ///         }
    ///         "done"
    ///     })
    ///     .boxed()
    /// }
    ///
    /// let mut twice = generator(|co| async move {
    ///     let first = co.yield_from(count(2)).await;
    ///     (first, co.yield_from(count(1)).await)
    /// })
    /// .boxed();
    /// assert_eq!(twice.iter().collect::<Vec<_>>(), [1, 2, 1]);
    /// assert_eq!(twice.take_return().unwrap()?, ("done", "done"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn yield_from<G>(self, sub: G) -> YieldFrom<'g, Y, S, G>
    where
        G: Generator<Yield = Y, Resume = S>,
    {
        YieldFrom::new(self, sub, Relay::new(self))
    }

    /// [`yield_from`](Self::yield_from), with a generator that has been started and has yielded
    /// `first`.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, Step, generator};
    /// use std::pin::pin;
    ///
    /// let mut g = pin!(generator(|co| async move {
    ///     let (words, first) = Box::pin(generator(|co| async move {
    ///         co.yield_("peeked").await;
    ///         co.yield_("next").await;
    ///     }))
    ///     .primed()
    ///     .unwrap();
    ///     if let Step::Yielded(first) = first {
    ///         co.yield_from_with(words, first).await;
    ///     }
    /// }));
    /// assert_eq!(g.iter().collect::<Vec<_>>(), ["peeked", "next"]);
    /// ```
    #[inline]
    pub fn yield_from_with<G>(self, sub: G, first: Y) -> YieldFrom<'g, Y, S, G>
    where
        G: Generator<Yield = Y, Resume = S>,
    {
        YieldFrom::new(self, sub, Relay::yielding(self, first))
    }
}

/// A delegation: the future that [`Co::yield_from`] makes.
#[pin_project]
#[must_use = "a delegation does nothing until it is awaited"]
pub struct YieldFrom<'g, Y, S, G> {
    co: Co<'g, Y, S>,
    /// Yields what `sub` yields, in a scope of its own: what is thrown goes on to `sub`.
    #[pin]
    relay: Relay<Y, S>,
    /// `None`: dropped, as the delegation is over.
    #[pin]
    sub: Option<G>,
    /// What is done with `sub` when the outer generator is polled and nothing was yielded.
    next: Next<S>,
    #[pin]
    raising: Option<Raise<Y, S>>,
}

enum Next<S> {
    Start,
    Send(S),
    Continue,
    /// `sub` goes on being closed; then this exception is raised.
    Close(Exception),
}

impl<'g, Y, S, G> YieldFrom<'g, Y, S, G> {
    #[inline]
    fn new(co: Co<'g, Y, S>, sub: G, relay: Relay<Y, S>) -> Self {
        Self {
            co,
            relay,
            sub: Some(sub),
            next: Next::Start,
            raising: None,
        }
    }
}

impl<Y, S, G: Generator<Yield = Y, Resume = S>> Future for YieldFrom<'_, Y, S, G> {
    type Output = G::Return;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::Return> {
        let mut this = self.project();
        if let Some(raise) = this.raising.as_mut().as_pin_mut() {
            // Another exception was on its way.
            return raise.poll(cx).map(|never| -> G::Return { never });
        }
        let (mut sub, next) = (this.sub.as_mut(), this.next);
        let ended = this.relay.poll_with(cx, |event, foreign| {
            let Some(mut sub) = sub.as_mut().as_pin_mut() else {
                finished()
            };
            let (delegate, closing) = match event {
                Event::Sent(reply) => (Delegate::Send(reply), None),
                Event::Polled => match again(next, || sub.state()) {
                    Again::Resume(delegate, closing) => (delegate, closing),
                    Again::Finished => {
                        return Answer::End(outcome(sub.as_mut().take_kept_return()));
                    }
                },
                Event::Thrown(exception) => pass_on(exception),
            };
            let delegated = sub.resume_delegated(foreign, delegate);
            if let Some(exit) = closing {
                return close(delegated, exit, next);
            }
            match delegated {
                Delegated::Yielded(value) => Answer::Yield(value),
                Delegated::Complete(value) => Answer::End(Ok(value)),
                Delegated::Raised(exception) => Answer::End(Err(exception)),
                Delegated::Pending(unsent) => {
                    *next = unsent.map_or(Next::Continue, Next::Send);
                    Answer::Await
                }
            }
        });
        let Poll::Ready(ended) = ended else {
            return Poll::Pending;
        };
        this.sub.set(None);
        match ended {
            Ok(value) => Poll::Ready(value),
            Err(exception) => {
                this.raising.set(Some(this.co.raise(exception)));
                match this.raising.as_pin_mut() {
                    Some(raise) => raise.poll(cx).map(|never| -> G::Return { never }),
                    None => finished(),
                }
            }
        }
    }
}

#[cold]
#[inline(never)]
fn finished() -> ! {
    panic!("a delegation was polled after it had ended")
}

/// What to do with `sub` where nothing was yielded.
enum Again<S> {
    /// The exception is raised when it has been closed.
    Resume(Delegate<S>, Option<Exception>),
    /// It had finished before.
    Finished,
}

#[cfg_attr(debug_assertions, inline)]
#[cfg_attr(not(debug_assertions), inline(always))]
fn again<S>(next: &mut Next<S>, state: impl FnOnce() -> State) -> Again<S> {
    let (delegate, closing) = match mem::replace(next, Next::Continue) {
        // A box looks for room itself, at each resume. A generator of a concrete type does not, so that it costs
        // nothing: where there is no room it is not started, and this exception ends it.
        Next::Start if is_too_deep() => {
            let exception = Exception::new(RecursionError::default());
            (Delegate::Throw(exception), None)
        }
        Next::Start => match state() {
            State::Closed => return Again::Finished,
            state => (begin(state), None),
        },
        Next::Send(value) => (Delegate::Send(value), None),
        Next::Continue => (Delegate::Continue, None),
        Next::Close(exit) => (Delegate::Continue, Some(exit)),
    };
    Again::Resume(delegate, closing)
}

/// How a delegation begins. One that was started goes on, as in CPython, where it is sent a `None`. If it is to be sent
/// anything but `()`, there is no such value, and starting it raises `AlreadyStarted`.
#[cold]
fn begin<S>(state: State) -> Delegate<S> {
    match state {
        State::Suspended => frame::unit().map_or(Delegate::Start, Delegate::Send),
        State::Awaiting => Delegate::Continue,
        State::Created | State::Running | State::Closed => Delegate::Start,
    }
}

/// The result of a delegation to a generator that has finished: what a loop has seen it return, or raise. CPython's is
/// `None`, which is here `()`.
#[cold]
fn outcome<R>(kept: Option<Result<R, Exception>>) -> Result<R, Exception> {
    kept.or_else(|| frame::unit().map(Ok))
        .unwrap_or_else(|| Err(StartError::Finished.into_exception()))
}

/// The same for an exception that was thrown at the outer generator.
#[cold]
fn pass_on<S>(thrown: Exception) -> (Delegate<S>, Option<Exception>) {
    if thrown.is::<GeneratorExit>() {
        (Delegate::Close, Some(thrown))
    } else {
        (Delegate::Throw(thrown), None)
    }
}

/// `sub` is being closed: then the original exception is raised, or the failure. What `sub` returned is
/// lost, as in Python.
#[cold]
fn close<Y, R, S>(
    delegated: Delegated<Y, R, S>,
    exit: Exception,
    next: &mut Next<S>,
) -> Answer<Y, Result<R, Exception>> {
    Answer::End(Err(match delegated {
        Delegated::Yielded(_) => CloseError::Ignored(()).into(),
        Delegated::Raised(exception) if !exception.is::<GeneratorExit>() => exception,
        Delegated::Complete(_) | Delegated::Raised(_) => exit,
        Delegated::Pending(_) => {
            *next = Next::Close(exit);
            return Answer::Await;
        }
    }))
}

debug!(impl[Y, S, G] self: YieldFrom<'_, Y, S, G> { co: self.co, ended: self.sub.is_none(), .. });
