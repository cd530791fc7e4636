use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// Calls `f` with each item.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, for_each, input};
/// use cogen::pipeline::Sink;
///
/// let mut seen = Vec::new();
/// let mut push = input::<u32>().skip(1).to(for_each(|n| seen.push(n))).pushed();
/// push.feed(1)?;
/// push.feed(2)?;
/// push.finish()?;
/// assert_eq!(seen, [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn for_each<In, F>(f: F) -> ForEach<In, F>
where
    F: FnMut(In),
{
    ForEach {
        f,
        input: PhantomData,
    }
}

/// A sink: see [`for_each`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct ForEach<In, F> {
    f: F,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, F: FnMut(In)> Sink for ForEach<In, F> {
    type In = In;
    type Output = ();

    #[inline]
    fn poll_drain<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<()>>
    where
        U: Source<Item = In> + ?Sized,
    {
        while let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) {
            (self.f)(item);
        }
        Poll::Ready(Some(()))
    }
}

debug!(impl[In, F] ForEach<In, F> { .. });
