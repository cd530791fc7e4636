//! `drive_async_with` and `try_drive_async_with`: in a spawned task, with what the handler is lent.

use cogen::{Co, DriveError, GeneratorExt, generator};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::runtime::Builder;
use tokio::task::yield_now;

use crate::support::Oops;

async fn sum(co: Co<'_, u8, u8>) -> u8 {
    co.yield_(1).await + co.yield_(2).await
}

fn spawned<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { tokio::spawn(task).await.unwrap() })
}

#[test]
fn a_spawned_task_lends_its_connection() {
    let (answer, asked) = spawned(async {
        let (mut near, mut far) = duplex(8);
        far.write_all(&[7, 8]).await.unwrap();
        let mut log = Vec::new();
        let sum = generator(sum).drive_async_with((&mut near, &mut log), |(near, log), request| {
            Box::pin(async move {
                log.push(request);
                near.write_u8(request).await.unwrap();
                near.read_u8().await.unwrap()
            })
        });
        let answer = sum.await.unwrap();
        near.shutdown().await.unwrap();
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, log);
        (answer, log)
    });
    assert_eq!((answer, asked), (15, vec![1, 2]));
}

#[test]
fn a_handler_that_borrows_nothing_is_spawned_as_a_closure() {
    let answer = spawned(async {
        generator(sum)
            .drive_async(async |n| {
                yield_now().await;
                n + 1
            })
            .await
    });
    assert_eq!(answer.unwrap(), 5);
}

/// The form without a handler.
#[test]
fn a_spawned_task_drives_by_hand() {
    use cogen::{Generator, Step};

    let answer = spawned(async {
        let mut asked = Vec::new();
        let mut g = Box::pin(generator(sum));
        let mut step = g.astart().await.unwrap();
        loop {
            match step {
                Step::Yielded(request) => {
                    asked.push(request);
                    yield_now().await;
                    step = g.asend(10 * request).await.unwrap();
                }
                Step::Complete(sum) => break (sum, asked),
            }
        }
    });
    assert_eq!(answer, (30, vec![1, 2]));
}

#[test]
fn the_error_of_a_handler_that_is_lent_its_state_is_thrown() {
    let (ended, asked) = spawned(async {
        let body = |co: Co<'static, u8, u8>| async move {
            let first = co.try_yield(1).await.unwrap_or(40);
            first + co.yield_(2).await
        };
        let mut asked = 0;
        let ended = generator(body).try_drive_async_with(&mut asked, |asked, _| {
            Box::pin(async move {
                **asked += 1;
                yield_now().await;
                if **asked == 1 {
                    Err(Oops(1))
                } else {
                    Err(Oops(2))
                }
            })
        });
        (ended.await, asked)
    });
    let Err(DriveError::Raised(error)) = ended else {
        panic!()
    };
    assert_eq!(error.downcast_ref::<Oops>().unwrap().0, 2);
    assert_eq!(asked, 2);
}
