//! Requests that fix the type of their reply.
//!
//! The generator yields requests of one type and is sent answers of one type, like every generator. A [`ReplyTo<T,
//! A>`] in a request is the only way to make an [`Answer<A>`], and takes a `T`; the same `T` is what [`Co::ask`]
//! gives. So a handler that answers with another type does not compile. The answer travels by value: nothing is
//! allocated, and nothing is cast.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project::pin_project;

use crate::debug::debug;
use crate::frame::{Co, Raise, Yield};

/// The place in a request where its reply goes: [`with`](Self::with) makes the answer.
///
/// `T` is the type of the reply, `A` the type that holds every reply: an enum, which
/// [`answers!`](crate::answers) makes, or `T` itself where all replies are of one type.
/// [`Co::ask`] hands one to the code that makes the request.
#[must_use = "a request waits for its reply"]
pub struct ReplyTo<T, A> {
    // Takes a `T`, gives an `A`, and holds neither.
    types: PhantomData<fn(T) -> A>,
}

impl<T, A: From<T>> ReplyTo<T, A> {
    /// The answer: what the generator is sent for this request.
    #[inline]
    pub fn with(self, reply: T) -> Answer<A> {
        Answer(A::from(reply))
    }
}

impl<T, A> fmt::Debug for ReplyTo<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

/// The answer to a request: only [`ReplyTo::with`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the answer must be sent to the generator"]
pub struct Answer<A>(A);

/// What [`Co::ask`] raises if the answer holds the reply to another request: the handler has kept an unused
/// [`ReplyTo`], and used it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongAnswer;

impl fmt::Display for WrongAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a request was answered with the reply to another one")
    }
}

impl Error for WrongAnswer {}

impl<'g, Y, A> Co<'g, Y, Answer<A>> {
    /// Yields a request and gives the reply, whose type the request fixes. `request` makes the request from the place
    /// where its reply goes: it is a closure, or the name of a variant.
    ///
    /// # Exceptions
    ///
    /// Raised here: [`WrongAnswer`], if a handler answers with the place of an earlier request.
    ///
    /// # Panics
    ///
    /// As [`yield_`](Self::yield_).
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Co, GeneratorExt, ReplyTo, answers, generator};
    ///
    /// enum Request {
    ///     Read(ReplyTo<Option<String>, Answers>),
    ///     Write(String, ReplyTo<usize, Answers>),
    /// }
    ///
    /// answers! {
    ///     enum Answers {
    ///         Line(Option<String>),
    ///         Written(usize),
    ///     }
    /// }
    ///
    /// let shout = generator(|co: Co<'_, Request, _>| async move {
    ///     let mut written = 0;
    ///     while let Some(line) = co.ask(Request::Read).await {
    ///         written += co.ask(|to| Request::Write(line.to_uppercase(), to)).await;
    ///     }
    ///     written
    /// });
    ///
    /// let (mut input, mut output) = (vec!["b".to_owned(), "a".to_owned()], String::new());
    /// let written = shout.drive(|request| match request {
    ///     Request::Read(to) => to.with(input.pop()),
    ///     Request::Write(text, to) => {
    ///         output += &text;
    ///         to.with(text.len())
    ///     }
    /// })?;
    /// assert_eq!((written, &*output), (2, "AB"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// An answer of another type does not compile:
    ///
    /// ```compile_fail,E0308
    /// # use cogen::{Co, GeneratorExt, ReplyTo, answers, generator};
    /// # enum Request { Read(ReplyTo<Option<String>, Answers>) }
    /// # answers! { enum Answers { Line(Option<String>), Written(usize) } }
    /// let g = generator(|co: Co<'_, Request, _>| async move { co.ask(Request::Read).await });
    /// g.drive(|Request::Read(to)| to.with(3));
    /// ```
    #[inline]
    pub fn ask<T>(self, request: impl FnOnce(ReplyTo<T, A>) -> Y) -> Ask<'g, Y, T, A>
    where
        A: From<T> + TryInto<T>,
    {
        let to = ReplyTo { types: PhantomData };
        Ask {
            co: self,
            yielding: self.yield_(request(to)),
            raising: None,
            reply: PhantomData,
        }
    }
}

/// A request that waits for its reply: the future that [`Co::ask`] makes.
#[pin_project]
#[must_use = "a request does nothing until it is awaited"]
pub struct Ask<'g, Y, T, A> {
    co: Co<'g, Y, Answer<A>>,
    #[pin]
    yielding: Yield<Y, Answer<A>>,
    #[pin]
    raising: Option<Raise<Y, Answer<A>>>,
    // Gives a `T`.
    reply: PhantomData<fn() -> T>,
}

impl<Y, T, A: TryInto<T>> Future for Ask<'_, Y, T, A> {
    type Output = T;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        if this.raising.is_none() {
            let Poll::Ready(answer) = this.yielding.poll(cx) else {
                return Poll::Pending;
            };
            match answer.0.try_into() {
                Ok(reply) => return Poll::Ready(reply),
                Err(_) => this.raising.set(Some(this.co.raise(WrongAnswer))),
            }
        }
        match this.raising.as_pin_mut() {
            Some(raise) => raise.poll(cx).map(|never| never),
            None => Poll::Pending,
        }
    }
}

debug!(impl[Y, T, A] self: Ask<'_, Y, T, A> { co: self.co, .. });

/// Makes the enum that holds the reply to any request of a generator: for each variant, `From` its type
/// and `TryInto` it. Each type may be there once; requests with the same type of reply share a variant.
///
/// The macro writes nothing else, and you can do without it: for an enum with generics of its own, write these two
/// impls by hand. See [`Co::ask`](crate::Co::ask).
///
/// # Examples
///
/// ```
/// cogen::answers! {
///     /// What the world answers.
///     #[derive(Debug, PartialEq)]
///     pub enum Answers {
///         /// To a request to read.
///         Bytes(Vec<u8>),
///         /// To a request to write.
///         Done(()),
///     }
/// }
///
/// assert_eq!(Answers::from(vec![1]), Answers::Bytes(vec![1]));
/// assert_eq!(<()>::try_from(Answers::Bytes(vec![1])), Err(Answers::Bytes(vec![1])));
/// ```
#[macro_export]
macro_rules! answers {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident($type:ty)),+ $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visibility enum $name {
            $($(#[$variant_attribute])* $variant($type),)+
        }

        $(
            impl ::core::convert::From<$type> for $name {
                fn from(reply: $type) -> Self {
                    Self::$variant(reply)
                }
            }

            impl ::core::convert::TryFrom<$name> for $type {
                type Error = $name;

                #[allow(unreachable_patterns, reason = "an enum of one")]
                fn try_from(answer: $name) -> ::core::result::Result<Self, $name> {
                    match answer {
                        $name::$variant(reply) => ::core::result::Result::Ok(reply),
                        other => ::core::result::Result::Err(other),
                    }
                }
            }
        )+
    };
}
