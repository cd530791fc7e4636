use crate::frame::{Exception, IntoException, Never};

/// What the body of a [stage](crate::pipeline::stage()), of a
/// [sink](crate::GeneratorExt::into_sink) and of a [context manager](crate::context::context_manager) may return: `()`,
/// or a `Result` of `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither `()` nor a `Result<(), E>` of an error",
    note = "that is what the body of a stage, of a sink and of a context manager returns, and what is called to close something",
    note = "an error must be `Send + Sync + 'static`: a `Box<dyn Error>` must be a `Box<dyn Error + Send + Sync>`",
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

impl<E: IntoException> Outcome for Result<(), E> {
    fn into_result(self) -> Result<(), Exception> {
        self.map_err(IntoException::into_exception)
    }
}

impl Outcome for Never {
    fn into_result(self) -> Result<(), Exception> {
        self
    }
}
