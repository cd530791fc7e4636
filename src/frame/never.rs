/// The output of a future that never ends, the type `!`, which has no name of its own on stable.
pub type Never = <fn() -> ! as Returns>::Type;

/// Names the return type of a function pointer; only [`Never`] uses it.
#[doc(hidden)]
pub trait Returns {
    type Type;
}

impl<T> Returns for fn() -> T {
    type Type = T;
}
