//! What allocates: a pinned generator does not, not even to keep the `()` that its body returns.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;

use cogen::{Co, Exception, Generator, generator, recursive};

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: the system's allocator does what is asked.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: by the contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: by the contract.
        unsafe { System.dealloc(pointer, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `run` allocates, when it has run before.
fn allocations(run: impl Fn()) -> usize {
    run();
    let before = COUNT.get();
    run();
    COUNT.get() - before
}

async fn count(co: Co<'_, u32>) {
    for n in 0..100 {
        co.yield_(n).await;
    }
}

async fn counted<R>(co: Co<'_, u32>, value: R) -> R {
    count(co).await;
    value
}

#[test]
fn a_loop_to_the_end_of_a_pinned_generator_does_not_allocate() {
    assert_eq!(
        allocations(|| assert_eq!(pin!(generator(count)).iter().count(), 100)),
        0
    );
    assert_eq!(allocations(|| for _n in &mut pin!(generator(count)) {}), 0);
    let results = || assert!(pin!(generator(count)).results().all(|n| n.is_ok()));
    assert_eq!(allocations(results), 0);
    let kept = || {
        let mut g = pin!(generator(count));
        for _n in &mut g {}
        assert!(matches!(g.take_return(), Some(Ok(()))));
        assert!(g.take_return().is_none());
    };
    assert_eq!(allocations(kept), 0);
}

#[test]
fn a_boxed_one_allocates_its_box() {
    let boxed = || assert_eq!(generator(count).boxed_local().iter().count(), 100);
    assert_eq!(allocations(boxed), 1);
}

#[test]
fn to_keep_a_value_takes_one_allocation_or_two_if_it_is_large() {
    fn keeping<R: Clone + PartialEq + std::fmt::Debug>(value: &R) -> usize {
        allocations(|| {
            let mut g = pin!(generator(|co| counted(co, value.clone())));
            for _n in &mut g {}
            assert_eq!(g.take_return().unwrap().unwrap(), *value);
            assert!(g.take_return().is_none());
        })
    }
    assert_eq!(keeping(&()), 0);
    assert_eq!(keeping(&[0_u64; 0]), 0);
    assert_eq!(keeping(&7_u64), 1);
    assert_eq!(keeping(&(1_u64, 2_u64)), 1);
    assert_eq!(keeping(&[7_u64; 9]), 2);
}

#[test]
fn what_is_kept_may_be_replaced_and_dropped() {
    let mut g = Box::pin(generator(count));
    for _n in &mut g {}
    g.as_mut().keep_return(Err(Exception::new("late")));
    assert!(g.take_return().unwrap().is_err());
    assert!(g.take_return().is_none());
    g.as_mut().keep_return(Ok(()));
    g.as_mut().keep_return(Ok(()));
    assert!(g.take_return().unwrap().is_ok());
    assert!(g.take_return().is_none());
    assert!(g.close().unwrap().is_none());
    assert!(g.throw(Exception::new("later")).is_err());
    assert!(g.next().is_err());

    // Before its end, too.
    let mut g = Box::pin(generator(count));
    g.next().unwrap();
    g.as_mut().keep_return(Ok(()));
    assert_eq!(g.iter().count(), 99);
    assert!(g.take_return().unwrap().is_ok());
    assert!(g.take_return().is_none());

    let mut g = Box::pin(recursive(|co: cogen::RecursiveCo<'_, u32>| async move {
        co.yield_(1).await;
    }));
    for _n in &mut g {}
    assert!(g.take_return().unwrap().is_ok());
    for _n in &mut g {}
    assert!(g.take_return().is_none());
}

/// A closed generator whose `()` is kept is closed to every call.
#[test]
fn a_generator_that_keeps_is_closed() {
    use cogen::{SendError, StartError, State};
    let mut g = Box::pin(generator(count));
    for _n in &mut g {}
    assert_eq!(g.state(), State::Closed);
    assert!(matches!(g.start(), Err(StartError::Finished)));
    assert!(matches!(g.send(()), Err(SendError::Finished(()))));
    assert!(g.try_continue().is_err());
    assert_eq!(g.iter().next(), None);
    // None of them lost it.
    assert!(g.take_return().unwrap().is_ok());
}
