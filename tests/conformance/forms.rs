//! The forms of a generator that the cases run through.

use std::rc::Rc;

use cogen::{Generator, generator};

use crate::body::{self, Events};
use crate::case::Case;
use crate::error::Value;
use crate::verdict::{Verdict, judge};

/// A generator in some form. It closes when it is dropped, as Python's do.
pub(crate) trait Gen:
    Generator<Yield = Value, Send = Value, Return = Value> + Unpin
{
}

impl<G: Generator<Yield = Value, Send = Value, Return = Value> + Unpin> Gen for G {}

/// A form: its name, and what runs a case through it.
pub(crate) type Form = (&'static str, fn(&Rc<Case>) -> Verdict);

pub(crate) const FORMS: [Form; 2] = [
    ("boxed", |case| judge(case, boxed)),
    ("pinned", |case| judge(case, pinned)),
];

fn boxed(case: Rc<Case>, events: Rc<Events>, arg: Value) -> impl Gen {
    generator(move |co| async move { body::run(co, case.main(), &events, arg).await }).boxed_local()
}

fn pinned(case: Rc<Case>, events: Rc<Events>, arg: Value) -> impl Gen {
    let made = generator(move |co| async move { body::run(co, case.main(), &events, arg).await });
    Box::pin(made).closing()
}
