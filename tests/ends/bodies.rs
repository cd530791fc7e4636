//! The bodies, and the forms of generators.

use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Once;

use cogen::{
    Co, Exception, Generator, LocalBoxGen, Unraisable, WeakShared, generator, set_unraisable_hook,
};

use crate::support::Oops;

type Outcome = Result<(), Exception>;

/// What all consumers can consume: it yields and is sent `()`, and may fail.
pub(crate) trait Ends: Generator<Yield = (), Resume = (), Return = Outcome> + Unpin {}
impl<G: Generator<Yield = (), Resume = (), Return = Outcome> + Unpin> Ends for G {}

/// How a body ends, after it has yielded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Returns,
    Raises,
    Panics,
    Awaits,
    /// It does not: it is dropped at its yield, and its clean-up fails.
    Dropped,
}

pub(crate) async fn body(co: Co<'_, ()>, end: End) -> Outcome {
    if end == End::Dropped {
        co.finally(co.yield_(()), async { co.raise(Oops(9)).await })
            .await;
    }
    co.yield_(()).await;
    match end {
        End::Returns | End::Dropped => Ok(()),
        End::Raises => co.raise(Oops(7)).await,
        End::Panics => panic!("a bug"),
        End::Awaits => pending().await,
    }
}

type Me = WeakShared<LocalBoxGen<'static, (), (), Outcome>>;

/// What a body sees that consumes its own generator.
pub(crate) fn inside_itself<C: crate::Consume>() -> String {
    let place: Rc<RefCell<Option<Me>>> = Rc::default();
    let seen = Rc::new(RefCell::new(String::new()));
    let mut g = generator({
        let (place, seen) = (place.clone(), seen.clone());
        move |co| async move {
            let me = place.borrow().as_ref().and_then(WeakShared::upgrade);
            *seen.borrow_mut() = crate::seen::<C, _>(&mut me.unwrap());
            co.yield_(()).await;
            Ok(())
        }
    })
    .boxed_local()
    .shared();
    *place.borrow_mut() = Some(g.downgrade());
    // The body itself goes on, and ends as usual.
    assert_eq!(g.results().count(), 1);
    seen.take()
}

/// What `run` gives, or the panic that comes out of it.
pub(crate) fn caught(run: impl FnOnce() -> String) -> String {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(seen) => seen,
        Err(payload) => {
            let message = payload.downcast_ref::<String>().cloned();
            let message =
                message.unwrap_or_else(|| payload.downcast_ref::<&str>().unwrap().to_string());
            format!("panics: {}", short(&message))
        }
    }
}

/// The telling part of a message.
pub(crate) fn short(message: &str) -> &str {
    let parts = [
        "oops 7",
        "oops 9",
        "a bug",
        "awaits a future",
        "already executing",
    ];
    let found = parts.into_iter().find(|part| message.contains(part));
    found.unwrap_or(message)
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// What the hook is told by `run`, on this thread.
pub(crate) fn told(run: impl FnOnce()) -> Vec<String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_unraisable_hook(|unraisable: &Unraisable<'_>| {
            TOLD.with_borrow_mut(|told| told.push(unraisable.to_string()));
        });
    });
    TOLD.take();
    run();
    TOLD.take()
}
