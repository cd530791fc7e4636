use std::cell::Cell;
use std::ptr;

thread_local! {
    /// Its address tells living threads apart. It is made by a constant and has no destructor, so it exists
    /// as long as the thread does, even for the destructors of other thread-locals: `with` cannot fail.
    static THREAD: Cell<u8> = const { Cell::new(0) };
}

/// An address that no other living thread has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aio) struct ThreadToken(*const Cell<u8>);

impl ThreadToken {
    #[inline]
    pub(in crate::aio) fn of_this_thread() -> Self {
        Self(THREAD.with(ptr::from_ref))
    }
}
