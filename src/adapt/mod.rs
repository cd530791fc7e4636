//! Bridges to other worlds: generators for code that knows nothing of generators, and such code as generators.
//!
//! Out of a generator, by the methods of [`GeneratorExt`]:
//!
//! - One that yields requests and is sent replies is driven by a handler, blocking or async
//!   ([`drive`](GeneratorExt::drive), [`drive_async`](GeneratorExt::drive_async) and their fallible
//!   forms). [`Co::ask`](crate::Co::ask) makes each request fix the type of its reply ([`ReplyTo`]).
//! - One that yields nothing and is sent nothing is a cooperative future
//!   ([`into_future`](GeneratorExt::into_future)).
//! - One that is sent nothing is a stream ([`into_stream`](GeneratorExt::into_stream),
//!   [`into_try_stream`](GeneratorExt::into_try_stream)).
//! - One that yields nothing is a sink ([`into_sink`](GeneratorExt::into_sink)).
//!
//! Into a generator: [`from_iter`], [`from_stream`], and with the feature `genawaiter` [`from_coroutine`]. The other
//! direction of that needs no call: frames and boxes implement `genawaiter::Coroutine`.
//!
//! They [lend](GeneratorExt::into_stream) the body a waker that does what the one they are given does. None keeps
//! more than the generator and a few words, none allocates, and none has unsafe code.

mod ask;
mod drive;
mod drive_with;
mod ext;
mod from_iter;
mod from_stream;
#[cfg(feature = "genawaiter")]
mod genawaiter;
mod into_future;
mod into_sink;
mod into_stream;
mod into_try_stream;
mod peekable;
#[cfg(feature = "std")]
mod tee;

pub use ask::{Answer, Ask, ReplyTo, WrongAnswer};
pub use drive::DriveError;
pub use drive_with::HandlerFuture;
pub use ext::GeneratorExt;
pub use from_iter::{FromIter, from_iter};
pub use from_stream::from_stream;
#[cfg(feature = "genawaiter")]
pub use genawaiter::{
    FromCoroutine, IntoCoroutine, Lent, LentCoroutine, Owned, from_coroutine, from_coroutine_with,
};
pub use into_future::IntoFuture;
pub use into_sink::{IntoSink, SinkError};
pub use into_stream::{IntoStream, StreamResults};
pub use into_try_stream::IntoTryStream;
pub use peekable::Peekable;
#[cfg(feature = "std")]
pub use tee::Tee;

/// Access to the generator inside an adapter, with the names that `futures` uses.
macro_rules! accessors {
    ($name:ident [$($generics:ident),*]) => {
        impl<$($generics),*> $name<$($generics),*> {
            /// The generator.
            pub fn get_ref(&self) -> &G {
                &self.generator
            }

            /// The generator.
            pub fn get_mut(&mut self) -> &mut G {
                &mut self.generator
            }

            /// The generator, pinned.
            pub fn get_pin_mut(self: core::pin::Pin<&mut Self>) -> core::pin::Pin<&mut G> {
                self.project().generator
            }

            /// Takes the generator out, where it is.
            pub fn into_inner(self) -> G {
                self.generator
            }
        }
    };
}
use accessors;
