//! What tasks may borrow.

/// A child of a group borrows nothing from the group's body, which may end before the child,
///
/// ```compile_fail,E0373
/// use cogen::aio::{ok, task_group};
///
/// task_group(async |group| {
///     let text = String::new();
///     group.create_task(async { ok(text.len()) });
///     ok(())
/// });
/// ```
///
/// ```
/// use cogen::aio::{ok, task_group};
///
/// let text = String::new();
/// task_group(async |group| {
///     group.create_task(async { ok(text.len()) });
///     ok(())
/// });
/// ```
///
/// nothing that goes while the group is kept,
///
/// ```compile_fail,E0597
/// use cogen::aio::{TaskGroup, ok, task_group};
/// use std::cell::RefCell;
///
/// fn keeps(kept: &RefCell<Option<TaskGroup<'static>>>) {
///     let text = String::new();
///     task_group(async |group| {
///         kept.replace(Some(group.clone()));
///         group.create_task(async { ok(text.len()) });
///         ok(())
///     });
/// }
/// ```
///
/// ```
/// use cogen::aio::{TaskGroup, ok, task_group};
/// use std::cell::RefCell;
///
/// fn keeps<'a>(text: &'a str, kept: &RefCell<Option<TaskGroup<'a>>>) {
///     task_group(async |group| {
///         kept.replace(Some(group.clone()));
///         group.create_task(async { ok(text.len()) });
///         ok(())
///     });
/// }
/// ```
///
/// nor does the group's future outlive what its children borrow.
///
/// ```compile_fail,E0515
/// use cogen::aio::{Error, ok, task_group};
/// use std::future::Future;
///
/// fn leaves(text: String) -> Box<dyn Future<Output = Result<(), Error>>> {
///     Box::new(task_group(async |group| {
///         group.create_task(async { ok(text.len()) });
///         ok(())
///     }))
/// }
/// ```
///
/// ```
/// use cogen::aio::{Error, ok, task_group};
/// use std::future::Future;
///
/// fn leaves(text: &str) -> Box<dyn Future<Output = Result<(), Error>> + '_> {
///     Box::new(task_group(async |group| {
///         group.create_task(async { ok(text.len()) });
///         ok(())
///     }))
/// }
/// ```
///
/// A child's value may be asked for after the group has gone, so it borrows nothing.
///
/// ```compile_fail,E0597
/// use cogen::aio::{ok, task_group};
///
/// let text = String::new();
/// let borrowed = &text;
/// task_group(async |group| {
///     group.create_task(async { ok(borrowed) });
///     ok(())
/// });
/// ```
///
/// ```
/// use cogen::aio::{ok, task_group};
///
/// let text = String::new();
/// let borrowed = &text;
/// task_group(async |group| {
///     group.create_task(async { ok(borrowed.len()) });
///     ok(())
/// });
/// ```
///
/// What runs on a thread, or on the loop while nothing waits for it, borrows nothing.
///
/// ```compile_fail,E0597
/// async fn calls() {
///     let text = String::new();
///     cogen::aio::to_thread(|| text.len());
/// }
/// ```
///
/// ```
/// async fn calls() {
///     let text = String::new();
///     cogen::aio::to_thread(move || text.len());
/// }
/// ```
///
/// ```compile_fail,E0597
/// async fn calls() {
///     let text = String::new();
///     cogen::aio::call_soon(|| drop(text.len()));
/// }
/// ```
///
/// ```
/// async fn calls() {
///     let text = String::new();
///     cogen::aio::call_soon(move || drop(text.len()));
/// }
/// ```
struct Tasks;
