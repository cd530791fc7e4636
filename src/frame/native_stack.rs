//! How much of the thread's stack is left, for generators that resume generators to a depth that is
//! not known beforehand.
//!
//! A resume through a box, and a delegation, refuse to go on where less than the reserve is left: this is an error,
//! where the process would otherwise abort a little later. What counts is bytes and not levels, as a level takes 0.6
//! KiB or 60, depending on the body and the build.
//!
//! 1. `FLOOR` is `usize::MAX` until this thread has looked its stack up, then the lowest address at
//!    which a resume may begin, or 0 where that cannot be known.
//! 2. A stack that is not the thread's own (a coroutine's) has no floor.

use core::cell::Cell;

/// At most this much is left free: for the body that is resumed last, for the error, for
/// destructors.
const RESERVE: usize = 256 << 10;

thread_local! {
    static FLOOR: Cell<usize> = const { Cell::new(usize::MAX) };
    /// The end of the stack, and how much of it is kept free.
    static STACK: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Whether so little of the stack is left that nothing more is resumed.
#[inline(always)]
pub(crate) fn is_too_deep() -> bool {
    let here = stack_pointer();
    here < FLOOR.get() && confirm(here, 1)
}

/// Whether so little is left that nothing more is dropped inside what is being dropped. This limit
/// is lower than the one for resuming.
#[inline(always)]
pub(super) fn is_too_deep_to_drop() -> bool {
    let here = stack_pointer();
    here < FLOOR.get() && confirm(here, 2)
}

/// Whether less than one `part`th of the reserve is left.
#[cold]
#[inline(never)]
fn confirm(here: usize, part: usize) -> bool {
    if FLOOR.get() == usize::MAX {
        look_up();
    }
    let (end, reserve) = STACK.get();
    // Below the end: another stack.
    here >= end && here < end.saturating_add(reserve / part)
}

fn look_up() {
    let (end, reserve) = match bounds() {
        Some((end, size)) => (end, RESERVE.min(size / 8)),
        None => (0, 0),
    };
    STACK.set((end, reserve));
    FLOOR.set(end + reserve);
}

/// About where the stack is now.
#[inline(always)]
fn stack_pointer() -> usize {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    {
        let pointer: usize;
        // SAFETY: it reads a register.
        unsafe {
            std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(all(target_arch = "aarch64", not(miri)))]
    {
        let pointer: usize;
        // SAFETY: it reads a register.
        unsafe {
            std::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(miri)]
    {
        // Its interpreter has no stack that could overflow, and its addresses say nothing.
        usize::MAX
    }
    #[cfg(not(any(
        all(target_arch = "x86_64", target_pointer_width = "64"),
        target_arch = "aarch64",
        miri
    )))]
    {
        let here = core::mem::MaybeUninit::<u8>::uninit();
        (&raw const here).addr()
    }
}

/// The lowest address of this thread's stack, and its size, where the system tells.
#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
fn bounds() -> Option<(usize, usize)> {
    use core::ffi::c_void;
    use std::ffi::c_int;

    /// A `pthread_attr_t`, which has 56 bytes or so.
    #[repr(C, align(16))]
    struct Attributes([u8; 256]);

    // A `pthread_t` is a pointer, or a number of that size.
    unsafe extern "C" {
        safe fn pthread_self() -> usize;
        fn pthread_getattr_np(thread: usize, attributes: *mut Attributes) -> c_int;
        fn pthread_attr_getstack(
            attributes: *const Attributes,
            end: *mut *mut c_void,
            size: *mut usize,
        ) -> c_int;
        fn pthread_attr_destroy(attributes: *mut Attributes) -> c_int;
    }

    let mut attributes = Attributes([0; 256]);
    let (mut end, mut size) = (core::ptr::null_mut(), 0);
    // SAFETY: this thread lives, and there is room for what is written.
    if unsafe { pthread_getattr_np(pthread_self(), &raw mut attributes) } != 0 {
        return None;
    }
    // SAFETY: the attributes have been initialised.
    let got = unsafe { pthread_attr_getstack(&raw const attributes, &raw mut end, &raw mut size) };
    // SAFETY: they are not used again.
    unsafe { pthread_attr_destroy(&raw mut attributes) };
    (got == 0).then(|| (end.addr(), size))
}

/// The same.
#[cfg(all(target_vendor = "apple", not(miri)))]
fn bounds() -> Option<(usize, usize)> {
    use core::ffi::c_void;

    unsafe extern "C" {
        safe fn pthread_self() -> usize;
        fn pthread_get_stackaddr_np(thread: usize) -> *mut c_void;
        fn pthread_get_stacksize_np(thread: usize) -> usize;
    }

    // SAFETY: this thread lives.
    let (start, size) = unsafe {
        let this = pthread_self();
        (
            pthread_get_stackaddr_np(this),
            pthread_get_stacksize_np(this),
        )
    };
    Some((start.addr().checked_sub(size)?, size))
}

/// The same.
#[cfg(all(windows, not(miri)))]
fn bounds() -> Option<(usize, usize)> {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetCurrentThreadStackLimits(low: *mut usize, high: *mut usize);
    }

    let (mut low, mut high) = (0, 0);
    // SAFETY: there is room for what is written.
    unsafe { GetCurrentThreadStackLimits(&raw mut low, &raw mut high) };
    Some((low, high.checked_sub(low)?))
}

/// The same.
#[cfg(any(
    miri,
    not(any(
        target_os = "linux",
        target_os = "android",
        target_vendor = "apple",
        windows
    ))
))]
fn bounds() -> Option<(usize, usize)> {
    None
}
