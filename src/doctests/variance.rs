//! The variance of every public type with a lifetime, and of those with a type parameter that is more than
//! a value inside. The reasons are in docs/architecture.md ("Lifetimes").

/// For each row there are two programs: one uses the type with a longer lifetime than it has, one
/// with a shorter lifetime. Beside a program that must not compile stands the same one with the
/// lifetime that the type has.
macro_rules! variance {
    ($($(#[$cfg:meta])* $name:ident: $variance:ident $of:literal;)*) => {
        $(
            $(#[$cfg])*
            #[doc = variance!(@longer $variance)]
            #[doc = variance!(@of $of)]
            /// fn takes(_: Of<'static>) {}
            /// fn longer(it: Of<'_>) {
            ///     takes(it);
            /// }
            /// ```
            ///
            /// ```
            #[doc = variance!(@of $of)]
            /// fn takes(_: Of<'static>) {}
            /// fn as_long(it: Of<'static>) {
            ///     takes(it);
            /// }
            /// ```
            ///
            #[doc = variance!(@shorter $variance)]
            #[doc = variance!(@of $of)]
            /// fn takes<'a>(_: Of<'a>, _: &'a u8) {}
            /// fn shorter(it: Of<'static>, short: &u8) {
            ///     takes(it, short);
            /// }
            /// ```
            ///
            /// ```
            #[doc = variance!(@of $of)]
            /// fn takes<'a>(_: Of<'a>, _: &'a u8) {}
            /// fn as_short<'a>(it: Of<'a>, short: &'a u8) {
            ///     takes(it, short);
            /// }
            /// ```
            struct $name;
        )*
    };
    (@of $of:literal) => { concat!("type Of<'a> = ", $of, ";") };
    (@longer contravariant) => { "```" };
    (@longer $variance:ident) => { "```compile_fail,E0521" };
    (@shorter covariant) => { "```" };
    (@shorter $variance:ident) => { "```compile_fail,E0521" };
}

// Generators and their handles.
variance! {
    CoOf: contravariant "cogen::Co<'a, u8>";
    CoYields: contravariant "cogen::Co<'static, &'a u8>";
    CoIsSent: covariant "cogen::Co<'static, u8, &'a u8>";
    RecursiveCoOf: invariant "cogen::RecursiveCo<'a, u8>";
    RecursiveCoYields: contravariant "cogen::RecursiveCo<'static, &'a u8>";
    RecursiveCoIsSent: covariant "cogen::RecursiveCo<'static, u8, &'a u8>";
    CallOf: invariant "cogen::Call<'a, u8, (), std::future::Ready<()>>";
    CallBody: invariant "cogen::Call<'static, u8, (), std::future::Ready<&'a u8>>";
    YieldValue: covariant "cogen::Yield<&'a u8>";
    YieldReply: covariant "cogen::Yield<u8, &'a u8>";
    RaiseYields: contravariant "cogen::Raise<&'a u8, ()>";
    CatchInside: covariant "cogen::Catch<u8, (), std::future::Ready<&'a u8>>";
    FrameOf: covariant "cogen::Frame<'a, u8, (), std::future::Ready<()>>";
    FrameYields: covariant "cogen::Frame<'static, &'a u8, (), std::future::Ready<()>>";
    FrameIsSent: contravariant "cogen::Frame<'static, u8, &'a u8, std::future::Ready<()>>";
    FrameReturns: invariant "cogen::Frame<'static, u8, (), std::future::Ready<&'a u8>>";
    RecursiveOf: covariant "cogen::Recursive<'a, u8, (), std::future::Ready<()>>";
    RecursiveYields: covariant "cogen::Recursive<'static, &'a u8, (), std::future::Ready<()>>";
    RecursiveIsSent: contravariant "cogen::Recursive<'static, u8, &'a u8, std::future::Ready<()>>";
    BoxGenOf: covariant "cogen::BoxGen<'a, u8>";
    BoxGenYields: invariant "cogen::BoxGen<'static, &'a u8>";
    BoxGenIsSent: invariant "cogen::BoxGen<'static, u8, &'a u8>";
    BoxGenReturns: invariant "cogen::BoxGen<'static, u8, (), &'a u8>";
    LocalBoxGenOf: covariant "cogen::LocalBoxGen<'a, u8>";
    LocalBoxGenYields: invariant "cogen::LocalBoxGen<'static, &'a u8>";
    SharedOf: invariant "cogen::Shared<cogen::BoxGen<'a, u8>>";
    ANextOf: covariant "cogen::ANext<'a, cogen::BoxGen<'static, u8>>";
    ANextIn: invariant "cogen::ANext<'a, cogen::BoxGen<'a, u8>>";
    AStartOf: covariant "cogen::AStart<'a, cogen::BoxGen<'static, u8>>";
    ASendOf: covariant "cogen::ASend<'a, cogen::BoxGen<'static, u8>>";
    AThrowOf: covariant "cogen::AThrow<'a, cogen::BoxGen<'static, u8>>";
    ACloseOf: covariant "cogen::AClose<'a, cogen::BoxGen<'static, u8>>";
    YieldFromOf: contravariant "cogen::YieldFrom<'a, u8, (), cogen::BoxGen<'static, u8>>";
    YieldAllOf: contravariant "cogen::YieldAll<'a, u8, (), std::ops::Range<u8>>";
    YieldAllStreamOf: contravariant "cogen::YieldAllStream<'a, u8, (), cogen::BoxGen<'static, u8>>";
    AskOf: contravariant "cogen::adapt::Ask<'a, u8, u8, u8>";
    ReplyToTakes: contravariant "cogen::ReplyTo<&'a u8, u8>";
    ReplyToGives: covariant "cogen::ReplyTo<u8, &'a u8>";
}

// Pipelines.
variance! {
    EndsOf: contravariant "cogen::pipeline::Ends<'a, u8, u8>";
    EndsTake: covariant "cogen::pipeline::Ends<'static, &'a u8, u8>";
    EndsGive: contravariant "cogen::pipeline::Ends<'static, u8, &'a u8>";
    RecvOf: contravariant "cogen::pipeline::Recv<'a, u8, u8>";
    EmitTakes: contravariant "cogen::pipeline::Emit<&'a u8, u8>";
    BodyOf: covariant "cogen::pipeline::Body<'a, u8, u8, std::future::Ready<()>>";
    BodyTakes: invariant "cogen::pipeline::Body<'static, &'a u8, u8, std::future::Ready<()>>";
    BodyGives: covariant "cogen::pipeline::Body<'static, u8, &'a u8, std::future::Ready<()>>";
    SinkBodyOf: covariant "cogen::pipeline::SinkBody<'a, u8, std::future::Ready<()>>";
    IterOf: covariant "cogen::pipeline::Iter<'a, cogen::pipeline::BoxSource<'static, u8>>";
    IterIn: invariant "cogen::pipeline::Iter<'a, cogen::pipeline::BoxSource<'a, u8>>";
    #[cfg(feature = "threads")]
    OnThreadOf: invariant "cogen::pipeline::OnThread<'a, cogen::pipeline::BoxSource<'static, u8>>";
    #[cfg(feature = "threads")]
    ParallelOf: invariant "cogen::pipeline::Parallel<'a, cogen::pipeline::BoxStage<'static, u8, u8>>";
    #[cfg(feature = "threads")]
    SinkOnThreadOf: invariant "cogen::pipeline::SinkOnThread<'a, cogen::pipeline::BoxSink<'static, u8, u8>>";
    BoxSourceOf: covariant "cogen::pipeline::BoxSource<'a, u8>";
    BoxSourceItems: invariant "cogen::pipeline::BoxSource<'static, &'a u8>";
    BoxStageOf: covariant "cogen::pipeline::BoxStage<'a, u8, u8>";
    BoxSinkOf: covariant "cogen::pipeline::BoxSink<'a, u8, u8>";
}

// Context managers and the async API.
variance! {
    ContextManagerOf: covariant "cogen::context::ContextManager<'a, u8>";
    ExitStackOf: invariant "cogen::context::ExitStack<'a>";
    #[cfg(feature = "aio")]
    TaskGroupOf: invariant "cogen::aio::TaskGroup<'a>";
    #[cfg(feature = "aio")]
    TaskGives: invariant "cogen::aio::Task<&'a u8>";
    #[cfg(feature = "aio")]
    LockGuardOf: covariant "cogen::aio::LockGuard<'a, u8>";
    #[cfg(feature = "aio")]
    LockGuardValue: invariant "cogen::aio::LockGuard<'a, std::cell::Cell<&'a u8>>";
    #[cfg(feature = "aio")]
    PermitOf: covariant "cogen::aio::Permit<'a>";
    #[cfg(feature = "process")]
    AnswersOf: covariant "cogen::process::__private::Answers<'a>";
}
