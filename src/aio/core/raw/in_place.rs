//! Values that are made where they stay. With `Vec::push` and `Rc::new` a value is made elsewhere, in parts,
//! and then moved as a whole: the processor waits for the parts to arrive in memory, which takes longer than
//! all the rest.

use std::rc::Rc;

/// Puts what `make` makes at the end of `queue`.
#[inline]
pub(in crate::aio) fn push_with<T>(queue: &mut Vec<T>, make: impl FnOnce() -> T) {
    if queue.len() == queue.capacity() {
        grow(queue);
    }
    let len = queue.len();
    // SAFETY: there is room for one more, and that many are initialised afterwards.
    unsafe {
        queue.as_mut_ptr().add(len).write(make());
        queue.set_len(len + 1);
    }
}

#[cold]
#[inline(never)]
fn grow<T>(queue: &mut Vec<T>) {
    queue.reserve(1);
}

/// Puts what `make` makes into an `Rc`.
#[inline]
pub(in crate::aio) fn rc_with<T>(make: impl FnOnce() -> T) -> Rc<T> {
    let mut place = Rc::<T>::new_uninit();
    let Some(value) = Rc::get_mut(&mut place) else {
        unreachable!("nobody else has it yet")
    };
    value.write(make());
    // SAFETY: the value has just been written.
    unsafe { place.assume_init() }
}

#[cfg(test)]
mod tests {
    use super::{push_with, rc_with};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::rc::Rc;

    #[test]
    fn what_is_pushed_is_at_the_end_and_stays() {
        let entry = Rc::new(0);
        let mut queue = Vec::new();
        for n in 1..100 {
            push_with(&mut queue, || entry.clone());
            assert_eq!((queue.len(), Rc::strong_count(&entry)), (n, n + 1));
        }
        let pushed = catch_unwind(AssertUnwindSafe(|| {
            push_with(&mut queue, || panic!("nothing is made"));
        }));
        assert!(pushed.is_err() && queue.len() == 99);
        drop(queue);
        assert_eq!(Rc::strong_count(&entry), 1);
    }

    #[test]
    fn what_is_made_in_an_rc_is_dropped_once_and_a_panic_leaves_nothing() {
        let value = Rc::new(0);
        let made = rc_with(|| value.clone());
        assert_eq!((Rc::strong_count(&made), Rc::strong_count(&value)), (1, 2));
        drop(made);
        assert_eq!(Rc::strong_count(&value), 1);
        let made = catch_unwind(|| rc_with(|| -> String { panic!("nothing is made") }));
        assert!(made.is_err());
    }
}
