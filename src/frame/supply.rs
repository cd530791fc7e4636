//! Values without a switch: the code that resumes a frame may lend it a supplier, which the body calls in place,
//! instead of yielding to be sent something.
//!
//! 1. A supplier is lent for the duration of one call of [`supplied`], on one thread: it is in a
//!    thread-local, and what was there before is put back when the call ends, on unwind too.
//! 2. It is lent to a frame, by id, and what it gives is fixed by what that frame yields. As a `Co` gets its id and
//!    types from one frame, a `Co` with that id has the same types. (The compiler may see either with other
//!    lifetimes. What is supplied is contravariant in what is yielded, so a frame is only ever seen as one that is
//!    supplied less, and a `Co` as one that gives more general values.)
//! 3. While it is being called it is not lent to any frame, so that it is never called inside itself. A supplier that
//!    is lent meanwhile puts the earlier address back.
//!
//! A supplier that is lent for an async resume polls what it takes from with a waker of its own. Where it has
//! nothing, it is given the waker of the task that asked ([`Co::await_supply`]), and no yield is found through that
//! waker.
//!
//! Suppliers that resume frames with suppliers nest on the stack; [`depth`] tells how far, so that the lender can
//! stop in time.

use core::cell::Cell;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroU64;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Waker};

use super::co::Co;
use super::frame::Frame;
use super::slot;

/// What a frame yields that may be lent a supplier of `T`s: it wants one, or it gives an `Out`.
pub struct Demand<T, Out> {
    out: Option<Out>,
    // Contravariant: invariant 2.
    wants: PhantomData<fn(T)>,
}

impl<T, Out> Demand<T, Out> {
    /// Asks for a `T`, as the supplier has none at the moment.
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

// Two cells, so that what is called for each item writes only the id.
thread_local! {
    /// The frame to which a supplier is lent; 0: none.
    static LENT_TO: Cell<u64> = const { Cell::new(0) };
    /// A `&mut Supplier<T>`, that frame being one that yields `Demand<T, _>`.
    static LENT: Cell<*mut ()> = const { Cell::new(ptr::null_mut()) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// How many frames are being resumed on this thread that a supplier is lent to, each inside another.
#[inline]
pub(crate) fn depth() -> usize {
    DEPTH.get()
}

/// Puts back what was lent before.
struct Restore {
    id: u64,
    supplier: *mut (),
}

impl Drop for Restore {
    #[inline]
    fn drop(&mut self) {
        LENT_TO.set(self.id);
        LENT.set(self.supplier);
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Puts back the id, where a supplier was called (invariant 3).
struct Again(NonZeroU64);

impl Drop for Again {
    #[inline]
    fn drop(&mut self) {
        LENT_TO.set(self.0.get());
    }
}

/// Gives the next value, if there is one; or is given the waker to wake when there is one, as there
/// was none.
pub(crate) type Supplier<'a, T> = dyn FnMut(Option<&Waker>) -> Supply<T> + 'a;

/// What a body gets from its supplier.
pub(crate) enum Supply<T> {
    Value(T),
    /// Nothing yet: yield, to be resumed when there may be something.
    Nothing,
    /// Nothing yet: the body must register its waker ([`Co::await_supply`]), and will be woken.
    Awaits,
}

/// Resumes a frame by `run`, and lends it `supplier` meanwhile.
#[inline(always)]
pub(crate) fn supplied<'g, T, Out, S, F, R>(
    frame: Pin<&mut Frame<'g, Demand<T, Out>, S, F>>,
    mut supplier: &mut Supplier<'_, T>,
    run: impl FnOnce(Pin<&mut Frame<'g, Demand<T, Out>, S, F>>) -> R,
) -> R
where
    F: Future,
{
    let _restore = Restore {
        id: LENT_TO.replace(frame.head().id.get()),
        supplier: LENT.replace((&raw mut supplier).cast()),
    };
    DEPTH.set(DEPTH.get() + 1);
    run(frame)
}

impl<T, Out, S> Co<'_, Demand<T, Out>, S> {
    /// What the supplier that was lent for this resume gives; `Nothing` if none was lent.
    #[inline]
    pub(crate) fn supply(self) -> Supply<T> {
        self.call_supplier(None)
    }

    /// Registers the caller's waker with a supplier that has answered `Awaits`.
    pub(crate) fn await_supply(self, cx: &Context<'_>) {
        // A copy of the waker, not that of `cx`: no yield is found through it.
        if let Some(foreign) = slot::BorrowedWaker::foreign(cx) {
            self.call_supplier(Some(foreign.context().waker()));
        }
    }

    #[inline]
    fn call_supplier(self, waker: Option<&Waker>) -> Supply<T> {
        if LENT_TO.get() != self.id.get() {
            return Supply::Nothing;
        }
        LENT_TO.set(0);
        let _again = Again(self.id);
        // SAFETY: `supplied` is running on this thread and holds the supplier (invariant 1), which has this
        // type (2). Nothing else uses it (3).
        let supplier = unsafe { &mut *LENT.get().cast::<&mut Supplier<'_, T>>() };
        supplier(waker)
    }
}
