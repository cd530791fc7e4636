/// `()`, as what a generator is sent that is sent nothing: what [`Generator::next`](crate::Generator::next) asks for.
///
/// A bound in this form, and not `Self: Generator<Resume = ()>`, keeps `dyn Generator` possible.
#[diagnostic::on_unimplemented(
    message = "this generator is sent a `{S}` at each yield, and `next` sends nothing",
    label = "needs a generator with `Resume = ()`",
    note = "begin with `start()`, and go on with `send(value)`; `start_or_send(value)` does what fits the state",
    note = "in a function that is generic over the generator, the bound is `Generator<Resume = ()>`"
)]
pub trait SentNothing<S>: private::Sealed {
    /// Nothing, as what is sent.
    #[doc(hidden)]
    fn nothing(self) -> S;
}

impl SentNothing<()> for () {
    #[inline(always)]
    fn nothing(self) {}
}

mod private {
    #[expect(unnameable_types, reason = "nobody else implements the trait")]
    pub trait Sealed {}

    impl Sealed for () {}
}
