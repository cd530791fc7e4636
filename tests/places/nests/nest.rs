//! Random nests, and smaller ones.

use std::fmt::{self, Debug, Formatter};

use super::super::choose::Source;
use super::super::rows::{Kind, ROWS};

/// Milliseconds.
pub type Time = u64;

#[derive(Clone, Copy, Debug)]
pub enum Join {
    Futures,
    Tokio,
    All,
    Unordered,
    Buffered,
}

#[derive(Clone, Copy, Debug)]
pub enum Select {
    Futures,
    Tokio,
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clean {
    Finally,
    Catch,
}

/// What a call of an async generator goes through.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    Whole,
    /// It is dropped then, and another one goes on.
    Dropped(Time),
    /// It is dropped then, and the generator is closed.
    Closed(Time),
}

/// What a group goes through beside its tasks.
#[derive(Clone, Copy, Debug)]
pub enum Group {
    Whole,
    Fails(Time),
    Cancelled(Time),
}

/// A row, by its number.
#[derive(Clone, Copy)]
pub struct Of(pub usize);

impl Debug for Of {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(ROWS[self.0].name)
    }
}

#[derive(Clone, Debug)]
pub enum Nest {
    /// The wait of a row, for this long.
    Wait(Of, Time),
    Then(Vec<Nest>),
    Join(Join, Vec<Nest>),
    Select(Select, Vec<Nest>),
    Limit(Time, Box<Nest>),
    WaitFor(Time, Box<Nest>),
    Group {
        of: Group,
        is_static: bool,
        parts: Vec<Nest>,
    },
    Clean(Clean, Time, Box<Nest>),
    Task(Box<Nest>),
    /// Catches a cancel, and goes on.
    Swallow(Box<Nest>),
    /// In tasks of their own, with `gather`, or with `gather_all` (`true`).
    Gather(bool, Vec<Nest>),
    Shield(Box<Nest>),
    /// Polled twice in each step.
    Twice(Box<Nest>),
    Moved(Box<Nest>),
    Generator(Call, Box<Nest>),
}

/// A nest, and when its task is cancelled.
#[derive(Clone, Debug)]
pub struct Program {
    pub nest: Nest,
    pub cancels: Vec<Time>,
}

impl Program {
    pub fn random(source: &mut Source) -> Self {
        let nest = Nest::random(source, 4);
        let cancels = (0..source.below(3)).map(|_| time(source)).collect();
        Self { nest, cancels }
    }

    /// Programs with one thing less.
    pub fn smaller(&self) -> Vec<Self> {
        let nests = self.nest.smaller().into_iter();
        let mut all: Vec<_> = nests
            .map(|nest| Self {
                nest,
                ..self.clone()
            })
            .collect();
        for i in 0..self.cancels.len() {
            let mut less = self.clone();
            less.cancels.remove(i);
            all.push(less);
        }
        all
    }
}

fn time(source: &mut Source) -> Time {
    let half = if source.below(4) == 0 { 500 } else { 0 };
    u64::from(source.below(6)) * 1_000 + 1_000 - half
}

fn pick<T: Copy>(source: &mut Source, all: &[T]) -> T {
    all[source.below(u32::try_from(all.len()).expect("few")) as usize]
}

impl Nest {
    fn random(source: &mut Source, depth: u32) -> Self {
        if depth == 0 || source.below(5) == 0 {
            return Self::wait(source);
        }
        let one = |source: &mut Source| Box::new(Self::random(source, depth - 1));
        match source.below(19) {
            0 => Self::Then(Self::several(source, depth)),
            1..=3 => {
                use Join::{All, Buffered, Futures, Tokio, Unordered};
                let join = pick(source, &[Futures, Tokio, All, Unordered, Buffered]);
                Self::Join(join, Self::several(source, depth))
            }
            4 => {
                let select = pick(source, &[Select::Futures, Select::Tokio, Select::All]);
                Self::Select(select, Self::several(source, depth))
            }
            5 | 6 => Self::Limit(time(source), one(source)),
            7 => Self::WaitFor(time(source), one(source)),
            8 => Self::group(source, depth),
            9 | 10 => {
                let clean = pick(source, &[Clean::Finally, Clean::Catch]);
                Self::Clean(clean, pick(source, &[0, 500, 1_000, 1_500]), one(source))
            }
            11 => Self::Task(one(source)),
            12 => match one(source) {
                // After a move it polls only what is woken: what the new task does not know, it does not cancel.
                part if part.any(&Self::polls_when_woken) => *part,
                part => Self::Moved(part),
            },
            13 => Self::Gather(source.below(2) == 0, Self::several(source, depth)),
            14 => Self::Shield(one(source)),
            15 => Self::Twice(one(source)),
            16 => Self::Swallow(one(source)),
            _ => {
                let call = match source.below(4) {
                    0 => Call::Dropped(time(source)),
                    1 => Call::Closed(time(source)),
                    _ => Call::Whole,
                };
                Self::Generator(call, one(source))
            }
        }
    }

    fn wait(source: &mut Source) -> Self {
        loop {
            let rows = u32::try_from(ROWS.len()).expect("few");
            // One in three is a sleep, which needs no thought.
            let row = pick(source, &[0, 1, 1]) * source.below(rows) as usize;
            if !ROWS[row].is(Kind::Threads) && !ROWS[row].is(Kind::Closes) {
                return Self::Wait(Of(row), time(source));
            }
        }
    }

    fn several(source: &mut Source, depth: u32) -> Vec<Self> {
        let count = 2 + source.below(2);
        (0..count)
            .map(|_| Self::random(source, depth - 1))
            .collect()
    }

    fn group(source: &mut Source, depth: u32) -> Self {
        let of = match source.below(4) {
            0 => Group::Fails(time(source)),
            1 => Group::Cancelled(time(source)),
            _ => Group::Whole,
        };
        let is_static = source.below(2) == 0;
        let parts = Self::several(source, depth);
        Self::Group {
            of,
            is_static,
            parts,
        }
    }

    pub fn parts(&self) -> &[Self] {
        match self {
            Self::Wait(..) => &[],
            Self::Then(parts)
            | Self::Join(_, parts)
            | Self::Gather(_, parts)
            | Self::Select(_, parts)
            | Self::Group { parts, .. } => parts,
            Self::Limit(_, part)
            | Self::WaitFor(_, part)
            | Self::Clean(.., part)
            | Self::Task(part)
            | Self::Shield(part)
            | Self::Twice(part)
            | Self::Swallow(part)
            | Self::Moved(part)
            | Self::Generator(_, part) => std::slice::from_ref(part),
        }
    }

    fn parts_mut(&mut self) -> &mut [Self] {
        match self {
            Self::Wait(..) => &mut [],
            Self::Then(parts)
            | Self::Join(_, parts)
            | Self::Gather(_, parts)
            | Self::Select(_, parts)
            | Self::Group { parts, .. } => parts,
            Self::Limit(_, part)
            | Self::WaitFor(_, part)
            | Self::Clean(.., part)
            | Self::Task(part)
            | Self::Shield(part)
            | Self::Twice(part)
            | Self::Swallow(part)
            | Self::Moved(part)
            | Self::Generator(_, part) => std::slice::from_mut(part),
        }
    }

    fn list_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Then(parts)
            | Self::Join(_, parts)
            | Self::Gather(_, parts)
            | Self::Select(_, parts)
            | Self::Group { parts, .. } => Some(parts),
            _ => None,
        }
    }

    /// How much longer than until its cancel it may take, at most.
    pub fn clean_up(&self) -> Time {
        let own = match self {
            Self::Clean(_, takes, _) => *takes,
            // It goes on as long as it likes.
            Self::Swallow(_) => 1_000_000,
            _ => 0,
        };
        own + self.parts().iter().map(Self::clean_up).sum::<Time>()
    }

    fn polls_when_woken(&self) -> bool {
        matches!(self, Self::Join(Join::Unordered | Join::Buffered, _))
    }

    pub fn any(&self, is: &dyn Fn(&Self) -> bool) -> bool {
        is(self) || self.parts().iter().any(|part| part.any(is))
    }

    fn smaller(&self) -> Vec<Self> {
        let mut all: Vec<Self> = self.parts().to_vec();
        match self {
            Self::Wait(row, takes) if row.0 != 0 => all.push(Self::Wait(Of(0), *takes)),
            Self::Join(join, parts) if !matches!(join, Join::Futures) => {
                all.push(Self::Join(Join::Futures, parts.clone()));
            }
            Self::Generator(Call::Dropped(_) | Call::Closed(_), part) => {
                all.push(Self::Generator(Call::Whole, part.clone()));
            }
            Self::Group {
                of: Group::Fails(_) | Group::Cancelled(_),
                is_static,
                parts,
            } => all.push(Self::Group {
                of: Group::Whole,
                is_static: *is_static,
                parts: parts.clone(),
            }),
            _ => {}
        }
        let mut less = self.clone();
        if let Some(list) = less.list_mut() {
            for i in 0..list.len() {
                let mut less = self.clone();
                less.list_mut().expect("as above").remove(i);
                all.push(less);
            }
        }
        for (i, part) in self.parts().iter().enumerate() {
            for small in part.smaller() {
                let mut less = self.clone();
                less.parts_mut()[i] = small;
                all.push(less);
            }
        }
        all
    }
}
