/// Implements `Display` and `Error` for an error of an operation that may hold what was raised (its variant `Raised`),
/// and `into_exception`. `deep` is the variant for which that gives a
/// [`RecursionError`](crate::RecursionError), and `rest` makes an error of what else it may be.
macro_rules! operation_error {
    (
        impl[$($parameter:ident)?] $name:ident {
            $($refused:pat => $message:expr,)*
        }
        $(#[$doc:meta])*
        into_exception { $(deep $deep:pat => $instead:expr,)? rest => $rest:expr }
    ) => {
        impl$(<$parameter>)? ::core::fmt::Display for $name$(<$parameter>)? {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    $($refused => f.write_str($message),)*
                    Self::Raised(exception) => ::core::fmt::Display::fmt(exception, f),
                }
            }
        }

        impl$(<$parameter: 'static>)? ::core::error::Error for $name$(<$parameter>)? {
            fn source(&self) -> Option<&(dyn ::core::error::Error + 'static)> {
                match self {
                    Self::Raised(exception) => exception.source(),
                    _ => None,
                }
            }

            fn cause(&self) -> Option<&dyn ::core::error::Error> {
                let wrapper = const {
                    &$crate::frame::Wrapper::new(|error| {
                        Ok(Self::into_exception($crate::frame::unboxed(error)?).into())
                    })
                };
                match self {
                    Self::Raised(_) => Some(wrapper),
                    $(#[allow(unused_variables, reason = "a pattern for a move")] $deep => Some(wrapper),)?
                    _ => None,
                }
            }
        }

        impl$(<$parameter>)? $name$(<$parameter>)? {
            $(#[$doc])*
            pub fn into_exception(self) -> $crate::frame::Exception {
                match self {
                    Self::Raised(exception) => exception,
                    $($deep => $crate::frame::Exception::new($instead),)?
                    error => $crate::frame::Exception::new($rest(error)),
                }
            }
        }
    };
}

pub(crate) use operation_error;
