//! The things that a program needs beside core and alloc.

use alloc::format;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicUsize, Ordering};

#[link(name = "c")]
unsafe extern "C" {
    fn aligned_alloc(align: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn write(file: i32, bytes: *const u8, length: usize) -> isize;
    safe fn abort() -> !;
}

struct C;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the functions of the C library keep the contract.
unsafe impl GlobalAlloc for C {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: an alignment is a power of two; the size is a multiple of it.
        unsafe { aligned_alloc(layout.align(), layout.pad_to_align().size()).cast() }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: the memory comes from `alloc`.
        unsafe { free(memory.cast()) };
    }
}

#[global_allocator]
static ALLOCATOR: C = C;

/// How often memory was allocated.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.load(Ordering::Relaxed)
}

pub(crate) fn print(text: &str) {
    // SAFETY: `text` has that many bytes.
    unsafe { write(1, text.as_ptr(), text.len()) };
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    print(&format!("{}\n", info.message()));
    abort()
}

/// The compiled core refers to this function, but nothing calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// As above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() {
    abort()
}
