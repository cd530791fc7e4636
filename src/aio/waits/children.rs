use std::panic::Location;

use super::child::Child;
use crate::aio::core::awaiting::{Ending, Source};
use crate::aio::core::error::Error;

/// Several [`Child`]ren: a tuple of up to twelve, whose types may differ, a vector or an array. What
/// [`gather`](crate::aio::gather()) takes.
///
/// Collect an iterator first: `gather(urls.iter().map(fetch).collect::<Vec<_>>())`. The children in a vector
/// or an array have one type. Futures of different types whose values have the same type can go through
/// [`create_task`](crate::aio::create_task).
pub trait Children {
    /// Their handles.
    type Sources: Sources;

    /// Which of them become tasks ([`Child::makes_task`]), in order. The last entry stands for all that
    /// follow; without an entry, none does.
    const MAKE_TASKS: &'static [fn() -> bool] = &[];

    /// Their handles, in order; futures are scheduled.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    #[track_caller]
    fn into_sources(self) -> Self::Sources;

    /// The same; the tasks that they become were created at `at`.
    #[doc(hidden)]
    #[track_caller]
    fn into_sources_at(self, _at: &'static Location<'static>) -> Self::Sources
    where
        Self: Sized,
    {
        self.into_sources()
    }
}

/// Several handles: what [`Children`] become. Only this crate implements it.
pub trait Sources {
    /// All their values: a tuple, a vector or an array, as the children were.
    type Ok;
    /// How each of them ended: the same shape, of results.
    type Each;

    #[doc(hidden)]
    fn endings(&self) -> Vec<Ending>;

    #[doc(hidden)]
    fn take(&self) -> Result<Self::Ok, Error>;

    #[doc(hidden)]
    fn take_each(&self) -> Self::Each;
}

/// Several handles whose values are [`Clone`], so that a gather's [`result`](crate::aio::Gather::result) gives clones
/// of them. (Of a child that is a gather itself, that takes the values.) Only this crate implements it.
pub trait ClonedSources: Sources {
    #[doc(hidden)]
    fn get(&self) -> Result<Self::Ok, Error>;

    #[doc(hidden)]
    fn get_each(&self) -> Self::Each;
}

impl<C: Child> Children for Vec<C> {
    type Sources = Vec<C::Source>;

    const MAKE_TASKS: &'static [fn() -> bool] = &[C::makes_task];

    #[track_caller]
    fn into_sources(self) -> Self::Sources {
        self.into_sources_at(Location::caller())
    }

    fn into_sources_at(self, at: &'static Location<'static>) -> Self::Sources {
        let sources = self.into_iter().map(|child| child.into_source_at(at));
        sources.collect()
    }
}

impl<S: Source> Sources for Vec<S> {
    type Ok = Vec<S::Ok>;
    type Each = Vec<Result<S::Ok, Error>>;

    fn endings(&self) -> Vec<Ending> {
        self.iter().map(S::awaited).collect()
    }

    fn take(&self) -> Result<Self::Ok, Error> {
        self.iter().map(S::take).collect()
    }

    fn take_each(&self) -> Self::Each {
        self.iter().map(S::take).collect()
    }
}

impl<S: Source<Ok: Clone>> ClonedSources for Vec<S> {
    fn get(&self) -> Result<Self::Ok, Error> {
        self.iter().map(S::get).collect()
    }

    fn get_each(&self) -> Self::Each {
        self.iter().map(S::get).collect()
    }
}

impl<C: Child, const N: usize> Children for [C; N] {
    type Sources = [C::Source; N];

    const MAKE_TASKS: &'static [fn() -> bool] = &[C::makes_task];

    #[track_caller]
    fn into_sources(self) -> Self::Sources {
        self.into_sources_at(Location::caller())
    }

    fn into_sources_at(self, at: &'static Location<'static>) -> Self::Sources {
        self.map(|child| child.into_source_at(at))
    }
}

impl<S: Source, const N: usize> Sources for [S; N] {
    type Ok = [S::Ok; N];
    type Each = [Result<S::Ok, Error>; N];

    fn endings(&self) -> Vec<Ending> {
        self.iter().map(S::awaited).collect()
    }

    fn take(&self) -> Result<Self::Ok, Error> {
        array(self.iter().map(S::take))
    }

    fn take_each(&self) -> Self::Each {
        self.each_ref().map(S::take)
    }
}

impl<S: Source<Ok: Clone>, const N: usize> ClonedSources for [S; N] {
    fn get(&self) -> Result<Self::Ok, Error> {
        array(self.iter().map(S::get))
    }

    fn get_each(&self) -> Self::Each {
        self.each_ref().map(S::get)
    }
}

/// The first error, or all the values.
fn array<T, const N: usize>(
    values: impl Iterator<Item = Result<T, Error>>,
) -> Result<[T; N], Error> {
    let values: Vec<_> = values.collect::<Result<_, _>>()?;
    match values.try_into() {
        Ok(values) => Ok(values),
        Err(_) => unreachable!("as many values as sources"),
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        impl<$($name: Child),+> Children for ($($name,)+) {
            type Sources = ($($name::Source,)+);

            const MAKE_TASKS: &'static [fn() -> bool] = &[$($name::makes_task),+];

            #[track_caller]
            fn into_sources(self) -> Self::Sources {
                self.into_sources_at(Location::caller())
            }

            fn into_sources_at(self, at: &'static Location<'static>) -> Self::Sources {
                ($(self.$index.into_source_at(at),)+)
            }
        }

        impl<$($name: Source),+> Sources for ($($name,)+) {
            type Ok = ($($name::Ok,)+);
            type Each = ($(Result<$name::Ok, Error>,)+);

            fn endings(&self) -> Vec<Ending> {
                vec![$(self.$index.awaited()),+]
            }

            fn take(&self) -> Result<Self::Ok, Error> {
                Ok(($(self.$index.take()?,)+))
            }

            fn take_each(&self) -> Self::Each {
                ($(self.$index.take(),)+)
            }
        }

        impl<$($name: Source<Ok: Clone>),+> ClonedSources for ($($name,)+) {
            fn get(&self) -> Result<Self::Ok, Error> {
                Ok(($(self.$index.get()?,)+))
            }

            fn get_each(&self) -> Self::Each {
                ($(self.$index.get(),)+)
            }
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}
