//! A body may return any type of std and of this crate, and a type of one's own after one line.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use cogen::aio::{self, Output, create_task};

struct Page(u32);
struct Line<'a>(&'a str);
struct Cache<T: Clone, const N: usize>([T; N]);
aio::output!(Page, ['a] Line<'a>, [T: Clone, const N: usize] Cache<T, N>);

/// Nobody's output, inside types that are.
struct Plain(u8);

#[test]
fn types_of_std_and_of_this_crate() {
    fn is_output<T: Output<Ok = T>>() {}
    macro_rules! all {
        ($($type:ty),* $(,)?) => { $(is_output::<$type>();)* };
    }
    all! {
        HashMap<String, Plain>, HashSet<u8>, BTreeMap<u8, Plain>, VecDeque<Plain>, BinaryHeap<u8>,
        PathBuf, &'static Path, std::ffi::OsString, std::net::IpAddr, std::net::SocketAddr,
        std::net::TcpStream, std::time::SystemTime, std::process::ExitStatus, std::process::Output,
        std::fs::File, Cow<'static, str>, &'static [u8], &'static u8, &'static mut Plain, Box<str>,
        Box<[u8]>, Box<dyn Fn()>, Rc<RefCell<Plain>>, Rc<str>, Arc<Mutex<Plain>>, Cell<Plain>,
        std::cmp::Ordering, std::ops::Range<u8>, std::num::NonZeroU8, Option<Option<Plain>>,
        Vec<Plain>, (Plain, u8), [Plain; 3], fn(), fn(u8) -> Plain, std::io::Error,
        std::marker::PhantomData<Plain>, std::thread::JoinHandle<Plain>, std::task::Poll<Plain>,
        std::convert::Infallible, std::pin::Pin<Box<Plain>>, std::sync::mpsc::Receiver<Plain>,
        (u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8),
        aio::Task<Plain>, aio::TaskHandle, aio::Promise<Plain>, aio::Queue<Plain>, aio::Lock,
        aio::Event, aio::Semaphore, aio::Error, aio::Cancelled, cogen::Exception,
        cogen::BoxGen<'static, u8>,
    }
}

#[test]
fn a_result_is_one_where_the_body_is_one() {
    fn gives<T: Output<Ok = O>, O>() {}
    gives::<Result<Plain, aio::Error>, Plain>();
    gives::<Result<Result<u8, Plain>, String>, Result<u8, Plain>>();
    gives::<Option<Result<u8, Plain>>, Option<Result<u8, Plain>>>();
}

#[test]
fn own_types_are_returned() {
    let sum = aio::run(async {
        let page = create_task(async { Page(1) }).await?;
        let line = create_task(async { Line("22") }).await?;
        let cache = create_task(async { Cache([3; 2]) }).await?;
        let map = create_task(async { HashMap::from([("four", 4)]) }).await?;
        let wrapped = create_task(async { aio::ok(Plain(5)) }).await?;
        let cached: u32 = cache.0.iter().sum();
        aio::ok(page.0 + cached + map["four"] + u32::from(wrapped.0) + line.0.parse::<u32>()?)
    });
    assert_eq!(sum.unwrap(), 1 + 6 + 4 + 5 + 22);
}
