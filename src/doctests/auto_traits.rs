//! What must not be sent to, or shared with, another thread. (For types without a body,
//! tests/auto_traits.rs checks this when it is compiled.)

/// A body that is not `Send` makes a generator that is not `Send`. (The compiler has no number for that error.)
///
/// ```compile_fail
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
/// ```
/// use cogen::{Co, generator};
/// use std::sync::Arc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(generator(|co: Co<'_, u8>| async move {
///     let kept = Arc::new(());
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
/// ```
/// use cogen::{Co, generator};
/// use std::sync::Arc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(generator(|co: Co<'_, u8>| async move { Arc::new(()) }));
/// ```
///
/// A `BoxGen` takes only what is `Send`; a `LocalBoxGen` takes anything.
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
/// ```
/// use cogen::{Co, generator};
/// use std::rc::Rc;
///
/// generator(|co: Co<'_, u8>| async move {
///     let kept = Rc::new(());
///     co.yield_(1).await;
///     drop(kept);
/// })
/// .boxed_local();
/// ```
///
/// Calling what is not `Send` makes a generator that is not `Send`.
///
/// ```compile_fail,E0277
/// use cogen::{RecursiveCo, recursive};
/// use std::rc::Rc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(recursive(|co: RecursiveCo<'_, u8>| co.call(std::future::ready(Rc::new(())))));
/// ```
///
/// ```
/// use cogen::{RecursiveCo, recursive};
/// use std::sync::Arc;
///
/// fn is_send<T: Send>(_: T) {}
/// is_send(recursive(|co: RecursiveCo<'_, u8>| co.call(std::future::ready(Arc::new(())))));
/// ```
///
/// The same goes for what the called body keeps.
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
/// ```
/// use cogen::{RecursiveCo, recursive};
/// use std::sync::Arc;
///
/// recursive(|co: RecursiveCo<'_, u8>| async move {
///     let kept = Arc::new(());
///     co.call(async move {
///         co.yield_(1).await;
///         drop(kept);
///     })
///     .await;
/// })
/// .boxed();
/// ```
///
/// A handle for several owners gives its generator's values to whichever thread asks: what is yielded, sent and
/// returned has to be `Send`, and so does the body.
///
/// ```compile_fail,E0277
/// use cogen::{BoxGen, LocalBoxGen, Shared};
///
/// fn is_send<T: Send>() {}
/// is_send::<Shared<LocalBoxGen<'static, u8>>>();
/// ```
///
/// ```compile_fail,E0277
/// use cogen::{BoxGen, LocalBoxGen, WeakShared};
///
/// fn is_sync<T: Sync>() {}
/// is_sync::<WeakShared<LocalBoxGen<'static, u8>>>();
/// ```
///
/// ```
/// use cogen::{BoxGen, Shared, WeakShared};
///
/// fn is_send<T: Send>() {}
/// fn is_sync<T: Sync>() {}
/// is_send::<Shared<BoxGen<'static, u8>>>();
/// is_sync::<WeakShared<BoxGen<'static, u8>>>();
/// ```
struct Generators;

#[cfg(feature = "threads")]
/// What a stage on several threads takes and gives crosses them.
///
/// ```compile_fail,E0277
/// use cogen::pipeline::{Pipeline, map, parallel, source};
/// use std::rc::Rc;
///
/// source([1]).map(Rc::new).pipe(parallel(2, || map(|n: Rc<i32>| *n)));
/// ```
///
/// ```
/// use cogen::pipeline::{Pipeline, map, parallel, source};
/// use std::sync::Arc;
///
/// source([1]).map(Arc::new).pipe(parallel(2, || map(|n: Arc<i32>| *n)));
/// ```
struct Pipelines;

/// An exception may be caught on another thread than it was thrown on.
///
/// ```compile_fail,E0277
/// use std::{error::Error, fmt, rc::Rc};
///
/// #[derive(Debug)]
/// struct Failed(Rc<u8>);
/// impl fmt::Display for Failed {
///     fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
///         Ok(())
///     }
/// }
/// impl Error for Failed {}
/// cogen::Exception::new(Failed(Rc::new(1)));
/// ```
///
/// ```
/// use std::{error::Error, fmt, sync::Arc};
///
/// #[derive(Debug)]
/// struct Failed(Arc<u8>);
/// impl fmt::Display for Failed {
///     fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
///         Ok(())
///     }
/// }
/// impl Error for Failed {}
/// cogen::Exception::new(Failed(Arc::new(1)));
/// ```
struct Exceptions;

/// What runs on the loop for another thread comes from there, and its value goes back. The body itself need not be
/// `Send`: it is made on the loop's thread.
///
/// ```compile_fail,E0277
/// use cogen::aio::LoopHandle;
/// use std::rc::Rc;
///
/// fn ask(handle: &LoopHandle) {
///     handle.run_coroutine_threadsafe(|| async { Rc::new(1) });
/// }
/// ```
///
/// ```compile_fail,E0277
/// use cogen::aio::LoopHandle;
/// use std::rc::Rc;
///
/// fn ask(handle: &LoopHandle, number: Rc<i32>) {
///     handle.run_coroutine_threadsafe(move || async move { *number });
/// }
/// ```
///
/// ```
/// use cogen::aio::LoopHandle;
/// use std::rc::Rc;
///
/// fn ask(handle: &LoopHandle, number: i32) {
///     handle.run_coroutine_threadsafe(move || async move {
///         let number = Rc::new(number);
///         cogen::aio::sleep(std::time::Duration::ZERO).await;
///         *number
///     });
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn is_send<T: Send>() {}
/// is_send::<cogen::aio::RemoteResult<std::rc::Rc<u8>>>();
/// ```
///
/// ```
/// fn is_send<T: Send>() {}
/// is_send::<cogen::aio::RemoteResult<std::sync::Arc<u8>>>();
/// ```
#[cfg(feature = "aio")]
struct Tasks;
