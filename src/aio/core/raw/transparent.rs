/// A `T`, to have another trait's impl; a reference to a `T` is one to this.
#[repr(transparent)]
pub(in crate::aio) struct Transparent<T>(pub(in crate::aio::core) T);

impl<T> Transparent<T> {
    pub(in crate::aio::core) fn of(inner: &T) -> &Self {
        // SAFETY: it is transparent, so that both are the same in memory; the lifetime is that of `inner`.
        unsafe { &*std::ptr::from_ref(inner).cast::<Self>() }
    }
}
