//! Pointers to generators are generators, as they are futures and iterators.

use alloc::boxed::Box;
use core::ops::DerefMut;
use core::pin::Pin;
use core::task::Context;

use super::closing::Closing;
use super::delegate::{Delegate, Delegated};
use super::errors::{NextError, SendError, StartError, ThrowError};
use super::protocol::Generator;
use super::state::State;
use super::step::Step;
use crate::frame::{Exception, UnderWay, type_id};

macro_rules! forward {
    ([$($generics:tt)*] $type:ty, $target:ty, $this:ident, $ref:expr, $inner:expr, lent $lent:expr $(, closes $closes:expr)?) => {
        impl<$($generics)*> Generator for $type {
            type Yield = <$target as Generator>::Yield;
            type Resume = <$target as Generator>::Resume;
            type Return = <$target as Generator>::Return;

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn state(&self) -> State {
                let $this = self;
                $ref.state()
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_start(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, StartError> {
                let $this = self;
                $inner.resume_start(cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
                let $this = self;
                $inner.resume_send(cx, value)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_throw(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                exception: Exception,
            ) -> Result<Step<Self::Yield, Self::Return>, ThrowError> {
                let $this = self;
                $inner.resume_throw(cx, exception)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_continue(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
            ) -> Result<Step<Self::Yield, Self::Return>, NextError> {
                let $this = self;
                $inner.resume_continue(cx)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_start_or_send(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
            ) -> Result<Step<Self::Yield, Self::Return>, SendError<Self::Resume>> {
                let $this = self;
                $inner.resume_start_or_send(cx, value)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_next_into(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                value: Self::Resume,
                item: &mut Option<Self::Yield>,
            ) -> Result<Step<(), Self::Return>, NextError> {
                let $this = self;
                $inner.resume_next_into(cx, value, item)
            }

            #[cfg_attr(debug_assertions, inline)]
            #[cfg_attr(not(debug_assertions), inline(always))]
            fn resume_delegated(
                self: Pin<&mut Self>,
                cx: Option<&mut Context<'_>>,
                delegate: Delegate<Self::Resume>,
            ) -> Delegated<Self::Yield, Self::Return, Self::Resume> {
                let $this = self;
                $inner.resume_delegated(cx, delegate)
            }

            fn under_way(&self) -> UnderWay {
                let $this = self;
                $ref.under_way()
            }

            fn note_sending(self: Pin<&mut Self>) {
                let $this = self;
                $inner.note_sending();
            }

            fn size_hint(&self) -> (usize, Option<usize>) {
                let $this = self;
                $ref.size_hint()
            }

            fn has_other_owners(&self) -> bool {
                let $this = self;
                $lent || $ref.has_other_owners()
            }

            fn keep_return(self: Pin<&mut Self>, outcome: Result<Self::Return, Exception>) {
                let $this = self;
                $inner.keep_return(outcome);
            }

            fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Self::Return, Exception>> {
                let $this = self;
                $inner.take_kept_return()
            }

            $(fn closes_on_drop(&self) -> bool {
                let $this = self;
                $closes
            })?
        }
    };
}

// Of the pointers that can be pinned, a box owns its generator; any other one is taken for a borrow.
forward!([P: DerefMut<Target: Generator>] Pin<P>, P::Target, this, (**this), this.as_deref_mut(), lent type_id::<P>() != type_id::<Box<P::Target>>());
forward!([G: Generator + Unpin + ?Sized] &mut G, G, this, (**this), Pin::new(&mut **this.get_mut()), lent true);
forward!(
    [G: Generator + Unpin + ?Sized] Box<G>, G, this, (**this), Pin::new(&mut **this.get_mut()),
    lent false, closes (**this).closes_on_drop()
);
forward!(
    [G: Generator + Unpin] Closing<G>, G, this, this.get_ref(), Pin::new(this.get_mut().get_mut()),
    lent false, closes { let _ = this; true }
);
