//! Values without a switch: who resumes a frame may lend it a supplier, which the body calls in place,
//! instead of yielding to be sent something.
//!
//! 1. A supplier is lent for the time of one call of [`supplied`], on one thread: it is in a
//!    thread-local, and what was there before comes back when the call ends, on unwind too.
//! 2. It is lent to a frame, by id, and what it gives is fixed by what that frame yields. As a `Co` gets
//!    id and types from one frame, a `Co` with that id is one of the same types. (The compiler may see
//!    either with other lifetimes. What is supplied is contravariant in what is yielded, so a frame is
//!    only ever seen as one that is supplied less, and a `Co` as one that gives more general values.)
//! 3. While it is called it is not there, so that it is never called inside itself.
//!
//! A supplier that is lent for an async resume gets a context, which is not that of the frame: it may be
//! kept, and no yield is found through it. Where it then has nothing, it will wake who asked.
//!
//! Suppliers that resume frames with suppliers nest on the stack; [`depth`] tells how far, so that who
//! lends can stop in time.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU64;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::Context;

use super::{Co, Frame, slot};

/// What a frame yields that may be lent a supplier of `T`s: it wants one, or it gives an `Out`.
pub struct Demand<T, Out> {
    out: Option<Out>,
    // Contravariant: invariant 2.
    wants: PhantomData<fn(T)>,
}

impl<T, Out> Demand<T, Out> {
    /// For a `T`, as the supplier has none now.
    pub(crate) fn want() -> Self {
        Self {
            out: None,
            wants: PhantomData,
        }
    }

    pub(crate) fn give(out: Out) -> Self {
        Self {
            out: Some(out),
            wants: PhantomData,
        }
    }

    /// What is given; `None` if a `T` is wanted.
    pub(crate) fn into_out(self) -> Option<Out> {
        self.out
    }
}

impl<T, Out> fmt::Debug for Demand<T, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.out.is_some() { "give" } else { "want" };
        f.debug_tuple("Demand").field(&name).finish()
    }
}

#[derive(Clone, Copy)]
struct Lent {
    id: NonZeroU64,
    /// A `&mut Supplier<T>`, frame `id` being one that yields `Demand<T, _>`.
    supplier: NonNull<()>,
}

thread_local! {
    static LENT: Cell<Option<Lent>> = const { Cell::new(None) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How many suppliers are being called on this thread, each by a body that another one resumed.
#[inline]
pub(crate) fn depth() -> usize {
    DEPTH.get()
}

/// Puts back what was lent before.
struct Restore(Option<Lent>);

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        LENT.set(self.0);
    }
}

/// Counts a call, while it lasts.
struct Deeper;

impl Deeper {
    #[inline]
    fn new() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Self
    }
}

impl Drop for Deeper {
    #[inline]
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Gives the next value, if there is one now. It gets a context if it is lent for an async resume.
pub(crate) type Supplier<'a, T> = dyn FnMut(Option<&mut Context<'_>>) -> Supply<T> + 'a;

/// What a body gets from its supplier.
pub(crate) enum Supply<T> {
    Value(T),
    /// Nothing now: yield, to be resumed when there may be something.
    Nothing,
    /// Nothing now; the waker will be woken.
    Awaits,
}

/// Resumes a frame by `run`, and lends it `supplier` meanwhile.
#[inline]
pub(crate) fn supplied<'g, T, Out, S, F, R>(
    frame: Pin<&mut Frame<'g, Demand<T, Out>, S, F>>,
    mut supplier: &mut Supplier<'_, T>,
    run: impl FnOnce(Pin<&mut Frame<'g, Demand<T, Out>, S, F>>) -> R,
) -> R
where
    F: Future,
{
    let lent = Lent {
        id: frame.head().id,
        supplier: NonNull::from(&mut supplier).cast(),
    };
    let _restore = Restore(LENT.replace(Some(lent)));
    run(frame)
}

impl<T, Out, S> Co<'_, Demand<T, Out>, S> {
    /// What the supplier gives that was lent for this resume; `Nothing` if there is none.
    #[inline]
    pub(crate) fn supply(self, cx: &Context<'_>) -> Supply<T> {
        match LENT.get() {
            Some(lent) if lent.id == self.id => {
                let _restore = Restore(LENT.replace(None));
                let _deeper = Deeper::new();
                // SAFETY: `supplied` is running on this thread and holds the supplier (invariant 1),
                // which has this type (2). Nobody else uses it (3).
                let supplier = unsafe { lent.supplier.cast::<&mut Supplier<'_, T>>().as_mut() };
                // A copy of the waker, not `cx`: that would make the slot escape.
                let foreign = slot::Lent::foreign(cx);
                match &foreign {
                    Some(foreign) => supplier(Some(&mut foreign.context())),
                    None => supplier(None),
                }
            }
            _ => Supply::Nothing,
        }
    }
}
