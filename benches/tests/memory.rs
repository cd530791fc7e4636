//! The memory that generators take: allocations, and bytes beside the body.

use cogen::{Co, Generator, Step, generator};
use cogen_bench::{count_up, count_up_in_scope, count_up3};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;

/// Counts the allocations of each thread, so that tests do not see each other's.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all memory is the system allocator's; the counter is a thread-local without a destructor or lazy
// initialisation, so using it does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's obligations are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's obligations are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

fn step(mut g: impl Generator<Yield = u64, Resume = ()> + Unpin) {
    assert!(matches!(g.next(), Ok(Step::Yielded(0))));
}

#[test]
fn a_pinned_generator_allocates_nothing() {
    assert_eq!(
        allocations(|| step(pin!(generator(|co: Co<'_, u64>| count_up!(co))))),
        0
    );
}

#[test]
fn a_box_pinned_generator_allocates_once() {
    assert_eq!(
        allocations(|| step(Box::pin(generator(|co: Co<'_, u64>| count_up!(co))))),
        1
    );
}

#[test]
fn a_box_gen_allocates_once() {
    let mut kept = None;
    let create_step = || {
        let g = kept.insert(generator(|co: Co<'_, u64>| count_up!(co)).boxed());
        step(g);
    };
    assert_eq!(allocations(create_step), 1);
    // Nothing sees the close, so nothing is thrown.
    assert_eq!(allocations(|| drop(kept)), 0);
}

#[test]
fn yielding_inside_a_scope_allocates_nothing() {
    let create_step = || step(pin!(generator(|co: Co<'_, u64>| count_up_in_scope!(co))));
    assert_eq!(allocations(create_step), 0);
}

/// The bytes that a frame takes beside its body.
fn overhead<F: Future>(body: impl FnOnce(Co<'_, u64>) -> F) -> usize {
    let mut body_size = 0;
    let frame = generator(|co: Co<'_, u64>| {
        let future = body(co);
        body_size = size_of_val(&future);
        future
    });
    size_of_val(&frame) - body_size
}

#[test]
fn a_frame_is_at_most_32_bytes_larger_than_its_body() {
    assert!(overhead(|co| count_up!(co)) <= 32);
    assert!(overhead(|co| count_up3!(co)) <= 32);
    assert!(overhead(|co| count_up_in_scope!(co)) <= 32);
    assert!(overhead(|_| async {}) <= 32);
    assert!(overhead(|_| std::future::ready([0_u8; 1000])) <= 32);
}
