use std::marker::PhantomData;
use std::mem;
use std::task::{Context, Poll, ready};

use crate::pipeline::sink::Sink;
use crate::pipeline::source::Source;

/// Collects the items.
///
/// # Examples
///
/// ```
/// use cogen::pipeline::{Pipeline, collect, source};
///
/// assert_eq!(source(["a", "b"]).run(collect::<String, _>())?, "ab");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn collect<C, In>() -> Collect<C, In>
where
    C: Default + Extend<In>,
{
    Collect {
        items: C::default(),
        input: PhantomData,
    }
}

/// A sink: see [`collect`].
#[derive(Debug)]
#[must_use = "a pipeline does nothing until it is run"]
pub struct Collect<C, In> {
    items: C,
    // Takes an `In`, holds none.
    input: PhantomData<fn(In)>,
}

impl<C: Default + Extend<In>, In> Sink for Collect<C, In> {
    type In = In;
    type Output = C;

    fn poll_drain<U>(&mut self, above: &mut U, mut cx: Option<&mut Context<'_>>) -> Poll<Option<C>>
    where
        U: Source<Item = In> + ?Sized,
    {
        while let Some(item) = ready!(above.poll_next(cx.as_deref_mut())) {
            self.items.extend([item]);
        }
        Poll::Ready(Some(mem::take(&mut self.items)))
    }
}
