use alloc::boxed::Box;
use core::future::Future;
use core::pin::Pin;
use core::task::Context;

use super::closing::{ignore, in_drop, is_unwinding};
use super::delegate::{Delegate, Delegated};
use super::driven::{driven, throw};
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::exit::GeneratorExit;
use super::outsiders::Driven;
use super::protocol::{Generator, closed};
use super::state::State;
use super::step::Step;
use crate::debug::debug;
#[cfg(feature = "std")]
use crate::frame::SendBox;
use crate::frame::{Exception, Frame, LocalBox, Outsider, Recursive, UnderWay};

macro_rules! boxed {
    (@method $of:ident, $name:ident, $boxed:ident, $method:ident, $($send:ident)?) => {
        impl<'g, Y, S, F: Future> $of<'g, Y, S, F> {
            /// Boxes the generator: one allocation, and a type that can be named.
            pub fn $method<'a>(self) -> $name<'a, Y, S, F::Output>
            where
                Self: 'a $(+ $send)?,
            {
                $name { engine: $boxed::new(Box::pin(self)) }
            }
        }
    };
    ($(#[$doc:meta])* $name:ident, $boxed:ident, $method:ident, $($send:ident)?) => {
        $(#[$doc])*
        #[must_use = "a generator does nothing until it is resumed"]
        pub struct $name<'a, Y, S = (), R = ()> {
            engine: $boxed<dyn Driven<Yield = Y, Resume = S, Return = R> $(+ $send)? + 'a>,
        }

        impl<'a, Y, S, R> $name<'a, Y, S, R> {
            pub(super) fn of<G>(generator: G) -> Self
            where
                G: Generator<Yield = Y, Resume = S, Return = R> $(+ $send)? + 'a,
            {
                Self { engine: $boxed::new(Box::pin(Outsider::new(generator))) }
            }
        }

        impl<Y, S, R> Drop for $name<'_, Y, S, R> {
            fn drop(&mut self) {
                // Without a scope to see it, closing is dropping.
                if self.engine.get().is_guarded() {
                    let unwinding = is_unwinding();
                    self.engine.with_room(move |engine| {
                        in_drop(unwinding, || {
                            ignore(closed(throw(engine, None, GeneratorExit::new().into())));
                        });
                    });
                }
            }
        }

        debug!(impl[Y, S, R] self: $name<'_, Y, S, R> { state: self.state(), .. });

        driven!(
            boxed,
            ['a, Y, S, R] $name<'a, Y, S, R>, Y, S, R,
            this, this.engine.get(), this.get_mut().engine.as_mut()
        );

        boxed!(@method Frame, $name, $boxed, $method, $($send)?);
        boxed!(@method Recursive, $name, $boxed, $method, $($send)?);
    };
}

#[cfg(feature = "std")]
boxed! {
    /// A boxed generator whose type can be named: yields `Y`, is sent `S`, returns `R`. Python's
    /// `typing.Generator[Y, S, R]`.
    ///
    /// It is `Send`, and `Sync` whatever is in it: a shared reference tells the state, and gives nothing of the body.
    /// ([`LocalBoxGen`] is neither.) It closes when it is dropped while it is suspended, as a
    /// Python generator does: scopes and [`finally`](crate::Co::finally) run. What goes wrong then is reported
    /// ([`set_unraisable_hook`](crate::set_unraisable_hook); [`Closing`](crate::Closing) has more on that).
    ///
    /// Generators may be nested to any depth. Resuming them too deep for the thread's stack is an error
    /// ([`RecursionError`](crate::RecursionError)), or, in a loop, a panic. Where dropping them goes too deep for it,
    /// a thread with a larger stack drops the rest, while this one waits.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{BoxGen, Generator, generator};
    ///
    /// fn count(to: u32) -> BoxGen<'static, u32> {
    ///     generator(move |co| async move {
    ///         for n in 1..=to {
    ///             co.yield_(n).await;
    ///         }
    ///     })
    ///     .boxed()
    /// }
    ///
    /// assert_eq!(count(3).iter().sum::<u32>(), 6);
    /// ```
    BoxGen, SendBox, boxed, Send
}

boxed! {
    /// A [`BoxGen`](crate::BoxGen) that need not be `Send`.
    ///
    /// Its contents cannot be dropped on another thread. Where dropping nested generators of this kind goes too deep
    /// for this thread's stack, the rest is leaked: destructors do not run.
    LocalBoxGen, LocalBox, boxed_local,
}
