/// A function that can be a job: of one argument, which is sent, or of up to six, which are sent as a tuple. `Arity` tells
/// these apart.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a job",
    label = "not a function of up to six arguments that captures nothing",
    note = "a closure says the types of its arguments: `job!(|n: u32| n * n)`"
)]
pub trait Function<A, Arity> {
    /// What it returns.
    type Value;

    fn call(&self, arguments: A) -> Self::Value;
}

impl<F: Fn(A) -> O, A, O> Function<A, (A,)> for F {
    type Value = O;

    fn call(&self, argument: A) -> O {
        self(argument)
    }
}

macro_rules! several {
    ($(($($argument:ident),*);)*) => {$(
        impl<F: Fn($($argument),*) -> O, $($argument,)* O> Function<($($argument,)*), ($($argument,)*)> for F
        {
            type Value = O;

            #[allow(non_snake_case, reason = "an argument is named after its type")]
            fn call(&self, ($($argument,)*): ($($argument,)*)) -> O {
                self($($argument),*)
            }
        }
    )*};
}

several! {
    ();
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
    (A, B, C, D, E, G);
}
