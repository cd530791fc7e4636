//! What of std a body may return.

use std::any::TypeId;
use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{
    BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque, btree_map, btree_set,
    hash_map, hash_set, vec_deque,
};
use std::ffi::{CString, OsString};
use std::future::{Pending, Ready};
use std::io::{self, BufReader, BufWriter, Cursor};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, TcpListener, TcpStream,
    UdpSocket,
};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::ops::{
    Bound, ControlFlow, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};
use std::path::PathBuf;
use std::pin::Pin;
use std::process;
use std::rc::{self, Rc};
use std::sync::{self, Arc, Mutex, OnceLock, RwLock, atomic, mpsc};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use std::{fmt, fs, num, str, string, vec};

use super::cancelled::Cancelled;
use super::error::{Error, Group};
use super::output::{Output, output};
use super::panicked::Panicked;
use crate::frame::Exception;
use crate::generator::{BoxGen, Generator, LocalBoxGen, Shared, Step};

output! {
    @all
    [] Exception, [] Error, [] Group, [] Cancelled, [] Panicked, [G: Generator + Unpin] Shared<G>,
    ['g, Y, S, R] BoxGen<'g, Y, S, R>, ['g, Y, S, R] LocalBoxGen<'g, Y, S, R>, [Y, R] Step<Y, R>,
    [] (), [] bool, [] char, [] String, [] Duration, [] Instant, [] SystemTime, [] u8, [] u16,
    [] u32, [] u64, [] u128, [] usize, [] i8, [] i16, [] i32, [] i64, [] i128, [] isize, [] f32,
    [] f64, ['a, T: ?Sized] &'a T, ['a, T: ?Sized] &'a mut T, [T: ?Sized] *const T,
    [T: ?Sized] *mut T, [T: ?Sized] Box<T>, [T: ?Sized] Rc<T>, [T: ?Sized] Arc<T>,
    [T: ?Sized] rc::Weak<T>, [T: ?Sized] sync::Weak<T>, [P] Pin<P>,
    ['a, B: ToOwned + ?Sized] Cow<'a, B>, [T: ?Sized] PhantomData<T>, [T] ManuallyDrop<T>,
    [T] Option<T>, [T] Vec<T>, [T] Poll<T>, [T] Bound<T>, [B, C] ControlFlow<B, C>,
    [K, V, S] HashMap<K, V, S>, [T, S] HashSet<T, S>, [K, V] BTreeMap<K, V>, [T] BTreeSet<T>,
    [T] VecDeque<T>, [T] BinaryHeap<T>, [T] LinkedList<T>, [T] vec::IntoIter<T>,
    [T] vec_deque::IntoIter<T>, [K, V] hash_map::IntoIter<K, V>, [T] hash_set::IntoIter<T>,
    [K, V] btree_map::IntoIter<K, V>, [T] btree_set::IntoIter<T>, [T] Cell<T>, [T] RefCell<T>,
    [T] OnceCell<T>, [T] OnceLock<T>, [T] Mutex<T>, [T] RwLock<T>, [] sync::Barrier,
    [] sync::Condvar, [] atomic::AtomicBool, [] atomic::AtomicUsize, [] atomic::AtomicU32,
    [] atomic::AtomicI32, [T] mpsc::Sender<T>, [T] mpsc::SyncSender<T>, [T] mpsc::Receiver<T>,
    [T] thread::JoinHandle<T>, [] thread::Thread, [] thread::ThreadId, [] TypeId, [] Waker,
    [T] Ready<T>, [T] Pending<T>, [] Ordering, [T] Reverse<T>, [T] Wrapping<T>, [T] Saturating<T>,
    [] NonZeroU8, [] NonZeroU16, [] NonZeroU32, [] NonZeroU64, [] NonZeroU128, [] NonZeroUsize,
    [] NonZeroI8, [] NonZeroI16, [] NonZeroI32, [] NonZeroI64, [] NonZeroI128, [] NonZeroIsize,
    [T] Range<T>, [T] RangeFrom<T>, [T] RangeInclusive<T>, [T] RangeTo<T>, [T] RangeToInclusive<T>,
    [] RangeFull, [] PathBuf, [] OsString, [] CString, [] IpAddr, [] Ipv4Addr, [] Ipv6Addr,
    [] SocketAddr, [] SocketAddrV4, [] SocketAddrV6, [] TcpListener, [] TcpStream, [] UdpSocket,
    [] process::Child, [] process::ChildStdin, [] process::ChildStdout, [] process::ChildStderr,
    [] process::Command, [] process::ExitCode, [] process::ExitStatus, [] process::Output,
    [] fs::File, [] fs::Metadata, [] fs::DirEntry, [] fs::ReadDir, [] fs::FileType,
    [] fs::Permissions, [] io::Error, [] io::ErrorKind, [R] BufReader<R>,
    [W: io::Write] BufWriter<W>, [T] Cursor<T>, [] io::Stdin, [] io::Stdout, [] io::Stderr,
    [] fmt::Error, [] num::ParseIntError, [] num::ParseFloatError, [] num::TryFromIntError,
    [] str::Utf8Error, [] string::FromUtf8Error, [A] (A,), [A, B] (A, B), [A, B, C] (A, B, C),
    [A, B, C, D] (A, B, C, D), [A, B, C, D, E] (A, B, C, D, E),
    [A, B, C, D, E, F] (A, B, C, D, E, F), [A, B, C, D, E, F, G] (A, B, C, D, E, F, G),
    [A, B, C, D, E, F, G, H] (A, B, C, D, E, F, G, H),
    [A, B, C, D, E, F, G, H, I] (A, B, C, D, E, F, G, H, I),
    [A, B, C, D, E, F, G, H, I, J] (A, B, C, D, E, F, G, H, I, J),
    [A, B, C, D, E, F, G, H, I, J, K] (A, B, C, D, E, F, G, H, I, J, K),
    [A, B, C, D, E, F, G, H, I, J, K, L] (A, B, C, D, E, F, G, H, I, J, K, L), [R] fn() -> R,
    [A, R] fn(A) -> R, [A, B, R] fn(A, B) -> R, [A, B, C, R] fn(A, B, C) -> R,
}

impl<T, const N: usize> Output for [T; N] {
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        Ok(self)
    }
}

// Newer compilers make `Infallible` the type `!`, which an impl in `output.rs` covers: see `build.rs`.
#[cfg(not(infallible_is_never))]
impl Output for std::convert::Infallible {
    type Ok = Self;

    fn into_result(self) -> Result<Self, Error> {
        match self {}
    }
}
