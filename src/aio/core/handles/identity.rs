//! Handles are equal if they are of the same thing, as Python's objects are.

/// Implements `Eq` and `Hash` for a handle, by the address of what it is a handle to.
macro_rules! identity {
    ([$($generic:tt)*] $handle:ty, |$it:ident| $address:expr) => {
        /// Handles of the same thing are equal.
        impl<$($generic)*> PartialEq for $handle {
            fn eq(&self, other: &Self) -> bool {
                let address = |$it: &Self| $address;
                address(self) == address(other)
            }
        }

        impl<$($generic)*> Eq for $handle {}

        impl<$($generic)*> std::hash::Hash for $handle {
            fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
                let address = |$it: &Self| $address;
                address(self).hash(state);
            }
        }
    };
}
pub(in crate::aio) use identity;
