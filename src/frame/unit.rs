//! The value of a type that turns out to be `()`.

use core::any::TypeId;
use core::marker::PhantomData;
use core::mem;

/// `()`, if that is what `T` is.
#[inline]
pub(crate) fn unit<T>() -> Option<T> {
    // SAFETY: `T` is `()`: the id tells so but for lifetimes, and `()` has none. (Being of size 0 would not be enough: an
    // uninhabited or a private type may be as small.)
    (type_id::<T>() == TypeId::of::<()>()).then(|| unsafe { mem::transmute_copy::<(), T>(&()) })
}

/// The id of `T` with all its lifetimes as `'static`.
#[inline]
pub(crate) fn type_id<T>() -> TypeId {
    trait HasId {
        fn id(&self) -> TypeId
        where
            Self: 'static;
    }

    impl<T> HasId for PhantomData<T> {
        #[inline]
        fn id(&self) -> TypeId
        where
            Self: 'static,
        {
            TypeId::of::<T>()
        }
    }

    let phantom = PhantomData::<T>;
    let erased: &dyn HasId = &phantom;
    // SAFETY: the object holds nothing, so nothing in it is used for longer than it lives. Code is the same for all
    // lifetimes: `id` cannot tell what the bound says.
    let erased = unsafe { mem::transmute::<&dyn HasId, &(dyn HasId + 'static)>(erased) };
    erased.id()
}

#[cfg(test)]
mod tests {
    use super::unit;

    struct Nothing;

    /// In a function that knows nothing of `'a`.
    fn is_unit<'a, T: 'a>(_: &'a T) -> bool {
        unit::<T>().is_some()
    }

    #[test]
    fn only_the_unit_type_has_its_value() {
        assert!(is_unit(&()));
        assert!(!is_unit(&Nothing));
        assert!(!is_unit(&[0; 0]));
        assert!(!is_unit(&((), ())));
        let text = String::new();
        assert!(!is_unit(&&*text));
        assert!(unit::<core::convert::Infallible>().is_none());
        assert!(unit::<fn(&())>().is_none());
    }
}
