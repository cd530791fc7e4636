//! Generators without std: a program of core, alloc, and a C library that has `main`, `malloc` and `write`.
//!
//! `.ci/run` compares what it writes with `expected.txt`. With the argument `foreign` it ends with a panic, as a yield
//! is polled with a waker that is not ours. (If a dependency linked std, there would be two panic handlers.)

#![no_std]
#![no_main]

extern crate alloc;

mod libc;
mod scenes;
mod types;

use core::ffi::{c_char, c_int};

#[unsafe(no_mangle)]
extern "C" fn main(count: c_int, _: *const *const c_char) -> c_int {
    if count > 1 {
        scenes::foreign_waker();
    }
    libc::print(&scenes::text());
    0
}
