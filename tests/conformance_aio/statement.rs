//! The language of the bodies: `README.md` says what each statement means.

mod object;
mod parse;

pub(crate) use object::{Act, WaitOn};
pub(crate) use parse::block;

use serde_json::Value as Json;

use crate::error::Exc;

pub(crate) type Block = Vec<Stmt>;
pub(crate) type Name = String;
/// The variable that gets a statement's value.
pub(crate) type Into = Option<Name>;

#[derive(Debug)]
pub(crate) enum Stmt {
    /// Does not suspend.
    Plain(Plain, Into),
    /// Suspends, and has no blocks of its own.
    Awaiting(Awaiting, Into),
    /// Has blocks that share the body's variables, so that it may be left by a break or a return.
    Compound(Compound),
    Break,
    Return(Expr),
}

#[derive(Debug)]
pub(crate) enum Plain {
    Emit(Expr),
    /// Evaluates an expression; the value goes where every statement's value goes.
    Set(Expr),
    Raise(Raise),
    Reraise,
    Create {
        name: Name,
        body: Block,
        group: Option<Name>,
    },
    Future(Name),
    SetResult {
        future: Name,
        value: Expr,
    },
    SetException {
        future: Name,
        error: Raise,
    },
    Cancel {
        name: Name,
        message: Option<String>,
    },
    Uncancel(Name),
    AddDoneCallback {
        name: Name,
        value: Expr,
    },
    /// A gather that is kept under a name instead of awaited.
    Gather {
        gather: Gather,
        name: Name,
    },
    /// A shield that is kept under a name instead of awaited.
    Shield {
        item: Item,
        name: Name,
    },
    Reschedule {
        timeout: Name,
        delay: Expr,
    },
    Call {
        delay: Option<Expr>,
        body: Block,
        handle: Option<Name>,
    },
    CancelHandle(Name),
    Act {
        object: Name,
        act: Act,
    },
    Agen {
        name: Name,
        body: Block,
    },
}

#[derive(Debug)]
pub(crate) enum Awaiting {
    Sleep(Expr),
    Await(Name),
    AwaitItem,
    Gather(Gather),
    Wait {
        names: Vec<Name>,
        when: When,
        timeout: Expr,
    },
    WaitFor {
        item: Item,
        timeout: Expr,
    },
    Shield(Item),
    WaitOn {
        object: Name,
        wait: WaitOn,
    },
    Yield(Expr),
    Asend {
        generator: Name,
        value: Expr,
    },
    Athrow {
        generator: Name,
        error: Raise,
    },
    Aclose(Name),
}

#[derive(Debug)]
pub(crate) enum Compound {
    If {
        test: Expr,
        then: Block,
        otherwise: Block,
    },
    Loop {
        times: u64,
        body: Block,
    },
    Try(Try),
    Timeout {
        delay: Expr,
        body: Block,
        name: Option<Name>,
    },
    With {
        object: Name,
        body: Block,
    },
    TaskGroup {
        name: Name,
        body: Block,
    },
    AsCompleted {
        names: Vec<Name>,
        timeout: Expr,
        body: Block,
    },
    AsyncFor {
        generator: Name,
        into: Into,
        body: Block,
    },
    Aclosing {
        generator: Name,
        body: Block,
    },
    /// An `async with` whose manager is a generator with one yield.
    AsyncWith {
        manager: Block,
        into: Into,
        body: Block,
    },
    /// An `async with` whose manager consists of two bodies.
    AsyncWithClass {
        enter: Block,
        exit: Block,
        into: Into,
        body: Block,
    },
}

#[derive(Debug)]
pub(crate) struct Raise {
    pub(crate) name: String,
    pub(crate) payload: Expr,
}

/// An argument of `gather`, `shield` or `wait_for`.
#[derive(Debug)]
pub(crate) enum Item {
    /// A task or a future that exists already.
    Named(Name),
    /// An inline coroutine.
    Coro { name: Name, body: Block },
}

#[derive(Debug)]
pub(crate) struct Gather {
    pub(crate) items: Vec<Item>,
    pub(crate) return_exceptions: bool,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum When {
    FirstCompleted,
    FirstException,
    AllCompleted,
}

#[derive(Debug)]
pub(crate) enum Expr {
    Constant(Json),
    Variable(Name),
    List(Vec<Expr>),
    Add(Box<(Expr, Expr)>),
    Eq(Box<(Expr, Expr)>),
    Exc,
    Now,
    CurrentTask,
    StateOf(Name),
    Cancelling(Name),
    Expired(Name),
    /// Asks an object about its state.
    Query(Name, String),
}

#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) body: Block,
    pub(crate) handlers: Vec<(String, Block)>,
    pub(crate) cleanup: Option<Block>,
}

impl Try {
    /// The handler for the class, or else for `Exception`, or else for everything.
    pub(crate) fn handler(&self, error: &Exc) -> Option<&Block> {
        let by_class = |name: &str| !matches!(name, "Exception" | "*");
        let first = |wanted: &dyn Fn(&str) -> bool| {
            let mut matching = self.handlers.iter().filter(|(name, _)| wanted(name));
            matching.find(|(name, _)| error.is_a(name))
        };
        first(&by_class)
            .or_else(|| first(&|name| name == "Exception"))
            .or_else(|| first(&|name| name == "*"))
            .map(|(_, block)| block)
    }

    /// The clean-up, if it always ends normally: it neither leaves nor raises.
    pub(crate) fn plain_cleanup(&self) -> Option<&Block> {
        let plain = |stmt: &Stmt| {
            matches!(
                stmt,
                Stmt::Plain(Plain::Emit(_) | Plain::Set(_), _)
                    | Stmt::Awaiting(Awaiting::Sleep(_), _)
            )
        };
        self.cleanup
            .as_ref()
            .filter(|cleanup| cleanup.iter().all(plain))
    }
}
