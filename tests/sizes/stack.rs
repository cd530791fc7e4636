//! Bodies with large buffers run on a thread with Rust's default stack, also without optimisation.

#![allow(clippy::large_stack_arrays, reason = "they are what this is about")]

use std::thread;

/// The stack that Rust gives a thread by default.
const THREAD: usize = 2 << 20;

/// Runs `body` on a thread with a stack of `bytes` bytes. The thread's name is that of the case, so that the message of
/// a stack overflow shows it.
pub(crate) fn with_stack<R: Send + 'static>(
    name: &str,
    bytes: usize,
    body: impl FnOnce() -> R + Send + 'static,
) -> R {
    let builder = thread::Builder::new()
        .name(name.to_owned())
        .stack_size(bytes);
    builder.spawn(body).unwrap().join().unwrap()
}

mod generators {
    use super::with_stack;
    use cogen::{Co, Exception, Generator, GeneratorExit, Step, generator};

    const BUFFER: usize = 256 << 10;

    async fn big(co: Co<'_, u8>) -> u8 {
        let buffer = [1_u8; BUFFER];
        co.yield_(buffer[5]).await;
        buffer[7]
    }

    /// One copy where the body is made, and two inside the function that makes it.
    const COPIES: usize = 4 * BUFFER;

    #[test]
    fn making_and_starting_a_large_body_takes_few_copies() {
        with_stack("boxed", COPIES, || {
            let mut g = generator(big).boxed();
            assert_eq!(g.next().unwrap(), Step::Yielded(1));
            assert_eq!(g.next().unwrap(), Step::Complete(1));
        });
        with_stack("shared", COPIES, || {
            let mut g = generator(big).shared();
            assert_eq!(g.next().unwrap(), Step::Yielded(1));
        });
        with_stack("recursive", COPIES + BUFFER, || {
            let mut g = cogen::recursive(|co| async move {
                let buffer = [1_u8; BUFFER];
                co.yield_(buffer[5]).await;
                buffer[7]
            })
            .boxed_local();
            assert_eq!(g.next().unwrap(), Step::Yielded(1));
        });
    }

    async fn leaf(co: Co<'_, u8>) {
        let buffer = [1; 4096];
        co.yield_(buffer[5]).await;
        std::hint::black_box(&buffer);
    }

    macro_rules! mixed {
        ($($name:ident: $inner:ident)*) => {$(
            async fn $name(co: Co<'_, u8>) {
                let inside = co.finally($inner(co), async {});
                let inside = co.catch_as::<GeneratorExit, _>(inside);
                let _caught = co.catch(inside).await.map_err(|error| co.raise(error));
            }
        )*};
    }
    mixed! { one: leaf two: one three: two four: three five: four six: five }

    #[test]
    fn six_levels_of_three_scopes_around_a_buffer_run() {
        with_stack("mixed", super::THREAD / 4, || {
            let mut g = generator(six).boxed();
            assert_eq!(g.next().unwrap(), Step::Yielded(1));
            assert!(g.throw(Exception::new("no")).is_ok());
        });
    }
}

#[cfg(feature = "aio")]
mod tasks {
    use super::{THREAD, with_stack};
    use cogen::aio::{self, AsyncContext as _, Error, decorators};
    use std::time::Duration;

    const T: Duration = Duration::from_secs(60);

    async fn read<const N: usize>() -> Result<u8, Error> {
        let buffer = [1; N];
        aio::sleep(Duration::ZERO).await;
        Ok(std::hint::black_box(&buffer)[0])
    }

    async fn leaf() -> Result<u8, Error> {
        read::<4096>().await
    }

    /// Four levels, each of which awaits `$wrapped` around the one below.
    macro_rules! levels {
        (|$below:ident| $wrapped:expr) => {{
            macro_rules! level {
                ($name:ident, $inner:ident) => {
                    async fn $name() -> Result<u8, Error> {
                        let $below = $inner;
                        $wrapped
                    }
                };
            }
            level!(one, leaf);
            level!(two, one);
            level!(three, two);
            level!(four, three);
            || aio::run(four())
        }};
    }

    fn check(name: &str, body: impl FnOnce() -> Result<u8, Error> + Send + 'static) {
        assert_eq!(with_stack(name, THREAD, body).unwrap(), 1, "{name}");
    }

    #[test]
    fn four_timeouts_around_a_buffer_run() {
        check("timeout", levels!(|below| aio::timeout(T, below()).await));
        check(
            "timeout_with",
            levels!(|below| aio::timeout_with(T, async |_| below().await).await),
        );
        check("wait_for", levels!(|below| aio::wait_for(below(), T).await));
    }

    #[test]
    fn four_scopes_around_a_buffer_run() {
        check(
            "finally",
            levels!(|below| aio::finally(below(), async {}).await),
        );
        check(
            "catch",
            levels!(|below| aio::catch(below()).await.and_then(|value| value)),
        );
        check(
            "catch_cancelled",
            levels!(|below| aio::catch_cancelled(below()).await?),
        );
    }

    #[test]
    fn four_blocks_around_a_buffer_run() {
        check(
            "task_group",
            levels!(|below| aio::task_group(async |_| below().await).await),
        );
        check(
            "exit_stack",
            levels!(|below| {
                aio::exit_stack(async |_| below().await)
                    .await
                    .map(Option::unwrap)
            }),
        );
        check(
            "with",
            levels!(|below| {
                aio::nullcontext(())
                    .with(async |()| below().await)
                    .await
                    .map(Option::unwrap)
            }),
        );
    }

    #[test]
    fn four_levels_of_a_mix_around_a_buffer_run() {
        check(
            "mix",
            levels!(|below| {
                let called = async |()| aio::timeout(T, aio::finally(below(), async {})).await;
                let often = decorators::retry(decorators::Backoff::attempts(2), called);
                let inside =
                    decorators::within(|| aio::nullcontext(()), async |()| often(()).await);
                let timed = decorators::timed(|_| (), async |()| inside(()).await);
                aio::exit_stack(async |_| {
                    let block = async |_: &aio::TaskGroup<'_>| timed(()).await;
                    aio::catch_cancelled(aio::task_group(block)).await?
                })
                .await
                .map(Option::unwrap)
            }),
        );
    }

    const LARGE: usize = 256 << 10;

    #[test]
    fn a_task_with_a_large_body_runs() {
        let large = read::<LARGE>;
        check("run", move || aio::run(large()));
        check("create_task", move || {
            aio::run(async move { aio::create_task(large()).await })
        });
        // The tuple of the children is one more copy.
        let gathered = with_stack("gather", THREAD + 2 * LARGE, move || {
            aio::run(async move { aio::gather((large(),)).await.map(|(value,)| value) })
        });
        assert_eq!(gathered.unwrap(), 1);
        check("shield", move || {
            aio::run(async move { aio::shield(large()).await })
        });
        check("child of a group", move || {
            aio::run(aio::task_group(async move |group| {
                group.create_task(large()).await
            }))
        });
    }
}
