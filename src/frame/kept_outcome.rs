use alloc::boxed::Box;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr;

/// One value whose type only the owner knows: in place if it is small, else in a box. It lives in the cold box of a
/// frame, which does not know what its body returns, so that a frame that kept nothing has only one thing to look at
/// when it is dropped.
pub(super) struct KeptOutcome {
    /// The value if it fits ([`fits`]), or the address of its box.
    place: MaybeUninit<Place>,
    drop: unsafe fn(*mut Place),
}

/// The words of a `Result<String, Exception>`, and one more.
type Place = [*mut (); 4];

// SAFETY: the owner is the `Frame` whose body's output this is; it has a marker field by which it is
// `Send` only if the output is.
unsafe impl Send for KeptOutcome {}

const fn fits<T>() -> bool {
    size_of::<T>() <= size_of::<Place>() && align_of::<T>() <= align_of::<Place>()
}

impl KeptOutcome {
    pub(super) fn new<T>(value: T) -> Self {
        if const { fits::<T>() } {
            Self::holding(value)
        } else {
            Self::holding(Box::new(value))
        }
    }

    fn holding<T>(value: T) -> Self {
        // SAFETY: there is a `T`, which is not used again.
        unsafe fn drop_in_place<T>(place: *mut Place) {
            // SAFETY: by the contract.
            unsafe { ptr::drop_in_place(place.cast::<T>()) };
        }
        assert!(const { fits::<T>() });
        let mut place = MaybeUninit::<Place>::uninit();
        // SAFETY: it has room for a `T`, and its alignment.
        unsafe { place.as_mut_ptr().cast::<T>().write(value) };
        Self {
            place,
            drop: drop_in_place::<T>,
        }
    }

    /// The value.
    ///
    /// # Safety
    ///
    /// It was made by `new::<T>`.
    pub(super) unsafe fn into_inner<T>(self) -> T {
        let this = ManuallyDrop::new(self);
        let place = this.place.as_ptr();
        // SAFETY: `new::<T>` has put it there, and `this` is not used again.
        unsafe {
            if const { fits::<T>() } {
                place.cast::<T>().read()
            } else {
                *place.cast::<Box<T>>().read()
            }
        }
    }
}

impl Drop for KeptOutcome {
    fn drop(&mut self) {
        // SAFETY: `drop` goes with what is in the place, which has not been taken.
        unsafe { (self.drop)(self.place.as_mut_ptr()) };
    }
}

#[cfg(test)]
mod tests {
    use super::KeptOutcome;
    use alloc::rc::Rc;

    /// Kept and taken, and kept and dropped.
    fn check<T: PartialEq + core::fmt::Debug>(make: impl Fn(Rc<()>) -> T) {
        let count = Rc::new(());
        let kept = KeptOutcome::new(make(count.clone()));
        // SAFETY: it is one.
        assert_eq!(unsafe { kept.into_inner::<T>() }, make(count.clone()));
        drop(KeptOutcome::new(make(count.clone())));
        assert_eq!(Rc::strong_count(&count), 1);
    }

    #[repr(align(64))]
    #[derive(Debug, PartialEq)]
    struct Aligned(Rc<()>);

    #[test]
    fn values_of_all_sizes_come_back() {
        check(|_| ());
        check(|_| 7_u8);
        check(|count| count);
        check(|count| [const { None }; 3].map(|none: Option<u8>| (none, count.clone())));
        check(|count| (count, [7_u64; 3]));
        check(|count| (count, [7_u64; 4]));
        check(Aligned);
    }
}
