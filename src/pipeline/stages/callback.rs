use std::collections::VecDeque;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// A stage of plain code that emits by a call: for code that passes its results to a callback, and cannot be
/// suspended in it.
///
/// `f` gets each item, and a function to call with what comes of it. That function breaks if no more is wanted; if
/// `f` breaks, the stage ends.
///
/// On threads ([`threaded`](crate::pipeline::threaded), [`parallel`](crate::pipeline::parallel)) a call waits until
/// there is room, so that no more is held than the queues hold. On the caller's own thread, all that comes of an item
/// is gathered first.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, callback, source};
///
/// let digits = callback(|text: &str, emit| text.chars().try_for_each(|c| emit(c)));
/// let digits = source(["12", "3"]).pipe(digits);
/// assert_eq!(digits.collect::<String>()?, "123");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn callback<In, Out, F>(f: F) -> Callback<In, Out, F>
where
    F: FnMut(In, &mut dyn FnMut(Out) -> ControlFlow<()>) -> ControlFlow<()>,
{
    Callback {
        f,
        gathered: VecDeque::new(),
        ended: false,
        input: PhantomData,
    }
}

/// A stage: see [`callback`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct Callback<In, Out, F> {
    f: F,
    gathered: VecDeque<Out>,
    ended: bool,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, Out, F> Pipeline for Callback<In, Out, F> {
    type Item = Out;
}

impl<In, Out, F> Stage for Callback<In, Out, F>
where
    F: FnMut(In, &mut dyn FnMut(Out) -> ControlFlow<()>) -> ControlFlow<()>,
{
    type In = In;

    fn poll_next<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<Out>>
    where
        U: Source<Item = In> + ?Sized,
    {
        while self.gathered.is_empty() && !self.ended {
            let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) else {
                break;
            };
            let gathered = &mut self.gathered;
            let flow = (self.f)(item, &mut |item| {
                gathered.push_back(item);
                ControlFlow::Continue(())
            });
            if flow.is_break() {
                self.ended = true;
                above.close();
            }
        }
        Poll::Ready(self.gathered.pop_front())
    }

    fn drive<U, E>(&mut self, above: &mut U, mut emit: E) -> Poll<()>
    where
        U: Source<Item = In>,
        E: FnMut(&mut U, Out) -> ControlFlow<()>,
    {
        while let Some(item) = ready!(above.poll_next(None)) {
            if (self.f)(item, &mut |item| emit(above, item)).is_break() {
                above.close();
                break;
            }
        }
        Poll::Ready(())
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = In> + ?Sized,
    {
        self.gathered.clear();
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = In> + ?Sized,
    {
        self.gathered.clear();
        above.close();
    }
}

debug!(impl[In, Out, F] self: Callback<In, Out, F> { ended: self.ended, .. });
