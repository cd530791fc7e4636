//! The functions of the async API.

use cogen::aio::{self, AsyncContext, decorators};
use std::time::{Duration, Instant};

use crate::table::{LEAF, LEVEL, Row, judge, nested};

const T: Duration = Duration::from_secs(60);

async fn leaf() {
    let buffer = [0_u8; LEAF];
    aio::sleep(Duration::ZERO).await;
    std::hint::black_box(&buffer);
}

/// Four levels around the leaf, called in one another.
macro_rules! direct {
    ($rows:ident, $name:literal, $level:expr, |$below:ident| $wrapped:expr) => {{
        let one = || {
            let $below = leaf;
            $wrapped
        };
        let two = || {
            let $below = one;
            $wrapped
        };
        let three = || {
            let $below = two;
            $wrapped
        };
        let four = || {
            let $below = three;
            $wrapped
        };
        $rows.push(Row {
            name: $name,
            level: $level,
            sizes: [
                size_of_val(&leaf()),
                size_of_val(&one()),
                size_of_val(&two()),
                size_of_val(&three()),
                size_of_val(&four()),
            ],
        });
    }};
}

#[test]
fn a_level_of_a_scope_adds_a_few_words() {
    let mut rows = Vec::new();
    nested!(rows, "timeout", LEVEL, |below| aio::timeout(T, below())
        .await);
    nested!(rows, "timeout_with", LEVEL, |below| aio::timeout_with(
        T,
        async |_| below().await
    )
    .await);
    nested!(rows, "timeout_at", LEVEL, |below| aio::timeout_at(
        None::<Instant>,
        async |_| below().await
    )
    .await);
    nested!(rows, "wait_for", LEVEL, |below| aio::wait_for(below(), T)
        .await);
    nested!(rows, "finally", LEVEL, |below| aio::finally(
        below(),
        async {}
    )
    .await);
    nested!(rows, "finally, its clean-up", LEVEL, |below| aio::finally(
        async {},
        below()
    )
    .await);
    nested!(rows, "catch", LEVEL, |below| aio::catch(below()).await);
    nested!(rows, "catch_cancelled", LEVEL, |below| {
        aio::catch_cancelled(below()).await
    });
    nested!(rows, "task_group", LEVEL, |below| aio::task_group(
        async |_| below().await
    )
    .await);
    nested!(rows, "exit_stack", LEVEL, |below| aio::exit_stack(
        async |_| below().await
    )
    .await);
    nested!(rows, "with", LEVEL, |below| aio::nullcontext(())
        .with(async |()| below().await)
        .await);
    nested!(rows, "context_manager", LEVEL, |below| {
        let manager = aio::context_manager(|co| async move { co.yield_(()).await });
        manager.with(async |()| below().await).await
    });
    nested!(rows, "timed", LEVEL, |below| decorators::timed(
        |_| (),
        async |()| below().await
    )(())
    .await);
    nested!(rows, "logged", LEVEL, |below| decorators::logged(
        |_| (),
        async |()| below().await
    )(())
    .await);
    nested!(rows, "retry", LEVEL, |below| {
        let below = async |()| {
            below().await;
            aio::ok(())
        };
        let again = decorators::retry(decorators::Backoff::attempts(3), below);
        again(()).await
    });
    nested!(rows, "within", LEVEL, |below| {
        let inside = decorators::within(|| aio::nullcontext(()), async |()| below().await);
        inside(()).await
    });
    judge(&rows);
}

#[test]
fn calls_in_one_another_add_no_more() {
    let mut rows = Vec::new();
    direct!(rows, "timeout", LEVEL, |below| aio::timeout(T, below()));
    direct!(rows, "timeout_with", LEVEL, |below| aio::timeout_with(
        T,
        move |_| below()
    ));
    direct!(rows, "timeout_at", LEVEL, |below| aio::timeout_at(
        None::<Instant>,
        move |_| below()
    ));
    direct!(rows, "wait_for", LEVEL, |below| aio::wait_for(below(), T));
    direct!(rows, "finally", LEVEL, |below| aio::finally(
        below(),
        async {}
    ));
    direct!(rows, "finally, its clean-up", LEVEL, |below| aio::finally(
        async {},
        async move {
            below().await;
        }
    ));
    direct!(rows, "catch", LEVEL, |below| aio::catch(below()));
    direct!(
        rows,
        "catch_cancelled",
        LEVEL,
        |below| aio::catch_cancelled(below())
    );
    direct!(rows, "task_group", LEVEL, |below| aio::task_group(
        move |_: &aio::TaskGroup<'_>| below()
    ));
    direct!(rows, "with", LEVEL, |below| aio::nullcontext(())
        .with(move |()| below()));
    judge(&rows);
}
