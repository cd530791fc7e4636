//! `Debug` that asks for no bounds.
//!
//! A derived `Debug` asks for that of every type parameter: `Map<In, F>` would have it only if its closure had, and no
//! closure has. It would also call the code of others while something is borrowed. So [`debug!`] is told what to show.

/// Implements `Debug` for a struct, whose fields are shown as they are listed; `..` says that there are more.
///
/// ```text
/// debug!(LoopHandle { .. });
/// debug!(self: ExitStack<'_> { exits: self.exits.borrow().len() });
/// debug!(impl[Y, S, F: Future] self: Frame<'_, Y, S, F> { id: self.head.id, .. });
/// ```
macro_rules! debug {
    (impl[$($parameters:tt)*] $($shown:tt)*) => {
        $crate::debug::debug!(@[<$($parameters)*>] $($shown)*);
    };
    (@[$($parameters:tt)*] $name:ident $(<$($argument:tt),*>)? { .. }) => {
        impl $($parameters)* ::core::fmt::Debug for $name $(<$($argument),*>)? {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
    (
        @[$($parameters:tt)*] $self:ident: $name:ident $(<$($argument:tt),*>)?
        { $($field:ident: $value:expr,)* .. }
    ) => {
        impl $($parameters)* ::core::fmt::Debug for $name $(<$($argument),*>)? {
            fn fmt(&$self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &$value))*
                    .finish_non_exhaustive()
            }
        }
    };
    (
        @[$($parameters:tt)*] $self:ident: $name:ident $(<$($argument:tt),*>)?
        { $($field:ident: $value:expr),* $(,)? }
    ) => {
        impl $($parameters)* ::core::fmt::Debug for $name $(<$($argument),*>)? {
            fn fmt(&$self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &$value))*
                    .finish()
            }
        }
    };
    ($name:ident $($shown:tt)*) => {
        $crate::debug::debug!(@[] $name $($shown)*);
    };
}

pub(crate) use debug;
