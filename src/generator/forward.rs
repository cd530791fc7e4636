//! Pointers to generators are generators, as they are futures and iterators.

use std::ops::DerefMut;
use std::pin::Pin;
use std::task::Context;

use super::closing::Closing;
use super::delegate::{Delegate, Delegated};
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::{Generator, State, Step};
use crate::Exception;

macro_rules! forward {
    ([$($generics:tt)*] $type:ty, $target:ty, $this:ident, $ref:expr, $inner:expr) => {
        impl<$($generics)*> Generator for $type {
            type Yield = <$target as Generator>::Yield;
            type Send = <$target as Generator>::Send;
            type Return = <$target as Generator>::Return;

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn state(&self) -> State {
                let $this = self;
                $ref.state()
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_start(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, StartError> {
                let $this = self;
                $inner.poll_start(cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Send,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Send>> {
                let $this = self;
                $inner.poll_send(cx, value)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_throw(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                exception: Exception,
            ) -> Result<Step<Self::Yield, Self::Return>, ThrowError> {
                let $this = self;
                $inner.poll_throw(cx, exception)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_continue(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, NextError> {
                let $this = self;
                $inner.poll_continue(cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_start_or_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Send,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Send>> {
                let $this = self;
                $inner.poll_start_or_send(cx, value)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_next_into(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Send,
                item: &mut Option<Self::Yield>,
            ) -> Result<Step<(), Self::Return>, NextError> {
                let $this = self;
                $inner.poll_next_into(cx, value, item)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn poll_delegate(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                delegate: Delegate<Self::Send>,
            ) -> Delegated<Self::Yield, Self::Return, Self::Send> {
                let $this = self;
                $inner.poll_delegate(cx, delegate)
            }

            fn poll_keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>) {
                let $this = self;
                $inner.poll_keep_return(outcome);
            }

            fn poll_take_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>> {
                let $this = self;
                $inner.poll_take_return()
            }
        }
    };
}

forward!([P: DerefMut<Target: Generator>] Pin<P>, P::Target, this, (**this), this.as_deref_mut());
forward!([G: Generator + Unpin + ?Sized] &mut G, G, this, (**this), Pin::new(&mut **this.get_mut()));
forward!([G: Generator + Unpin + ?Sized] Box<G>, G, this, (**this), Pin::new(&mut **this.get_mut()));
forward!([G: Generator + Unpin] Closing<G>, G, this, this.get_ref(), Pin::new(this.get_mut().get_mut()));
