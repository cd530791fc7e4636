//! `for … in` over generators: by value, and over `&mut` of one.
//!
//! A frame that is not pinned is boxed for that, in place. There is no impl for every `G: Generator`, as it might be an
//! iterator itself: such a generator has [`Generator::iter`] and [`Generator::into_iterator`].

use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;

#[cfg(feature = "std")]
use super::boxed::BoxGen;
use super::boxed::LocalBoxGen;
use super::closing::Closing;
use super::iter::Iter;
use super::protocol::Generator;
#[cfg(feature = "std")]
use super::shared::Shared;
use crate::frame::{Frame, Recursive};

macro_rules! into_iter {
    (@lent [$($generics:tt)*] $type:ty) => {
        impl<'i, $($generics)*> IntoIterator for &'i mut $type {
            type Item = <$type as Generator>::Yield;
            type IntoIter = Iter<Self>;

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn into_iter(self) -> Iter<Self> {
                Iter::new(self)
            }
        }
    };
    ($([$($generics:tt)*] $type:ty;)*) => {$(
        into_iter!(@lent [$($generics)*] $type);

        impl<$($generics)*> IntoIterator for $type {
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
    ['f, 'g, Y, F: Future] Pin<&'f mut Frame<'g, Y, (), F>>;
    ['g, Y, F: Future] Pin<Box<Frame<'g, Y, (), F>>>;
    ['f, 'g, Y, F: Future] Pin<&'f mut Recursive<'g, Y, (), F>>;
    ['g, Y, F: Future] Pin<Box<Recursive<'g, Y, (), F>>>;
    ['a, Y, R] LocalBoxGen<'a, Y, (), R>;
    [G: Generator<Resume = ()> + Unpin] Closing<G>;
}

#[cfg(feature = "std")]
into_iter! {
    ['a, Y, R] BoxGen<'a, Y, (), R>;
    [G: Generator<Resume = ()> + Unpin] Shared<G>;
}

macro_rules! boxes_itself {
    ($type:ident) => {
        into_iter!(@lent ['g, Y, F: Future + Unpin] $type<'g, Y, (), F>);

        /// Boxes the generator, so that it can be looped over.
        impl<'g, Y, F: Future> IntoIterator for $type<'g, Y, (), F> {
            type Item = Y;
            type IntoIter = Iter<Pin<Box<Self>>>;

            fn into_iter(self) -> Self::IntoIter {
                Iter::new(Box::pin(self))
            }
        }
    };
}

boxes_itself!(Frame);
boxes_itself!(Recursive);

macro_rules! objects {
    ($(dyn Generator $(+ $bound:ident)*;)*) => {$(
        impl<'i, 'a, Y, R> IntoIterator
            for &'i mut (dyn Generator<Yield = Y, Resume = (), Return = R> + Unpin $(+ $bound)* + 'a)
        {
            type Item = Y;
            type IntoIter = Iter<Self>;

            fn into_iter(self) -> Iter<Self> {
                Iter::new(self)
            }
        }

        into_iter! {
            ['a, Y, R] Box<dyn Generator<Yield = Y, Resume = (), Return = R> + Unpin $(+ $bound)* + 'a>;
            ['a, Y, R] Pin<Box<dyn Generator<Yield = Y, Resume = (), Return = R> $(+ $bound)* + 'a>>;
            ['f, 'a, Y, R] Pin<&'f mut (dyn Generator<Yield = Y, Resume = (), Return = R> $(+ $bound)* + 'a)>;
        }
    )*};
}

objects! {
    dyn Generator;
    dyn Generator + Send;
    dyn Generator + Send + Sync;
}
