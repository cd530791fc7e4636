#![doc = include_str!("guide/links.md")]
#![doc = include_str!("../docs/guide/README.md")]
// Only rustdoc reads this file: for the pages here, and for the tests of the programs in them.
//
// On GitHub a link from page to page goes to a file, here to a module. So the pages have no links with an address in
// the text: they name them, and give the addresses at their end. The same names are in `guide/links.md`, with the
// addresses here; it stands before each page, and of two addresses for a name the first one counts.
// `tests/links.rs` checks that no name is missing in either place.

macro_rules! pages {
    ($($(#[$attribute:meta])* $name:ident: $file:literal;)*) => {$(
        $(#[$attribute])*
        #[doc = include_str!("guide/links.md")]
        #[doc = include_str!(concat!("../docs/guide/", $file))]
        pub mod $name {}
    )*};
}

pages! {
    generators: "generators.md";
    exceptions: "exceptions.md";
    errors: "errors.md";
    delegation: "delegation.md";
    sans_io: "sans-io.md";
    #[cfg(feature = "threads")]
    pipelines: "pipelines.md";
    costs: "costs.md";
    #[cfg(feature = "aio")]
    tasks: "tasks.md";
    #[cfg(feature = "aio")]
    cancellation: "cancellation.md";
    #[cfg(feature = "aio")]
    synchronisation: "synchronisation.md";
    #[cfg(feature = "aio")]
    async_generators: "async-generators.md";
    #[cfg(feature = "aio")]
    context_managers: "context-managers.md";
    #[cfg(feature = "aio")]
    blocking: "blocking.md";
    #[cfg(all(feature = "process", unix))]
    processes: "processes.md";
    from_python: "from-python.md";
    #[cfg(feature = "aio")]
    from_asyncio: "from-asyncio.md";
    #[cfg(feature = "aio")]
    with_tokio: "with-tokio.md";
    #[cfg(feature = "genawaiter")]
    from_genawaiter: "from-genawaiter.md";
    from_async_stream: "from-async-stream.md";
    #[cfg(feature = "aio")]
    tutorial: "tutorial.md";
}
