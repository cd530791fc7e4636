use std::marker::PhantomData;
use std::task::{Context, Poll, ready};

use crate::debug::debug;
use crate::frame::Exception;
use crate::pipeline::pipeline::Pipeline;
use crate::pipeline::source::Source;
use crate::pipeline::stage::Stage;

/// Calls `f` with each item, and gives the items of the iterators that it returns, one after another.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let words = source(["a b", "c"]).flat_map(str::split_whitespace);
/// assert_eq!(words.collect::<Vec<_>>()?, ["a", "b", "c"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn flat_map<In, I, F>(f: F) -> FlatMap<In, I, F>
where
    F: FnMut(In) -> I,
    I: IntoIterator,
{
    FlatMap {
        f,
        items: None,
        input: PhantomData,
    }
}

/// A stage: see [`flat_map`].
#[must_use = "a pipeline does nothing until it is run"]
pub struct FlatMap<In, I: IntoIterator, F> {
    f: F,
    items: Option<I::IntoIter>,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<In, I: IntoIterator, F> Pipeline for FlatMap<In, I, F> {
    type Item = I::Item;
}

impl<In, I: IntoIterator, F: FnMut(In) -> I> Stage for FlatMap<In, I, F> {
    type In = In;

    #[inline]
    fn poll_next<U>(
        &mut self,
        above: &mut U,
        mut cx: Option<&mut Context<'_>>,
    ) -> Poll<Option<I::Item>>
    where
        U: Source<Item = In> + ?Sized,
    {
        loop {
            if let Some(items) = &mut self.items {
                if let Some(item) = items.next() {
                    return Poll::Ready(Some(item));
                }
                self.items = None;
            }
            let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) else {
                return Poll::Ready(None);
            };
            self.items = Some((self.f)(item).into_iter());
        }
    }

    fn throw<U>(&mut self, above: &mut U, exception: Exception)
    where
        U: Source<Item = In> + ?Sized,
    {
        self.items = None;
        above.throw(exception);
    }

    fn close<U>(&mut self, above: &mut U)
    where
        U: Source<Item = In> + ?Sized,
    {
        self.items = None;
        above.close();
    }

    fn size_hint(&self, above: (usize, Option<usize>)) -> (usize, Option<usize>) {
        let (least, most) = self
            .items
            .as_ref()
            .map_or((0, Some(0)), Iterator::size_hint);
        (least, most.filter(|_| above.1 == Some(0)))
    }
}

debug!(impl[In, I: IntoIterator, F] FlatMap<In, I, F> { .. });
