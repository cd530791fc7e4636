use alloc::boxed::Box;
use core::future::Future;
use core::iter::FusedIterator;
use core::pin::Pin;

#[cfg(feature = "std")]
use super::boxed::BoxGen;
use super::boxed::LocalBoxGen;
use super::errors::NextError;
use super::protocol::Generator;
use super::recursion::{RecursionError, too_deep};
#[cfg(feature = "std")]
use super::shared::Shared;
use super::step::Step;
use crate::frame::{Frame, Recursive};

/// An iterator over what a generator yields: see [`Generator::iter`].
///
/// It ends where the body ends, by returning or by raising: [`Generator::take_return`] tells how. It
/// also ends where the body awaits a future, which an iterator cannot do.
///
/// # Panics
///
/// `next` panics if generators resume each other too deep for the thread's stack ([`RecursionError`]), as an iterator
/// has no other way to say so. If the generator itself is too deep, it has not ended. If the body lets the exception
/// pass, the generator has ended, and `take_return` gives the exception.
#[derive(Debug)]
pub struct Iter<G> {
    generator: G,
}

impl<G> Iter<G> {
    pub(super) fn new(generator: G) -> Self {
        Self { generator }
    }
}

impl<G: Generator<Resume = ()> + Unpin> Iterator for Iter<G> {
    type Item = G::Yield;

    #[cfg_attr(debug_assertions, inline)]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn next(&mut self) -> Option<G::Yield> {
        match self.generator.next() {
            Ok(Step::Yielded(value)) => Some(value),
            Ok(Step::Complete(value)) => {
                Pin::new(&mut self.generator).keep_return(Ok(value));
                None
            }
            Err(NextError::Raised(exception)) => {
                let deep = exception.is::<RecursionError>();
                Pin::new(&mut self.generator).keep_return(Err(exception));
                if deep {
                    too_deep();
                }
                None
            }
            Err(NextError::TooDeep) => too_deep(),
            Err(_) => None,
        }
    }
}

impl<G: Generator<Resume = ()> + Unpin> FusedIterator for Iter<G> {}

macro_rules! into_iter {
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        impl<'i, $($generics)*> IntoIterator for &'i mut $type {
            type Item = <$type as Generator>::Yield;
            type IntoIter = Iter<Self>;

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn into_iter(self) -> Iter<Self> {
                Iter::new(self)
            }
        }
    )*};
}

into_iter! {
    ['g, Y, F: Future + Unpin] Frame<'g, Y, (), F>;
    ['f, 'g, Y, F: Future] Pin<&'f mut Frame<'g, Y, (), F>>;
    ['g, Y, F: Future] Pin<Box<Frame<'g, Y, (), F>>>;
    ['g, Y, F: Future + Unpin] Recursive<'g, Y, (), F>;
    ['f, 'g, Y, F: Future] Pin<&'f mut Recursive<'g, Y, (), F>>;
    ['g, Y, F: Future] Pin<Box<Recursive<'g, Y, (), F>>>;
    ['a, Y, R] LocalBoxGen<'a, Y, (), R>;
}

#[cfg(feature = "std")]
into_iter! {
    ['a, Y, R] BoxGen<'a, Y, (), R>;
    [G: Generator<Resume = ()> + Unpin] Shared<G>;
}
