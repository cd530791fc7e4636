use crate::frame::{Exception, Never};

/// What the body of a [stage](crate::pipeline::stage()), of a
/// [sink](crate::GeneratorExt::into_sink) and of a [context manager](crate::context::context_manager) may return: `()`,
/// or a `Result` of `()`.
#[diagnostic::on_unimplemented(
    message = "this body returns `{Self}`, which is neither `()` nor a `Result<(), E>` of an error",
    note = "an error that is boxed, or a message, becomes one by `.map_err(Exception::new)`",
    note = "a sink whose body returns another value is made by `into_sink_with`, in a pipeline by `coroutine_with`"
)]
pub trait Outcome {
    /// How the body ended.
    ///
    /// # Errors
    ///
    /// The error that the body failed with.
    fn into_result(self) -> Result<(), Exception>;
}

impl Outcome for () {
    fn into_result(self) -> Result<(), Exception> {
        Ok(())
    }
}

impl<E: Into<Exception>> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), Exception> {
        self.map_err(Into::into)
    }
}

impl Outcome for Never {
    fn into_result(self) -> Result<(), Exception> {
        self
    }
}
