//! The source of packets: each read suspends once and leaves its waker, which the loop that runs the program wakes.

use crate::real::{Input, Random};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// What a device and the program that waits for it share.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: RefCell<Option<Waker>>,
    /// Whether a packet has arrived.
    ready: Cell<bool>,
}

impl Line {
    /// Makes the packet arrive.
    fn arrive(&self) {
        self.ready.set(true);
        let waiting = self.waiting.take();
        waiting.expect("a read waits").wake();
    }
}

/// Gives packets of some lines.
#[derive(Debug)]
pub(super) struct Device {
    rest: &'static str,
    random: Random,
    line: Rc<Line>,
}

impl Device {
    pub(super) fn new(input: &'static Input, line: &Rc<Line>) -> Self {
        Self {
            rest: &input.text,
            random: Random(5),
            line: Rc::clone(line),
        }
    }

    /// The next packet, `None` at the end.
    pub(super) fn read(&mut self) -> Read {
        let lines = 1 + self.random.below(8);
        let mut end = 0;
        for _ in 0..lines {
            let rest = &self.rest.as_bytes()[end..];
            end += rest
                .iter()
                .position(|&byte| byte == b'\n')
                .map_or(rest.len(), |at| at + 1);
        }
        let (packet, rest) = self.rest.split_at(end);
        self.rest = rest;
        Read {
            packet,
            line: Rc::clone(&self.line),
        }
    }
}

/// Waits for a packet.
#[derive(Debug)]
pub(super) struct Read {
    packet: &'static str,
    line: Rc<Line>,
}

impl Future for Read {
    type Output = Option<&'static str>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.line.ready.take() {
            return Poll::Ready((!self.packet.is_empty()).then_some(self.packet));
        }
        *self.line.waiting.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

/// Whether the program was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a program. Whenever it waits, a packet arrives.
pub(super) fn block_on<T>(line: &Line, program: impl Future<Output = T>) -> T {
    let mut program = pin!(program);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = program.as_mut().poll(&mut context) {
            return output;
        }
        line.arrive();
        assert!(woken.0.swap(false, Ordering::Relaxed), "the wake was lost");
    }
}
