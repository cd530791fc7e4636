//! A pointer that leads to one of two generators, and changes between them.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;

use cogen::BoxGen;

use super::reply::Reply;
use super::value::Val;
use super::{machine, world};

type Sub<S> = BoxGen<'static, Val, S, Val>;

pub struct Turncoat<S> {
    one: Sub<S>,
    two: Sub<S>,
}

impl<S: Reply> Turncoat<S> {
    /// Makes a pointer to two generators, some of which have been started.
    pub fn pinned() -> Pin<Self> {
        let mut turncoat = Self {
            one: machine::boxed(),
            two: machine::boxed(),
        };
        for sub in [&mut turncoat.one, &mut turncoat.two] {
            if world::chance(2) {
                machine::start(sub);
            }
        }
        Pin::new(turncoat)
    }
}

impl<S> Deref for Turncoat<S> {
    type Target = Sub<S>;

    fn deref(&self) -> &Sub<S> {
        if world::chance(2) {
            &self.one
        } else {
            &self.two
        }
    }
}

impl<S> DerefMut for Turncoat<S> {
    fn deref_mut(&mut self) -> &mut Sub<S> {
        if world::chance(2) {
            &mut self.one
        } else {
            &mut self.two
        }
    }
}
