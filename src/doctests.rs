//! What must not compile, and the programs of the README and the guide.

/// A body that is not `Send` makes a generator that is not.
///
/// ```compile_fail,E0277
/// use cogen::{Co, generator};
/// use std::rc::Rc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(generator(|co: Co<'_, u8>| async move {
///     let kept = Rc::new(());
///     co.yield_(1).await;
///     drop(kept);
/// }));
/// ```
///
/// Nor does one that returns what is not `Send`: it may be kept for `take_return`.
///
/// ```compile_fail,E0277
/// use cogen::{Co, generator};
/// use std::rc::Rc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(generator(|co: Co<'_, u8>| async move { Rc::new(()) }));
/// ```
///
/// A `BoxGen` takes only what is `Send`; a `LocalBoxGen` is not.
///
/// ```compile_fail
/// use cogen::{Co, generator};
/// use std::rc::Rc;
///
/// generator(|co: Co<'_, u8>| async move {
///     let kept = Rc::new(());
///     co.yield_(1).await;
///     drop(kept);
/// })
/// .boxed();
/// ```
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<cogen::LocalBoxGen<'static, u8>>();
/// ```
///
/// A yield holds its value: it is `Send` only if that is.
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<cogen::Yield<std::rc::Rc<()>, ()>>();
/// ```
///
/// A frame whose body borrows from itself has to be pinned.
///
/// ```compile_fail
/// use cogen::{Co, Generator, generator};
///
/// let mut g = generator(|co: Co<'_, u8>| async move { co.yield_(1).await });
/// g.next();
/// ```
///
/// A yield stays where it is.
///
/// ```compile_fail,E0277
/// fn is_unpin<T: Unpin>() {}
/// is_unpin::<cogen::Yield<u8, ()>>();
/// ```
///
/// What a generator borrows outlives it.
///
/// ```compile_fail,E0597
/// use cogen::{BoxGen, Generator, generator};
///
/// let mut g: BoxGen<'_, usize> = {
///     let text = String::from("gone");
///     let borrowed = &text;
///     generator(move |co| async move { co.yield_(borrowed.len()).await }).boxed()
/// };
/// g.next();
/// ```
///
/// A handle made for one lifetime is not used for a longer one.
///
/// ```compile_fail
/// fn longer<'a>(co: cogen::Co<'static, u8>) -> cogen::Co<'a, u8> {
///     co
/// }
/// ```
///
/// ```compile_fail
/// fn longer<'a>(co: cogen::RecursiveCo<'static, u8>) -> cogen::RecursiveCo<'a, u8> {
///     co
/// }
/// ```
///
/// A plain generator does not call.
///
/// ```compile_fail,E0599
/// use cogen::{Co, generator};
///
/// generator(|co: Co<'_, u8>| async move { co.call(async {}).await });
/// ```
///
/// What is called borrows nothing of the body that calls it.
///
/// ```compile_fail,E0597
/// use cogen::{RecursiveCo, recursive};
///
/// recursive(|co: RecursiveCo<'_, usize>| async move {
///     let text = String::from("local");
///     let borrowed = &text;
///     co.call(async move { co.yield_(borrowed.len()).await }).await;
/// });
/// ```
///
/// Nor what does not live as long as the generator.
///
/// ```compile_fail,E0597
/// use cogen::{Generator, recursive};
///
/// let mut g = {
///     let text = String::from("gone");
///     let borrowed = &text;
///     Box::pin(recursive(|co| async move {
///         co.call(async move { co.yield_(borrowed.len()).await }).await;
///     }))
/// };
/// g.next();
/// ```
///
/// Calling what is not `Send` makes a generator that is not.
///
/// ```compile_fail
/// use cogen::{RecursiveCo, recursive};
/// use std::rc::Rc;
///
/// recursive(|co: RecursiveCo<'_, u8>| async move {
///     let kept = Rc::new(());
///     co.call(async move {
///         co.yield_(1).await;
///         drop(kept);
///     })
///     .await;
/// })
/// .boxed();
/// ```
///
/// `next` is there only for what is sent nothing.
///
/// ```compile_fail
/// use cogen::{Co, Generator, generator};
///
/// let mut g = Box::pin(generator(|co: Co<'_, u8, u8>| async move { co.yield_(1).await }));
/// g.next();
/// ```
///
/// What tasks wait for each other with is for one thread.
#[cfg_attr(feature = "aio", doc = "```compile_fail,E0277")]
#[cfg_attr(not(feature = "aio"), doc = "```ignore")]
/// fn is_send<T: Send>() {}
/// is_send::<cogen::aio::Lock<u8>>();
/// ```
///
#[cfg_attr(feature = "aio", doc = "```compile_fail,E0277")]
#[cfg_attr(not(feature = "aio"), doc = "```ignore")]
/// fn is_send<T: Send>() {}
/// is_send::<cogen::aio::Queue<u8>>();
/// ```
struct MustNotCompile;

// Its programs are of all features.
#[cfg(feature = "aio")]
#[doc = include_str!("../README.md")]
struct Readme;

#[doc = include_str!("../docs/guide/pipelines.md")]
struct GuidePipelines;

#[doc = include_str!("../docs/guide/generators.md")]
struct GuideGenerators;

#[doc = include_str!("../docs/guide/exceptions.md")]
struct GuideExceptions;

#[doc = include_str!("../docs/guide/delegation.md")]
struct GuideDelegation;

#[doc = include_str!("../docs/guide/sans-io.md")]
struct GuideSansIo;

#[doc = include_str!("../docs/guide/from-python.md")]
struct GuideFromPython;

#[cfg(feature = "genawaiter")]
#[doc = include_str!("../docs/guide/from-genawaiter.md")]
struct GuideFromGenawaiter;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/tasks.md")]
struct GuideTasks;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/cancellation.md")]
struct GuideCancellation;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/synchronisation.md")]
struct GuideSynchronisation;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/from-asyncio.md")]
struct GuideFromAsyncio;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/async-generators.md")]
struct GuideAsyncGenerators;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/context-managers.md")]
struct GuideContextManagers;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/blocking.md")]
struct GuideBlocking;

#[cfg(feature = "aio")]
#[doc = include_str!("../docs/guide/tutorial.md")]
struct GuideTutorial;

#[cfg(all(feature = "process", unix))]
#[doc = include_str!("../docs/guide/processes.md")]
struct GuideProcesses;
