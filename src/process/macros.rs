/// Makes a function a [`Job`](crate::process::Job), which worker processes know.
///
/// - `job!(f)`: a function, or a closure that captures nothing and says the type of its argument.
/// - `job!(async f)`: an async one. The worker runs it on [`aio::run`](crate::aio::run).
/// - `job!(stream f)`: one that returns a stream, each item of which is sent as soon as it is
///   there: a [`StreamJob`](crate::process::StreamJob).
///
/// The arguments of a function of several (up to six) are sent as a tuple. The macro needs the function itself: not a
/// variable that holds it, and not a function of a generic type.
///
/// # Examples
///
/// ```
/// use cogen::process::{Job, job};
///
/// async fn half(n: u32) -> Result<u32, std::num::TryFromIntError> {
///     u32::try_from(i64::from(n) / 2)
/// }
///
/// let square: Job<u32, u32> = job!(|n: u32| n * n);
/// let half: Job<u32, u32> = job!(async half);
/// let power: Job<(u32, u32), u32> = job!(u32::pow);
/// # let _ = (square, half, power);
/// ```
#[macro_export]
macro_rules! job {
    (async | $($closure:tt)*) => {
        $crate::__process_entry!(Job, of_async_function, run_async, async | $($closure)*)
    };
    (async move | $($closure:tt)*) => {
        $crate::__process_entry!(Job, of_async_function, run_async, async move | $($closure)*)
    };
    (async $function:expr) => {
        $crate::__process_entry!(Job, of_async_function, run_async, $function)
    };
    (stream $function:expr) => {
        $crate::__process_entry!(StreamJob, of_stream, run_stream, $function)
    };
    ($function:expr) => {
        $crate::__process_entry!(Job, of_function, run_function, $function)
    };
}

#[macro_export]
#[doc(hidden)]
macro_rules! __process_entry {
    ($type:ident, $of:ident, $run:ident, $function:expr) => {{
        static ENTRY: $crate::process::__private::Entry =
            $crate::process::__private::Entry::new(|arguments, answers| {
                $crate::process::__private::$run(&$function, arguments, answers)
            });
        $crate::process::__private::inventory::submit! {
            $crate::process::__private::Registered(&ENTRY)
        }
        $crate::process::$type::$of(&ENTRY, $function)
    }};
}

/// Lets the tests of this program use pools: once, at the top of a test program or of a library.
///
/// The macro adds a test, `cogen_process_worker`, that does nothing: worker processes are this program, running only
/// that test.
///
/// # Examples
///
/// ```
/// cogen::process::workers_in_tests!();
///
/// // A test:
/// fn squares() {
///     let pool = cogen::process::ProcessPool::new(2).unwrap();
///     let squares = pool.map(cogen::process::job!(|n: u32| n * n), [1, 2, 3]);
///     assert_eq!(squares.get(), Ok(vec![1, 4, 9]));
/// }
/// ```
#[macro_export]
macro_rules! workers_in_tests {
    () => {
        #[test]
        fn cogen_process_worker() {
            $crate::process::init();
        }

        #[cfg(test)]
        $crate::process::__private::inventory::submit! {
            $crate::process::__private::TestWorker(concat!(module_path!(), "::cogen_process_worker"))
        }
    };
}

pub use crate::{job, workers_in_tests};
