use core::future::Future;

use crate::frame::{Call, Recursive, RecursiveCo};

/// Makes a generator whose body may call others, including itself: [`RecursiveCo::call`]. It is
/// [`generator`](crate::generator()) in all other respects.
///
/// An `async fn` that awaits itself does not compile ("recursion in an async fn requires boxing"): take a
/// [`RecursiveCo`], and call it by `co.call(…)`.
///
/// A plain generator cannot call, and pays nothing for it. This one is resumed by a loop that takes turns
/// between its bodies; a yield in it costs some ten times as much as in a plain one.
///
/// # Examples
///
/// ```
/// use cogen::{Generator, RecursiveCo, recursive};
/// use std::pin::pin;
///
/// /// The moves that take `n` discs from one peg to another.
/// async fn hanoi(co: RecursiveCo<'_, (u8, u8)>, n: u32, from: u8, to: u8) {
///     if n > 0 {
///         let other = 6 - from - to;
///         co.call(hanoi(co, n - 1, from, other)).await;
///         co.yield_((from, to)).await;
///         co.call(hanoi(co, n - 1, other, to)).await;
///     }
/// }
///
/// let mut moves = pin!(recursive(|co| hanoi(co, 2, 1, 3)));
/// assert_eq!(moves.iter().collect::<Vec<_>>(), [(1, 2), (1, 3), (2, 3)]);
/// ```
#[inline]
pub fn recursive<'g, Y, S, F>(
    body: impl FnOnce(RecursiveCo<'g, Y, S>) -> F,
) -> Recursive<'g, Y, S, F>
where
    F: Future,
{
    Recursive::new(body)
}

impl<'g, Y, S> RecursiveCo<'g, Y, S> {
    /// Calls another body: like awaiting it, but the generator then resumes it directly. However deep calls are
    /// nested, a resume costs the same, and takes no native stack. This is for recursion: a million levels are fine.
    /// (Python has no such thing: nested `yield from`s cost a little for each level.)
    ///
    /// - Scopes, what is thrown, and `finally` work across calls as everywhere: an exception drops the
    ///   called bodies above the scope, the innermost first.
    /// - The body must outlive the generator (`'g`): it may borrow what is borrowed for the whole
    ///   generator, like the tree in the example, but no local variable of the calling body. Await
    ///   such a body plainly.
    /// - A call costs one allocation; each thread keeps up to 1 MiB of memory from ended calls for
    ///   the next ones.
    /// - Where a body awaits something foreign, all levels are polled: something beside a call, in
    ///   `join!` or `select!`, may have become ready.
    /// - Among siblings, a call whose siblings yield or call is polled where it is awaited, like any future, and
    ///   takes native stack like any future. Siblings that only await are polled whenever the called body awaits
    ///   something, and otherwise every now and then. A called body begins when its siblings have been polled.
    ///
    /// # Panics
    ///
    /// As [`yield_`](crate::Co::yield_).
    ///
    /// # Cancellation
    ///
    /// A call that is dropped drops the called body. If it was taken out of its body, and is dropped on a thread
    /// other than the one where the generator was last resumed, it leaves that to the generator, which drops the
    /// called body when it is next resumed, or is dropped itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use cogen::{Generator, RecursiveCo, recursive};
    /// use std::pin::pin;
    ///
    /// struct Tree {
    ///     value: u32,
    ///     children: Vec<Tree>,
    /// }
    ///
    /// async fn walk<'t>(co: RecursiveCo<'t, u32>, tree: &'t Tree) {
    ///     co.yield_(tree.value).await;
    ///     for child in &tree.children {
    ///         co.call(walk(co, child)).await;
    ///     }
    /// }
    ///
    /// let leaf = |value| Tree { value, children: vec![] };
    /// let tree = Tree { value: 1, children: vec![leaf(2), leaf(3)] };
    /// let mut g = pin!(recursive(|co| walk(co, &tree)));
    /// assert_eq!(g.iter().collect::<Vec<_>>(), [1, 2, 3]);
    /// ```
    #[inline]
    pub fn call<F>(self, body: F) -> Call<'g, Y, S, F>
    where
        F: Future + 'g,
    {
        Call::new(self, body)
    }
}
