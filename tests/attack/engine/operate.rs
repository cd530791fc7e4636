//! The operations on a generator, each recorded in the ledger.

use std::pin::Pin;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};

use cogen::{
    CloseError, Delegate, Delegated, Exception, Generator, NextError, SendError, StartError, State,
    Step, ThrowError,
};

use super::super::common::ledger::Role;
use super::machine;
use super::mask::Mask;
use super::reply::Reply;
use super::value::{Exc, Val};
use super::world;

/// How an operation ended.
#[derive(Debug)]
pub enum Ended {
    Step(Step<Val, Val>),
    Raised(Exception),
    /// The generator awaits something, or was not resumed.
    Waits,
    Refused,
}

/// One operation: what was known before it began.
pub struct Resume<'a> {
    at: &'a AtomicU64,
    credit: i64,
    foreign: bool,
}

impl<'a> Resume<'a> {
    pub fn begin(at: &'a AtomicU64) -> Self {
        let (credit, foreign) = world::with(|state| {
            let place = ptr::from_ref(at).addr();
            state.ledger.overtaken |= state.resumed.contains(&place);
            state.resumed.push(place);
            let foreign = std::mem::replace(&mut state.foreign, false);
            (state.ledger.credit, foreign)
        })
        .unwrap_or((0, false));
        Self {
            at,
            credit,
            foreign,
        }
    }

    /// Makes a reply that is about to be sent.
    fn send<S: Reply>(&self) -> Option<S> {
        let reply = S::make()?;
        reply.sent(machine::last(self.at));
        Some(reply)
    }

    /// Makes an exception that is about to be thrown.
    fn exception(&self) -> Exception {
        let exc = Exc::new();
        world::with(|state| state.ledger.thrown(exc.number(), machine::last(self.at)));
        exc.into()
    }

    /// Ends the operation: no zero-sized reply that it sent is left, unless a foreign wait may still hold it.
    pub fn end(self, ended: Ended) {
        let over = matches!(ended, Ended::Step(_) | Ended::Raised(_));
        world::with(|state| {
            if over && !state.foreign {
                state.ledger.credit = state.ledger.credit.min(self.credit);
            }
            state.foreign |= self.foreign;
        });
        world::tell(|| format!("ended: {ended:?}"));
        match ended {
            Ended::Step(step) => machine::stepped(self.at, step),
            Ended::Raised(exception) => {
                self.at.store(0, Ordering::Relaxed);
                drop(exception);
            }
            Ended::Waits => self.at.store(0, Ordering::Relaxed),
            Ended::Refused => {}
        }
    }
}

/// Ends the operation also on unwind.
impl Drop for Resume<'_> {
    fn drop(&mut self) {
        world::with(|state| state.resumed.pop());
    }
}

fn returned<S: Reply>(reply: Option<S>) {
    if let Some(reply) = reply {
        reply.returned();
    }
}

fn from_start(result: Result<Step<Val, Val>, StartError>) -> Ended {
    match result {
        Ok(step) => Ended::Step(step),
        Err(StartError::Raised(exception)) => Ended::Raised(exception),
        Err(StartError::Pending) => Ended::Waits,
        Err(_) => Ended::Refused,
    }
}

fn from_next(result: Result<Step<Val, Val>, NextError>) -> Ended {
    match result {
        Ok(step) => Ended::Step(step),
        Err(NextError::Raised(exception)) => Ended::Raised(exception),
        Err(NextError::Pending) => Ended::Waits,
        Err(_) => Ended::Refused,
    }
}

fn from_send<S: Reply>(result: Result<Step<Val, Val>, SendError<S>>, sent: bool) -> Ended {
    match result {
        Ok(step) => Ended::Step(step),
        Err(SendError::Raised(exception)) => Ended::Raised(exception),
        Err(error) => {
            let waits = matches!(error, SendError::Pending(_));
            returned(error.into_value().filter(|_| sent));
            if waits { Ended::Waits } else { Ended::Refused }
        }
    }
}

fn from_throw(result: Result<Step<Val, Val>, ThrowError>) -> Ended {
    match result {
        Ok(step) => Ended::Step(step),
        Err(ThrowError::Raised(exception)) => Ended::Raised(exception),
        Err(ThrowError::Pending) => Ended::Waits,
        Err(_) => Ended::Refused,
    }
}

fn from_close(result: Result<Option<Val>, CloseError<Val>>) -> Ended {
    match result {
        Ok(Some(value)) => Ended::Step(Step::Complete(value)),
        Err(CloseError::Ignored(value)) => Ended::Step(Step::Yielded(value)),
        Err(CloseError::Raised(exception)) => Ended::Raised(exception),
        Ok(None) | Err(CloseError::Pending) => Ended::Waits,
        Err(_) => Ended::Refused,
    }
}

fn from_delegated<S: Reply>(delegated: Delegated<Val, Val, S>) -> Ended {
    match delegated {
        Delegated::Yielded(value) => Ended::Step(Step::Yielded(value)),
        Delegated::Complete(value) => Ended::Step(Step::Complete(value)),
        Delegated::Raised(exception) => Ended::Raised(exception),
        Delegated::Pending(reply) => {
            returned(reply);
            Ended::Waits
        }
    }
}

/// Applies a random operation to a generator.
pub fn operate<S, G>(generator: &mut G, at: &AtomicU64, cx: Option<&mut Context<'_>>)
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    world::tell(|| format!("a generator that is {:?} is resumed", generator.state()));
    let resume = Resume::begin(at);
    let throws = world::with(|state| {
        let of = state.theme.throw;
        state.mask.has(Mask::THROW) && state.below(of) == 0
    });
    let ended = match world::below(16) {
        _ if throws == Some(true) => {
            from_throw(Pin::new(generator).resume_throw(cx, resume.exception()))
        }
        0 | 1 => from_start(Pin::new(generator).resume_start(cx)),
        2..=7 => start_or_send(generator, cx, &resume),
        8 => from_next(Pin::new(generator).resume_continue(cx)),
        9 if world::chance(4) => from_close(Pin::new(generator).resume_close(cx)),
        10 => delegate(generator, cx, &resume),
        11 => keep_return(generator),
        12 => asynchronous(generator, cx, &resume),
        13 => looped(generator, cx, &resume),
        14 => combined(generator, cx, &resume),
        _ => send(generator, cx, &resume),
    };
    resume.end(ended);
}

fn send<S, G>(generator: &mut G, cx: Option<&mut Context<'_>>, resume: &Resume<'_>) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    match resume.send::<S>() {
        Some(reply) => from_send(Pin::new(generator).resume_send(cx, reply), true),
        None => from_next(Pin::new(generator).resume_continue(cx)),
    }
}

fn start_or_send<S, G>(
    generator: &mut G,
    cx: Option<&mut Context<'_>>,
    resume: &Resume<'_>,
) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    if generator.state() == State::Created {
        from_start(Pin::new(generator).resume_start(cx))
    } else {
        send(generator, cx, resume)
    }
}

/// The combined operation, which starts or sends.
fn combined<S, G>(generator: &mut G, cx: Option<&mut Context<'_>>, resume: &Resume<'_>) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    let sends = generator.state() != State::Created;
    let reply = if sends { resume.send::<S>() } else { S::make() };
    match reply {
        Some(reply) => from_send(Pin::new(generator).resume_start_or_send(cx, reply), sends),
        None => from_start(Pin::new(generator).resume_start(cx)),
    }
}

fn delegate<S, G>(generator: &mut G, cx: Option<&mut Context<'_>>, resume: &Resume<'_>) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    let delegate = match world::below(5) {
        0 => Delegate::Start,
        1 | 2 => resume
            .send::<S>()
            .map_or(Delegate::Continue, Delegate::Send),
        3 if world::may(Mask::THROW) => Delegate::Throw(resume.exception()),
        4 if world::chance(4) => Delegate::Close,
        _ => Delegate::Continue,
    };
    from_delegated(Pin::new(generator).resume_delegated(cx, delegate))
}

fn keep_return<G>(generator: &mut G) -> Ended
where
    G: Generator<Yield = Val, Return = Val> + Unpin,
{
    if world::chance(2) {
        Pin::new(generator).keep_return(Ok(Val::new(Role::Returned)));
    } else if let Some(Ok(value)) = Pin::new(generator).take_kept_return() {
        value.comes_out(Role::Returned);
    }
    Ended::Refused
}

/// The async methods: a future of the generator, polled once or twice, and dropped.
fn asynchronous<S, G>(generator: &mut G, cx: Option<&mut Context<'_>>, resume: &Resume<'_>) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    let mut own = Context::from_waker(Waker::noop());
    let cx = cx.unwrap_or(&mut own);
    let times = 1 + world::below(2);
    match world::below(4) {
        0 => poll_some(generator.astart(), cx, times).map_or(Ended::Waits, from_start),
        1 if world::may(Mask::THROW) => {
            let throw = generator.athrow(resume.exception());
            poll_some(throw, cx, times).map_or(Ended::Waits, from_throw)
        }
        2 if world::chance(3) => {
            poll_some(generator.aclose(), cx, times).map_or(Ended::Waits, from_close)
        }
        _ => match resume.send::<S>() {
            Some(reply) => poll_some(generator.asend(reply), cx, times)
                .map_or(Ended::Waits, |result| from_send(result, true)),
            None => from_next(Pin::new(generator).resume_continue(Some(cx))),
        },
    }
}

fn poll_some<F: Future + Unpin>(
    mut future: F,
    cx: &mut Context<'_>,
    times: u32,
) -> Option<F::Output> {
    for _ in 0..times {
        if let std::task::Poll::Ready(output) = Pin::new(&mut future).poll(cx) {
            return Some(output);
        }
    }
    None
}

/// Resumes as a loop does, which works only for zero-sized replies.
fn looped<S, G>(generator: &mut G, cx: Option<&mut Context<'_>>, resume: &Resume<'_>) -> Ended
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    if size_of::<S>() != 0 || std::mem::needs_drop::<S>() {
        return send(generator, cx, resume);
    }
    let sends = generator.state() != State::Created;
    let reply = if sends { resume.send::<S>() } else { S::make() };
    let Some(reply) = reply else {
        return Ended::Refused;
    };
    let mut item = None;
    let step = Pin::new(generator).resume_next_into(cx, reply, &mut item);
    from_next(step.map(|step| match step {
        Step::Yielded(()) => Step::Yielded(item.expect("the generator has yielded")),
        Step::Complete(value) => Step::Complete(value),
    }))
}

/// Starts a generator; the value that it yields has come out, and waits for a reply.
pub fn start_for_good<S, G>(generator: &mut G)
where
    S: Reply,
    G: Generator<Yield = Val, Resume = S, Return = Val> + Unpin,
{
    let at = AtomicU64::new(0);
    let resume = Resume::begin(&at);
    let ended = from_start(Pin::new(generator).resume_start(None));
    resume.end(ended);
}
