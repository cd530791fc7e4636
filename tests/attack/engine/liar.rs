//! Generators written by hand that break every rule: they claim one state and are in another, yield after their end,
//! refuse what they should take, and act meanwhile.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use cogen::{
    Exception, Generator, GeneratorExt, NextError, SendError, StartError, State, Step, ThrowError,
};
use futures::Stream;

use super::super::common::ledger::Role;
use super::mask::Mask;
use super::reply::Reply;
use super::value::{Exc, Val};
use super::world::{self, chance};
use super::{act, waker};

pub struct Liar<S> {
    left: u32,
    replies: PhantomData<fn(S)>,
}

impl<S> Liar<S> {
    pub fn new() -> Self {
        Self {
            left: 6,
            replies: PhantomData,
        }
    }

    /// Acts or panics now and then.
    fn run(&mut self) {
        self.left = self.left.saturating_sub(1);
        if chance(4) {
            act::act();
        }
        act::explode(Mask::PANIC, 30);
    }

    fn step(&self) -> Step<Val, Val> {
        if self.left == 0 || chance(5) {
            Step::Complete(Val::new(Role::Returned))
        } else {
            Step::Yielded(Val::new(Role::Yielded))
        }
    }
}

impl<S: Reply> Generator for Liar<S> {
    type Yield = Val;
    type Resume = S;
    type Return = Val;

    fn state(&self) -> State {
        match world::below(8) {
            0 => State::Created,
            1 => State::Running,
            2 => State::Closed,
            _ if self.left == 0 => State::Closed,
            _ => State::Suspended,
        }
    }

    fn resume_start(
        mut self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
    ) -> Result<Step<Val, Val>, StartError> {
        self.run();
        match world::below(8) {
            0 => Err(StartError::Pending),
            1 => Err(StartError::Raised(Exc::new().into())),
            2 => Err(StartError::AlreadyStarted),
            3 => Err(StartError::Finished),
            _ => Ok(self.step()),
        }
    }

    fn resume_send(
        mut self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
        value: S,
    ) -> Result<Step<Val, Val>, SendError<S>> {
        self.run();
        match world::below(10) {
            0 => Err(SendError::Pending(None)),
            1 => Err(SendError::Pending(Some(value))),
            2 => Err(SendError::Awaiting(value)),
            3 => Err(SendError::Raised(Exc::new().into())),
            4 => Err(SendError::JustStarted(value)),
            5 => Err(SendError::Finished(value)),
            _ => Ok(self.step()),
        }
    }

    fn resume_throw(
        mut self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
        exception: Exception,
    ) -> Result<Step<Val, Val>, ThrowError> {
        self.run();
        match world::below(6) {
            0 => Err(ThrowError::Pending),
            1 => Err(ThrowError::Running(exception)),
            2 => Ok(self.step()),
            _ => Err(ThrowError::Raised(exception)),
        }
    }

    fn resume_continue(
        mut self: Pin<&mut Self>,
        _: Option<&mut Context<'_>>,
    ) -> Result<Step<Val, Val>, NextError> {
        self.run();
        match world::below(6) {
            0 if self.left > 0 => Err(NextError::Pending),
            1 => Err(NextError::Finished),
            2 => Err(NextError::Raised(Exc::new().into())),
            3 => Err(NextError::Running),
            _ => Ok(self.step()),
        }
    }

    fn keep_return(self: Pin<&mut Self>, outcome: Result<Val, Exception>) {
        drop(outcome);
    }

    fn take_kept_return(self: Pin<&mut Self>) -> Option<Result<Val, Exception>> {
        chance(2).then(|| Ok(Val::new(Role::Returned)))
    }
}

/// Gives a liar to an adapter that takes any generator by value.
pub fn adapt() {
    act::quietly(|| match world::below(4) {
        0 => boxed(),
        1 => drop(Liar::<Val>::new().drive(|value| {
            drop(value);
            Val::new(Role::Local)
        })),
        2 => drop(Liar::<Val>::new().try_drive(|value| {
            drop(value);
            if chance(4) {
                Err(Exc::new())
            } else {
                Ok(Val::new(Role::Local))
            }
        })),
        _ => stream(),
    });
}

/// In a box of frames, and what it refuses there is sent once more.
fn boxed() {
    let mut boxed = Liar::<Val>::new().boxed_local();
    let mut value = Val::new(Role::Local);
    for _ in 0..8 {
        let sent = act::quietly(|| match world::below(4) {
            0 => {
                let _ = boxed.start();
                None
            }
            1 => {
                let _ = boxed.throw(Exc::new());
                None
            }
            2 => Some(boxed.start_or_send(std::mem::replace(&mut value, Val::new(Role::Local)))),
            _ => Some(boxed.send(std::mem::replace(&mut value, Val::new(Role::Local)))),
        });
        if let Some(Some(Err(error))) = sent {
            value = error.into_value().unwrap_or_else(|| Val::new(Role::Local));
        }
    }
}

fn stream() {
    let mut stream = Box::pin(Liar::<()>::new().into_stream());
    let waker = waker::any();
    let mut cx = Context::from_waker(&waker);
    for _ in 0..8 {
        if let Some(Poll::Ready(Some(value))) = act::quietly(|| stream.as_mut().poll_next(&mut cx))
        {
            value.comes_out(Role::Yielded);
        }
    }
}
