//! The ledger: records what becomes of every value of a round.
//!
//! 1. A value is born once and dropped once, or forgotten on purpose.
//! 2. A value that is yielded, returned or raised comes out at most once, and alive.
//! 3. A reply is taken at most once, after somebody sent it, by the yield whose value it answers, and only after that
//!    value has come out (or has been dropped because a scope took it back). Where one resume overtakes another (a
//!    waker runs at the end of the first), the reply may come before the caller of the first resume sees the value.
//! 4. Replies without a number (zero-sized ones) are counted: no more are taken than were sent.
//! 5. An exception reaches only scopes that were around the place where it was raised or thrown.
//!
//! A broken rule is a *hole*. The ledger keeps the first hole of a round, and the round goes on, since a destructor
//! must not panic.

use std::collections::HashSet;

/// What a value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Yielded,
    Reply,
    Returned,
    Local,
    Exception,
}

#[derive(Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "what has happened so far, in any order"
)]
struct Entry {
    role: Role,
    alive: bool,
    /// The value came out of a generator; for a reply: it was sent.
    out: bool,
    taken: bool,
    forgotten: bool,
    /// For a reply: the number of the value that it answers. For an exception that was thrown: the value that had come
    /// out last. `None`: not known.
    at: Option<u64>,
    thrown: bool,
    /// The value had a reply before it came out, from a resume that overtook another one.
    early: bool,
    /// The yield was polled inside a delegation, for the outer generator: what is thrown there goes on inwards.
    anywhere: bool,
    /// The scopes around a yield or a raise, over all its polls.
    around: HashSet<u64>,
}

#[derive(Debug, Default)]
pub struct Ledger {
    entries: Vec<Entry>,
    hole: Option<String>,
    /// The scopes around futures that may raise an exception from elsewhere.
    carried: HashSet<u64>,
    /// A generator that is also driven from elsewhere was delegated to: what was sent and thrown where is not known.
    pub loose: bool,
    /// How many wakers are acting, nested in one another: the value that came out last may not have reached its caller
    /// yet, because the caller is still inside a wake.
    pub waking: u32,
    /// Zero-sized replies that were sent and have not been taken yet.
    pub credit: i64,
    /// A generator was resumed while another resume of it was about to return.
    pub overtaken: bool,
    /// Zero-sized values with a destructor that are alive.
    pub counted: i64,
    /// Prints every event that it records.
    pub loud: bool,
}

impl Ledger {
    pub fn new() -> Self {
        Self {
            loud: std::env::var_os("COGEN_ATTACK_SHOW").is_some(),
            ..Self::default()
        }
    }

    fn say(&self, what: impl FnOnce() -> String) {
        if self.loud {
            eprintln!("  {}", what());
        }
    }

    /// Notes a hole. The first one is kept.
    pub fn hole(&mut self, what: impl Into<String>) {
        self.say(|| "HOLE".to_owned());
        self.hole.get_or_insert(what.into());
    }

    #[must_use]
    pub fn first_hole(&self) -> Option<&str> {
        self.hole.as_deref()
    }

    /// Records a new value, and gives its number.
    pub fn born(&mut self, role: Role) -> u64 {
        self.say(|| format!("{role:?} {} is born", self.entries.len() + 1));
        self.entries.push(Entry {
            role,
            alive: true,
            out: false,
            taken: false,
            forgotten: false,
            at: None,
            thrown: false,
            early: false,
            anywhere: false,
            around: HashSet::new(),
        });
        self.entries.len() as u64
    }

    fn entry(&mut self, number: u64) -> Option<&mut Entry> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.entries.get_mut(index)
    }

    /// Records the death of a value. `false`: it must not be freed, as it is dead already or was never born.
    #[must_use]
    pub fn dies(&mut self, number: u64) -> bool {
        self.say(|| format!("{number} dies"));
        match self.entry(number) {
            Some(entry) if entry.alive => {
                entry.alive = false;
                let lost = entry.early && !entry.out;
                if lost && !self.loose {
                    self.hole(format!(
                        "yield {number} had a reply, and its value never came out"
                    ));
                }
                true
            }
            Some(entry) => {
                let role = entry.role;
                self.hole(format!("{role:?} {number} was dropped twice"));
                false
            }
            None => {
                self.hole(format!("a value with the number {number} was never made"));
                false
            }
        }
    }

    /// Records that the destructor of an exception begins. `false`: it has begun before, or the exception is dead.
    #[must_use]
    pub fn ends(&mut self, number: u64) -> bool {
        match self.entry(number) {
            Some(entry) if entry.alive && !entry.taken => {
                entry.taken = true;
                true
            }
            _ => {
                self.hole(format!("exception {number} was dropped twice"));
                false
            }
        }
    }

    /// Records a look at a value, which must be alive.
    pub fn used(&mut self, number: u64) {
        let alive = self.entry(number).is_some_and(|entry| entry.alive);
        if !alive {
            self.hole(format!("value {number} was used after its end"));
        }
    }

    /// Records that a value comes out of a generator.
    pub fn comes_out(&mut self, number: u64, role: Role) {
        self.say(|| format!("{role:?} {number} comes out"));
        match self.entry(number) {
            Some(entry) if entry.role == role && entry.alive && !entry.out => entry.out = true,
            entry => {
                let again = entry.is_some_and(|entry| entry.out || !entry.alive);
                let how = if again {
                    "again"
                } else {
                    "and was never given"
                };
                self.hole(format!("{role:?} {number} came out {how}"));
            }
        }
    }

    /// Records that a reply is sent, in answer to value `at`.
    pub fn sent(&mut self, number: u64, at: Option<u64>) {
        self.say(|| format!("reply {number} is sent, in answer to {at:?}"));
        let at = self.known(at);
        if let Some(entry) = self.entry(number) {
            entry.out = true;
            entry.at = at;
        }
    }

    /// Records that a yield has its reply: its value must have come out.
    pub fn replied(&mut self, yielded: u64) {
        self.say(|| format!("yield {yielded} has a reply"));
        let early = self
            .entry(yielded)
            .is_some_and(|entry| !entry.out && entry.alive);
        if early && (self.overtaken || self.waking > 0) {
            self.entry(yielded)
                .into_iter()
                .for_each(|entry| entry.early = true);
        } else if early && !self.loose {
            // (A loose generator is let off: it may have given the value to another driver.)
            self.hole(format!(
                "yield {yielded} had a reply before its value came out"
            ));
        }
    }

    /// Records that the yield of value `yielded` takes a reply.
    pub fn taken(&mut self, number: u64, yielded: u64) {
        self.say(|| format!("yield {yielded} takes reply {number}"));
        match self.entry(number) {
            Some(entry)
                if entry.role == Role::Reply && entry.alive && entry.out && !entry.taken =>
            {
                entry.taken = true;
                let at = entry.at;
                if at.is_some_and(|at| at != yielded) && !self.loose {
                    self.hole(format!(
                        "yield {yielded} took reply {number}, sent to {at:?}"
                    ));
                }
            }
            entry => {
                let again = entry.is_some_and(|entry| entry.taken || !entry.alive);
                let how = if again { "again" } else { "that nobody sent" };
                self.hole(format!("yield {yielded} took reply {number} {how}"));
            }
        }
    }

    /// Records that a reply without a number is taken.
    pub fn taken_uncounted(&mut self, yielded: u64) {
        self.credit -= 1;
        if self.credit < 0 {
            self.credit = 0;
            self.hole(format!("yield {yielded} took a reply that nobody sent"));
        }
    }

    /// Records that a yield or a raise is polled inside these scopes.
    pub fn polled_in(&mut self, number: u64, scopes: &[u64]) {
        self.say(|| format!("{number} is polled in {scopes:?}"));
        if let Some(entry) = self.entry(number) {
            entry.around.extend(scopes);
        }
    }

    /// Records that a yield is polled where an exception thrown at it may go to any scope.
    pub fn polled_anywhere(&mut self, number: u64) {
        self.entry(number)
            .into_iter()
            .for_each(|entry| entry.anywhere = true);
    }

    /// Records that a future which may raise an exception from elsewhere is polled inside these scopes.
    pub fn carried_in(&mut self, scopes: &[u64]) {
        self.carried.extend(scopes);
    }

    /// Records that the reply to this value goes to another yield.
    pub fn relayed(&mut self, number: u64) {
        if let Some(entry) = self.entry(number) {
            entry.taken = true;
        }
    }

    /// The value that came out last, if it is known that the yield that gave it is still waiting.
    fn known(&mut self, at: Option<u64>) -> Option<u64> {
        let at = at.filter(|_| !self.loose)?;
        self.entry(at)
            .is_some_and(|entry| !entry.taken && !entry.early)
            .then_some(at)
    }

    /// Records that an exception is thrown where value `at` had come out.
    pub fn thrown(&mut self, number: u64, at: Option<u64>) {
        self.say(|| format!("{number} is thrown at {at:?}"));
        let at = self.known(at);
        if let Some(entry) = self.entry(number) {
            entry.thrown = true;
            entry.at = at;
        }
    }

    /// Records that a scope has caught an exception.
    pub fn caught(&mut self, scope: u64, exception: u64) {
        self.say(|| format!("scope {scope} has caught {exception}"));
        let Some(entry) = self.entry(exception) else {
            return self.hole(format!(
                "scope {scope} caught {exception}, which was never made"
            ));
        };
        if !entry.alive {
            return self.hole(format!("scope {scope} caught {exception}, which is dead"));
        }
        let place = if !entry.thrown {
            exception
        } else if let Some(at) = entry.at {
            at
        } else {
            return;
        };
        let around = self.loose
            || self.carried.contains(&scope)
            || self.entry(place).is_none_or(|entry| {
                entry.anywhere || entry.around.is_empty() || entry.around.contains(&scope)
            });
        if !around {
            self.hole(format!(
                "scope {scope} caught exception {exception} from a place outside of it"
            ));
        }
    }

    /// Records that a value is forgotten on purpose: it need not be dropped.
    pub fn forgotten(&mut self, number: u64) {
        if let Some(entry) = self.entry(number) {
            entry.forgotten = true;
        }
    }

    /// The values that are alive and should not be.
    #[must_use]
    pub fn left(&self) -> Vec<(u64, Role)> {
        let left = self.entries.iter().zip(1..);
        left.filter(|(entry, _)| entry.alive && !entry.forgotten)
            .map(|(entry, number)| (number, entry.role))
            .collect()
    }
}
