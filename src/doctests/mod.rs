//! What must not compile, and the programs of the README and the guide.
//!
//! A program that must not compile names the error, where that has a number, and stands beside one that differs in
//! one thing and compiles: so it fails for the intended reason.

mod auto_traits;
mod borrows;
mod protocol;
mod variance;

// Its programs use all features.
#[cfg(feature = "aio")]
#[doc = include_str!("../../README.md")]
struct Readme;

#[doc = include_str!("../../docs/guide/pipelines.md")]
struct GuidePipelines;

#[doc = include_str!("../../docs/guide/generators.md")]
struct GuideGenerators;

#[doc = include_str!("../../docs/guide/exceptions.md")]
struct GuideExceptions;

#[doc = include_str!("../../docs/guide/delegation.md")]
struct GuideDelegation;

#[doc = include_str!("../../docs/guide/sans-io.md")]
struct GuideSansIo;

#[doc = include_str!("../../docs/guide/costs.md")]
struct GuideCosts;

#[doc = include_str!("../../docs/guide/from-python.md")]
struct GuideFromPython;

#[cfg(feature = "genawaiter")]
#[doc = include_str!("../../docs/guide/from-genawaiter.md")]
struct GuideFromGenawaiter;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/tasks.md")]
struct GuideTasks;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/cancellation.md")]
struct GuideCancellation;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/synchronisation.md")]
struct GuideSynchronisation;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/from-asyncio.md")]
struct GuideFromAsyncio;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/async-generators.md")]
struct GuideAsyncGenerators;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/context-managers.md")]
struct GuideContextManagers;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/blocking.md")]
struct GuideBlocking;

#[cfg(feature = "aio")]
#[doc = include_str!("../../docs/guide/tutorial.md")]
struct GuideTutorial;

#[cfg(all(feature = "process", unix))]
#[doc = include_str!("../../docs/guide/processes.md")]
struct GuideProcesses;
