//! What is borrowed lives as long as what borrows it.

#[cfg(feature = "aio")]
mod tasks;

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
/// ```
/// use cogen::{BoxGen, Generator, generator};
///
/// let text = String::from("there");
/// let mut g: BoxGen<'_, usize> = {
///     let borrowed = &text;
///     generator(move |co| async move { co.yield_(borrowed.len()).await }).boxed()
/// };
/// g.next();
/// ```
///
/// A called body borrows nothing from the body that calls it.
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
/// ```
/// use cogen::{RecursiveCo, recursive};
///
/// let text = String::from("outside");
/// let borrowed = &text;
/// recursive(|co: RecursiveCo<'_, usize>| async move {
///     co.call(async move { co.yield_(borrowed.len()).await }).await;
/// });
/// ```
///
/// Nor does it borrow what does not live as long as the generator.
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
/// ```
/// use cogen::{Generator, recursive};
///
/// let text = String::from("there");
/// let mut g = {
///     let borrowed = &text;
///     Box::pin(recursive(|co| async move {
///         co.call(async move { co.yield_(borrowed.len()).await }).await;
///     }))
/// };
/// g.next();
/// ```
struct Generators;

/// Calls of one generator whose drops are nested wait for the outermost: a call that is kept somewhere else, together
/// with its generator, makes all others live as long. Otherwise the destructor of `Kept`'s body could go on with the
/// code that owns `data`, whose call would then be dropped after it.
///
/// ```compile_fail,E0597
/// use cogen::{Call, RecursiveCo, recursive};
/// use std::cell::{Cell, RefCell};
/// use std::future::{Ready, ready};
///
/// type Kept = Call<'static, u32, (), Ready<()>>;
///
/// fn keeps(elsewhere: &RefCell<Option<Kept>>) {
///     let data = String::from("data");
///     let handle = Cell::new(None);
///     let frame = recursive(|co: RecursiveCo<'_, u32>| {
///         handle.set(Some(co));
///         async {}
///     });
///     let co = handle.get().unwrap();
///     elsewhere.replace(Some(co.call(ready(()))));
///     let borrows = &data;
///     drop(co.call(async move { drop(borrows.len()) }));
///     drop(frame);
/// }
/// ```
///
/// ```
/// use cogen::{Call, RecursiveCo, recursive};
/// use std::cell::{Cell, RefCell};
/// use std::future::{Ready, ready};
///
/// type Kept<'a> = Call<'a, u32, (), Ready<()>>;
///
/// fn keeps() {
///     let data = String::from("data");
///     let elsewhere = RefCell::new(None::<Kept<'_>>);
///     let handle = Cell::new(None);
///     let frame = recursive(|co: RecursiveCo<'_, u32>| {
///         handle.set(Some(co));
///         async {}
///     });
///     let co = handle.get().unwrap();
///     elsewhere.replace(Some(co.call(ready(()))));
///     let borrows = &data;
///     drop(co.call(async move { drop(borrows.len()) }));
///     drop(frame);
/// }
/// ```
///
/// The same with the handle, which makes the call later.
///
/// ```compile_fail,E0597
/// use cogen::{RecursiveCo, recursive};
/// use std::cell::Cell;
///
/// fn keeps(elsewhere: &Cell<Option<RecursiveCo<'static, u32>>>) {
///     let data = String::from("data");
///     let handle = Cell::new(None);
///     let frame = recursive(|co: RecursiveCo<'_, u32>| {
///         handle.set(Some(co));
///         async {}
///     });
///     let co = handle.get().unwrap();
///     elsewhere.set(Some(co));
///     let borrows = &data;
///     drop(co.call(async move { drop(borrows.len()) }));
///     drop(frame);
/// }
/// ```
///
/// ```
/// use cogen::{RecursiveCo, recursive};
/// use std::cell::Cell;
///
/// fn keeps<'a>(data: &'a str, elsewhere: &Cell<Option<RecursiveCo<'a, u32>>>) {
///     let handle = Cell::new(None);
///     let frame = recursive(|co: RecursiveCo<'_, u32>| {
///         handle.set(Some(co));
///         async {}
///     });
///     let co = handle.get().unwrap();
///     elsewhere.set(Some(co));
///     let borrows = data;
///     drop(co.call(async move { drop(borrows.len()) }));
///     drop(frame);
/// }
/// ```
struct Calls;

#[cfg(feature = "threads")]
/// A thread without a scope borrows nothing,
///
/// ```compile_fail,E0597
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = vec![1];
/// source(numbers.iter()).on_thread(1).iter().next();
/// ```
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = vec![1];
/// source(numbers.into_iter()).on_thread(1).iter().next();
/// ```
///
/// a thread of a scope borrows nothing that is made in the scope,
///
/// ```compile_fail,E0597
/// use cogen::pipeline::{Pipeline, source};
///
/// std::thread::scope(|scope| {
///     let numbers = vec![1];
///     source(numbers.iter()).on_thread_in(scope, 1).iter().next();
/// });
/// ```
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = vec![1];
/// std::thread::scope(|scope| {
///     source(numbers.iter()).on_thread_in(scope, 1).iter().next();
/// });
/// ```
///
/// and does not leave the scope. (That error has no number.)
///
/// ```compile_fail
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = vec![1];
/// drop(std::thread::scope(|scope| source(numbers.iter()).on_thread_in(scope, 1)));
/// ```
///
/// ```
/// use cogen::pipeline::{Pipeline, source};
///
/// let numbers = vec![1];
/// std::thread::scope(|scope| drop(source(numbers.iter()).on_thread_in(scope, 1)));
/// ```
struct PipelinesOnThreads;

/// The ends of a stage take and give what lives long enough.
///
/// ```compile_fail,E0597
/// use cogen::pipeline::{Ends, stage};
///
/// stage(|io: Ends<'_, u8, &'static str>| async move {
///     let text = String::from("local");
///     io.emit(&text).await;
/// });
/// ```
///
/// ```
/// use cogen::pipeline::{Ends, stage};
///
/// stage(|io: Ends<'_, u8, &'static str>| async move {
///     let text = "static";
///     io.emit(&text).await;
/// });
/// ```
struct Pipelines;

/// What a context manager lends outlives the manager.
///
/// ```compile_fail,E0515
/// use cogen::context::{Context, ContextManager, context_manager};
///
/// fn lent(text: String) -> ContextManager<'static, &'static str> {
///     context_manager(|co| async move { co.yield_(text.as_str()).await })
/// }
/// ```
///
/// ```
/// use cogen::context::{Context, ContextManager, context_manager};
///
/// fn lent(text: &'static str) -> ContextManager<'static, &'static str> {
///     context_manager(|co| async move { co.yield_(text).await })
/// }
/// ```
///
/// What an exit stack calls is there until it is left, or dropped.
///
/// ```compile_fail,E0597
/// use cogen::context::ExitStack;
///
/// let stack = ExitStack::new();
/// let text = String::new();
/// stack.callback(|| drop(text.len()));
/// ```
///
/// ```
/// use cogen::context::ExitStack;
///
/// let text = String::new();
/// let stack = ExitStack::new();
/// stack.callback(|| drop(text.len()));
/// ```
struct Contexts;
