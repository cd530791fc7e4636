//! Clean-up at drop that fails: it is told to the hook once, and aborts nothing, also while the thread unwinds.

mod support;

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::Once;
use std::thread;

use cogen::context::{Context, context_manager};
use cogen::{
    BoxGen, Co, Exception, Generator, GeneratorExit, LocalBoxGen, State, Unraisable, generator,
    set_unraisable_hook,
};
use support::{Drops, Oops, pending_once};

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the hook is told by `run` on this thread.
fn told(run: impl FnOnce()) -> Vec<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_unraisable_hook(|unraisable: &Unraisable<'_>| {
            TOLD.with_borrow_mut(|told| told.push(unraisable.to_string()));
            if unraisable.to_string().contains("PANIC") {
                panic_any(PanicsWhenDropped);
            }
            if unraisable.to_string().contains("NESTED") {
                // This is told to stderr, and not to the hook again.
                drop(failing(What::Raises("NESTED")));
            }
        });
    });
    TOLD.take();
    run();
    TOLD.take()
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("the payload's destructor");
    }
}

/// What a clean-up does.
#[derive(Clone, Copy)]
enum What {
    Passes,
    Raises(&'static str),
    Yields,
    Awaits,
    Panics,
    PanicsBadly,
}

async fn clean_up(co: Co<'_, u32>, what: What) {
    match what {
        What::Passes => {}
        What::Raises(message) => match co.raise(Exception::new(message)).await {},
        What::Yields => co.yield_(2).await,
        What::Awaits => pending_once().await,
        What::Panics => panic!("in the clean-up"),
        What::PanicsBadly => panic_any(PanicsWhenDropped),
    }
}

/// A generator at a yield, whose clean-up fails.
fn failing(what: What) -> BoxGen<'static, u32> {
    let mut g = generator(move |co| async move {
        co.finally(co.yield_(1), clean_up(co, what)).await;
    })
    .boxed();
    g.next().unwrap();
    g
}

/// The same in each form that closes when it is dropped.
fn forms(what: What) -> Vec<(&'static str, Box<dyn FnOnce()>)> {
    let frame = move || {
        let mut g = Box::pin(generator(move |co: Co<'_, u32>| async move {
            co.finally(co.yield_(1), clean_up(co, what)).await;
        }));
        g.next().unwrap();
        g
    };
    let local = move || {
        let mut g: LocalBoxGen<'_, u32> = generator(move |co| async move {
            co.finally(co.yield_(1), clean_up(co, what)).await;
        })
        .boxed_local();
        g.next().unwrap();
        g
    };
    let nested = move || {
        let mut outer = generator(move |co| async move {
            let _inner = failing(what);
            co.yield_(3).await;
        })
        .boxed();
        outer.next().unwrap();
        outer
    };
    vec![
        ("boxed", Box::new(move || drop(failing(what)))),
        ("boxed_local", Box::new(move || drop(local()))),
        ("closing", Box::new(move || drop(frame().closing()))),
        (
            "closing of a box",
            Box::new(move || drop(failing(what).closing())),
        ),
        ("shared", Box::new(move || drop(frame().shared()))),
        ("shared box", Box::new(move || drop(failing(what).shared()))),
        (
            "closing of shared",
            Box::new(move || drop(failing(what).shared().closing())),
        ),
        (
            "Box<boxed>",
            Box::new(move || drop(Box::new(failing(what)).closing())),
        ),
        ("by value", Box::new(move || drop(Some(failing(what))))),
        ("nested", Box::new(move || drop(nested()))),
        (
            "context manager",
            Box::new(move || {
                let mut manager = context_manager(move |co| async move {
                    co.finally(co.yield_(1), clean_up(co, what)).await;
                });
                manager.enter().unwrap();
                drop(manager);
            }),
        ),
    ]
}

#[test]
fn what_goes_wrong_at_drop_is_told_once() {
    let place = "exception ignored in a generator that was dropped: ";
    let cases = [
        (What::Passes, None),
        (What::Raises("commit failed"), Some("commit failed")),
        (What::Yields, Some("generator ignored GeneratorExit")),
        (
            What::Awaits,
            Some("generator awaits a future in its clean-up: close it with `aclose`"),
        ),
    ];
    for (what, expected) in cases {
        for (form, run) in forms(what) {
            let told = told(run);
            match expected {
                None => assert!(told.is_empty(), "{form}: {told:?}"),
                Some(message) => {
                    assert_eq!(told.len(), 1, "{form}: {told:?}");
                    assert!(told[0].starts_with(place), "{form}: {told:?}");
                    let problem = &told[0][place.len()..];
                    assert!(problem.starts_with(message), "{form}: {told:?}");
                }
            }
        }
    }
}

#[test]
fn an_exit_that_passes_or_is_replaced_by_one_is_not_told() {
    let told = told(|| {
        let mut g = generator(|co: Co<'_, u32>| async move {
            let exit = co.catch(co.yield_(1)).await.unwrap_err();
            assert!(exit.is::<GeneratorExit>());
            co.raise(GeneratorExit::with(7)).await;
        })
        .boxed();
        g.next().unwrap();
    });
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn the_error_is_given_to_the_hook() {
    // Another test's hook may be set in between: this looks at the type alone.
    let (sender, receiver) = std::sync::mpsc::channel();
    let me = thread::current().id();
    let shown = told(|| {
        let mut g = generator(|co: Co<'_, u32>| async move {
            co.finally(co.yield_(1), async { co.raise(Oops(7)).await })
                .await;
        })
        .boxed();
        g.next().unwrap();
        sender.send(me).unwrap();
    });
    assert_eq!(receiver.recv().unwrap(), me);
    assert_eq!(
        shown,
        ["exception ignored in a generator that was dropped: oops 7: generator exit"]
    );
}

#[test]
fn a_panic_in_a_clean_up_goes_on_from_the_drop() {
    for (form, run) in forms(What::Panics) {
        let told = told(|| {
            let payload = catch_unwind(AssertUnwindSafe(run)).expect_err(form);
            assert_eq!(
                payload.downcast_ref::<&str>(),
                Some(&"in the clean-up"),
                "{form}"
            );
        });
        assert!(told.is_empty(), "{form}: {told:?}");
    }
}

/// Drops what it is given by unwinding.
fn unwind_with<T>(value: T) {
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let _value = value;
        panic_any("the user's");
    }));
    assert_eq!(
        unwound.unwrap_err().downcast_ref::<&str>(),
        Some(&"the user's")
    );
}

/// Runs a closure when it is dropped.
struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(run) = self.0.take() {
            run();
        }
    }
}

#[test]
fn a_clean_up_that_fails_while_the_thread_unwinds_aborts_nothing() {
    let cases = [
        (What::Passes, 0),
        (What::Raises("x"), 1),
        (What::Yields, 1),
        (What::Awaits, 1),
        (What::Panics, 1),
        (What::PanicsBadly, 1),
    ];
    for (what, count) in cases {
        for (form, run) in forms(what) {
            let told = told(|| unwind_with(OnDrop(Some(run))));
            assert_eq!(told.len(), count, "{form}: {told:?}");
        }
    }
}

#[test]
fn several_generators_that_panic_in_one_unwinding_abort_nothing() {
    let told = told(|| {
        unwind_with((
            failing(What::Panics),
            vec![failing(What::PanicsBadly), failing(What::Panics)],
            failing(What::Panics).shared(),
            failing(What::PanicsBadly).closing(),
            Box::new(failing(What::Panics)) as Box<dyn std::any::Any>,
        ));
    });
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(told[0].ends_with("panic ignored in a generator that was dropped: in the clean-up"));
}

/// A body that is dropped by the unwinding of its own resume, and holds generators.
#[test]
fn boxes_in_a_body_that_panics_are_closed() {
    let drops = Drops::default();
    let told = told(|| {
        let guard = drops.guard();
        let mut outer = generator(move |co| async move {
            let _guard = guard;
            let _one = failing(What::Panics);
            let _two = failing(What::Raises("two"));
            co.yield_(1).await;
            panic!("the body");
        })
        .boxed_local();
        outer.next().unwrap();
        let unwound = catch_unwind(AssertUnwindSafe(|| outer.next().map(drop)));
        assert_eq!(
            unwound.unwrap_err().downcast_ref::<&str>(),
            Some(&"the body")
        );
        assert_eq!(outer.state(), State::Closed);
    });
    assert_eq!(drops.count(), 1);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn a_hook_may_panic_and_drop_generators() {
    let panicking = told(|| drop(failing(What::Raises("PANIC"))));
    assert_eq!(panicking.len(), 1);
    let unwinding = told(|| unwind_with(failing(What::Raises("PANIC"))));
    assert_eq!(unwinding.len(), 1);
    let nested = told(|| drop(failing(What::Raises("NESTED"))));
    assert_eq!(nested.len(), 1);
    // The hook is as before.
    assert_eq!(told(|| drop(failing(What::Yields))).len(), 1);
}

/// CPython closes a generator once when it is dropped.
#[test]
fn a_stubborn_body_sees_one_close() {
    thread_local! {
        static EXITS: RefCell<u32> = const { RefCell::new(0) };
    }
    fn stubborn() -> BoxGen<'static, u32> {
        let mut g = generator(|co| async move {
            loop {
                if co.try_yield(1).await.is_err() {
                    EXITS.with_borrow_mut(|exits| *exits += 1);
                }
            }
        })
        .boxed();
        g.next().unwrap();
        g
    }
    let forms: [(&str, fn()); 6] = [
        ("boxed", || drop(stubborn())),
        ("shared", || drop(stubborn().shared())),
        ("closing", || drop(stubborn().closing())),
        ("Box", || drop(Box::new(stubborn()).closing())),
        ("closing of closing", || {
            drop(stubborn().closing().closing());
        }),
        ("shared twice", || drop(stubborn().shared().shared())),
    ];
    for (form, run) in forms {
        let told = told(run);
        assert_eq!(EXITS.take(), 1, "{form}");
        assert_eq!(told.len(), 1, "{form}");
    }
    // With another owner, `closing` of one handle closes at once.
    let handle = stubborn().shared();
    let told = told(|| drop(handle.clone().closing()));
    assert_eq!((EXITS.take(), told.len()), (1, 1));
}

#[test]
fn an_awaiting_generator_is_closed_when_it_is_dropped() {
    let drops = Drops::default();
    let told = told(|| {
        let guard = drops.guard();
        let mut g = Box::pin(generator(move |co: Co<'_, u32>| async move {
            let _guard = guard;
            co.finally(
                async {
                    co.yield_(1).await;
                    pending_once().await;
                },
                async { co.raise(Oops(1)).await },
            )
            .await;
        }));
        g.next().unwrap();
        assert!(g.next().is_err());
        assert_eq!(g.state(), State::Awaiting);
        drop(g.closing());
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(drops.count(), 1);
}

/// A panic is not an exception: the clean-up is dropped without being polled, and destructors run.
#[test]
fn finally_does_not_run_its_clean_up_where_its_block_panics() {
    fn check<G: Generator<Yield = u32, Resume = (), Return = ()> + Unpin>(
        form: &str,
        make: impl FnOnce(Drops) -> G,
    ) {
        let drops = Drops::default();
        let mut g = make(drops.clone());
        g.next().unwrap();
        let unwound = catch_unwind(AssertUnwindSafe(|| g.next().map(drop)));
        assert_eq!(
            unwound.unwrap_err().downcast_ref::<&str>(),
            Some(&"a bug"),
            "{form}"
        );
        assert_eq!(g.state(), State::Closed, "{form}");
        assert_eq!(
            drops.count(),
            3,
            "{form}: the block's, the clean-up's and the body's"
        );
        assert!(g.take_return().is_none(), "{form}");
        drop(g);
        assert_eq!(drops.count(), 3, "{form}");
    }
    async fn body(co: Co<'static, u32>, drops: Drops) {
        let _body = drops.guard();
        let (block, clean_up) = (drops.guard(), drops.guard());
        let block = async move {
            let _block = block;
            co.yield_(1).await;
            panic!("a bug");
        };
        let clean_up = async move {
            let _clean_up = clean_up;
            unreachable!("it is not polled");
        };
        co.catch(co.finally(block, clean_up)).await.unwrap();
    }
    let told = told(|| {
        check("pinned", |drops| Box::pin(generator(|co| body(co, drops))));
        check("boxed", |drops| {
            generator(|co| body(co, drops)).boxed_local()
        });
        check("shared", |drops| generator(|co| body(co, drops)).shared());
        check("closing", |drops| {
            Box::pin(generator(|co| body(co, drops))).closing()
        });
    });
    assert!(told.is_empty(), "{told:?}");
}
