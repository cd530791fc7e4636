//! The loops that resume a body. They are macros, so that each loop stands where a user would write it. Every value
//! goes to `black_box`, a consumer that the optimiser cannot see through.

/// How many operations a counted program does: its one argument.
///
/// # Panics
///
/// If there is no argument, or it is not a number.
pub fn operations() -> u64 {
    let argument = std::env::args().nth(1);
    argument
        .and_then(|n| n.parse().ok())
        .expect("the argument is a number of operations")
}

/// `next`, `$n` times: cogen.
#[macro_export]
macro_rules! nexts {
    ($g:expr, $n:expr) => {
        for _ in 0..$n {
            let Ok(cogen::Step::Yielded(value)) = $g.next() else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `start`, then `send`, `$n` times: cogen.
#[macro_export]
macro_rules! sends {
    ($g:expr, $n:expr) => {
        let _first = $g.start();
        for k in 0..$n {
            let Ok(cogen::Step::Yielded(value)) = $g.send(k) else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `next`, then `throw`, `$n` times: cogen. The exception holds a zero-sized error, so that the allocator is not
/// measured.
#[macro_export]
macro_rules! throws {
    ($g:expr, $n:expr) => {
        let _first = $g.next();
        for _ in 0..$n {
            let Ok(cogen::Step::Yielded(value)) = $g.throw(std::fmt::Error) else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `anext`, polled once, `$n` times: cogen.
#[macro_export]
macro_rules! anexts {
    ($g:expr, $n:expr) => {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..$n {
            let polled = std::future::Future::poll(std::pin::pin!($g.anext()), &mut context);
            let std::task::Poll::Ready(Ok(cogen::Step::Yielded(value))) = polled else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `poll_next`, `$n` times: any stream.
#[macro_export]
macro_rules! polls {
    ($s:expr, $n:expr) => {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for _ in 0..$n {
            let polled = futures_util::Stream::poll_next($s.as_mut(), &mut context);
            let std::task::Poll::Ready(Some(value)) = polled else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `resume`, `$n` times: genawaiter.
#[macro_export]
macro_rules! genawaiter_resumes {
    ($g:expr, $n:expr) => {
        for _ in 0..$n {
            #[allow(irrefutable_let_patterns, reason = "a body that cannot return")]
            let genawaiter::GeneratorState::Yielded(value) = $g.resume() else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `resume_with` once, then `$n` times: genawaiter.
#[macro_export]
macro_rules! genawaiter_sends {
    ($g:expr, $n:expr) => {
        let _first = $g.resume_with(0);
        for k in 0..$n {
            #[allow(irrefutable_let_patterns, reason = "a body that cannot return")]
            let genawaiter::GeneratorState::Yielded(value) = $g.resume_with(k) else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `start`, then `resume(())`, `$n` times: diapause.
#[macro_export]
macro_rules! diapause_resumes {
    ($g:expr, $n:expr) => {
        let _first = $g.start();
        for _ in 0..$n {
            let diapause::CoroutineState::Yielded(value) = $g.resume(()) else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `start`, then `resume`, `$n` times: diapause.
#[macro_export]
macro_rules! diapause_sends {
    ($g:expr, $n:expr) => {
        let _first = $g.start();
        for k in 0..$n {
            let diapause::CoroutineState::Yielded(value) = $g.resume(k) else {
                break;
            };
            std::hint::black_box(value);
        }
    };
}

/// `next`, `$n` times: an iterator.
#[macro_export]
macro_rules! iterator_nexts {
    ($g:expr, $n:expr) => {
        for _ in 0..$n {
            let Some(value) = $g.next() else { break };
            std::hint::black_box(value);
        }
    };
}
