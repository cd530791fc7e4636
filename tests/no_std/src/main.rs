//! Generators without std: a program that uses only core, alloc, and a C library with `main`, `malloc` and `write`.
//!
//! `.ci/run` compares the program's output with `expected.txt`. With the argument `foreign` the program panics at its
//! end, because a yield is polled with a foreign waker. (If a dependency linked std, there would be two panic
//! handlers.)

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
