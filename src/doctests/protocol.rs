//! What the types of a generator do not allow.

/// A frame whose body borrows from itself has to be pinned.
///
/// ```compile_fail,E0277
/// use cogen::{Co, Generator, generator};
///
/// let mut g = generator(|co: Co<'_, u8>| async move { co.yield_(1).await });
/// g.next();
/// ```
///
/// ```
/// use cogen::{Co, Generator, generator};
///
/// let mut g = Box::pin(generator(|co: Co<'_, u8>| async move { co.yield_(1).await }));
/// g.next();
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
/// ```
/// use cogen::{RecursiveCo, recursive};
///
/// recursive(|co: RecursiveCo<'_, u8>| async move { co.call(async {}).await });
/// ```
///
/// Only a generator that is sent nothing has `next`.
///
/// ```compile_fail,E0271
/// use cogen::{Co, Generator, generator};
///
/// let mut g = Box::pin(generator(|co: Co<'_, u8, u8>| async move { co.yield_(1).await }));
/// g.next();
/// ```
///
/// ```
/// use cogen::{Co, Generator, generator};
///
/// let mut g = Box::pin(generator(|co: Co<'_, u8, ()>| async move { co.yield_(1).await }));
/// g.next();
/// ```
///
/// A request is answered with the type that it asks for,
///
/// ```compile_fail,E0308
/// use cogen::{Answer, ReplyTo};
///
/// cogen::answers! { enum Answers { Number(u8), Text(String) } }
/// fn answer(to: ReplyTo<u8, Answers>) -> Answer<Answers> {
///     to.with(String::new())
/// }
/// ```
///
/// ```
/// use cogen::{Answer, ReplyTo};
///
/// cogen::answers! { enum Answers { Number(u8), Text(String) } }
/// fn answer(to: ReplyTo<String, Answers>) -> Answer<Answers> {
///     to.with(String::new())
/// }
/// ```
///
/// and only through its own place.
///
/// ```compile_fail,E0423
/// use cogen::{Answer, ReplyTo};
///
/// fn answer(to: ReplyTo<u8, u8>) -> Answer<u8> {
///     Answer(3)
/// }
/// ```
///
/// ```
/// use cogen::{Answer, ReplyTo};
///
/// fn answer(to: ReplyTo<u8, u8>) -> Answer<u8> {
///     to.with(3)
/// }
/// ```
struct Generators;
