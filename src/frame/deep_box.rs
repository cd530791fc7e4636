//! Boxes of generators that may be nested to any depth: where little of the stack is left ([`super::native_stack`]), they are
//! dropped elsewhere, or leaked.

use alloc::boxed::Box;
use core::mem::ManuallyDrop;
use core::pin::Pin;
#[cfg(feature = "std")]
use std::panic;
#[cfg(feature = "std")]
use std::thread::{self, ScopedJoinHandle};

#[cfg(feature = "std")]
use super::engine::Engine;
use super::native_stack::is_too_deep_to_drop;

/// The stack of a thread that drops what is too deep for the one that asks.
#[cfg(all(feature = "std", target_pointer_width = "64"))]
const ROOM: usize = 64 << 20;
#[cfg(all(feature = "std", not(target_pointer_width = "64")))]
const ROOM: usize = 8 << 20;

/// Runs `run`, and waits for its end: on a thread with room if there is little left here. A panic of `run` goes on
/// here, unless this thread is panicking already.
#[cfg(feature = "std")]
#[inline]
pub(crate) fn with_room(run: impl FnOnce() + Send) {
    if is_too_deep_to_drop() {
        elsewhere(run);
    } else {
        run();
    }
}

#[cfg(feature = "std")]
#[cold]
#[inline(never)]
fn elsewhere(run: impl FnOnce() + Send) {
    let ended = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(ROOM);
        // Without a thread, what `run` holds has been dropped here.
        thread.spawn_scoped(scope, run).map(ScopedJoinHandle::join)
    });
    if let Ok(Err(payload)) = ended {
        if !thread::panicking() {
            panic::resume_unwind(payload);
        }
    }
}

/// A box that may be nested in others of its kind to any depth: where little of the stack is left, it is dropped on
/// another thread, for which this one waits.
#[cfg(feature = "std")]
pub(crate) struct SendBox<E: ?Sized + Send>(ManuallyDrop<Pin<Box<E>>>);

/// The same for what must stay on this thread: where little of the stack is left, it is leaked.
pub(crate) struct LocalBox<E: ?Sized>(ManuallyDrop<Pin<Box<E>>>);

// SAFETY: a shared box gives nothing but a shared engine (`get`), of which the functions that take `&self` are safe to
// call from several threads: they look at the frame's head, which is changed through `&mut` alone, and at a generator
// that is not a frame with a lock held. The body, and what is kept, are reached through `&mut` alone.
#[cfg(feature = "std")]
unsafe impl<E: ?Sized + Engine + Send> Sync for SendBox<E> {}

#[cfg(feature = "std")]
impl<E: ?Sized + Send> SendBox<E> {
    pub(crate) fn new(engine: Pin<Box<E>>) -> Self {
        Self(ManuallyDrop::new(engine))
    }

    #[inline]
    pub(crate) fn get(&self) -> &E {
        &self.0
    }

    #[inline]
    pub(crate) fn as_mut(&mut self) -> Pin<&mut E> {
        self.0.as_mut()
    }

    /// Runs `run` where there is room.
    #[inline]
    pub(crate) fn with_room(&mut self, run: impl FnOnce(Pin<&mut E>) + Send) {
        let engine = self.as_mut();
        with_room(move || run(engine));
    }
}

impl<E: ?Sized> LocalBox<E> {
    pub(crate) fn new(engine: Pin<Box<E>>) -> Self {
        Self(ManuallyDrop::new(engine))
    }

    #[inline]
    pub(crate) fn get(&self) -> &E {
        &self.0
    }

    #[inline]
    pub(crate) fn as_mut(&mut self) -> Pin<&mut E> {
        self.0.as_mut()
    }

    /// Runs `run`: there is no other place.
    #[inline]
    pub(crate) fn with_room(&mut self, run: impl FnOnce(Pin<&mut E>)) {
        run(self.as_mut());
    }
}

#[cfg(feature = "std")]
impl<E: ?Sized + Send> Drop for SendBox<E> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: it is not used again.
        let engine = unsafe { ManuallyDrop::take(&mut self.0) };
        with_room(move || drop(engine));
    }
}

impl<E: ?Sized> Drop for LocalBox<E> {
    #[inline]
    fn drop(&mut self) {
        if is_too_deep_to_drop() {
            // It stays where it is for ever, as what is pinned and not dropped has to.
            return;
        }
        // SAFETY: it is not used again.
        unsafe { ManuallyDrop::drop(&mut self.0) };
    }
}
