//! The language of the bodies: `cases/README.md` says what each statement means.

mod parse;

pub(crate) use parse::block;

use crate::error::{GENERATOR_EXIT, PyError, Value};

pub(crate) type Block = Vec<Stmt>;

#[derive(Debug)]
pub(crate) enum Stmt {
    Yield {
        value: Expr,
        into: Option<String>,
    },
    Set {
        name: String,
        value: Expr,
    },
    Emit(Expr),
    EmitExc,
    Loop {
        times: u64,
        body: Block,
    },
    Break,
    If {
        test: Expr,
        then: Block,
        otherwise: Block,
    },
    Try(Try),
    Raise {
        name: String,
        payload: Expr,
    },
    Reraise,
    Return(Expr),
    YieldFrom {
        source: Source,
        into: Option<String>,
    },
    /// A local generator, which is closed when `body` is left.
    With {
        name: String,
        index: usize,
        arg: Expr,
        body: Block,
    },
    /// Drives a local generator by hand.
    Resume {
        name: String,
        op: Op,
        into: Option<String>,
    },
    /// Operates on a generator that is running.
    Reenter {
        op: String,
        target: Target,
    },
    EmitState(Target),
}

/// The target of a delegation.
#[derive(Debug)]
pub(crate) enum Source {
    New { index: usize, arg: Expr },
    List(Vec<Value>),
    Local(String),
}

/// An operation on a local generator.
#[derive(Debug)]
pub(crate) enum Op {
    Next,
    Send(Expr),
    Throw { name: String, value: Expr },
    Close,
}

/// A generator as seen from inside.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// The generator that runs this body.
    Me,
    /// The driver's generator.
    Main,
}

#[derive(Debug)]
pub(crate) enum Expr {
    Constant(Value),
    Variable(String),
    Sent,
    Exc,
    Add(Box<[Expr; 2]>),
    Eq(Box<[Expr; 2]>),
}

#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) body: Block,
    pub(crate) handlers: Vec<(String, Block)>,
    pub(crate) cleanup: Option<Block>,
}

impl Try {
    /// The handler for the exact name, or else for `Exception`, or else for everything.
    pub(crate) fn handler(&self, error: &PyError) -> Option<&Block> {
        let named = |name: &str| {
            let found = self.handlers.iter().find(|(handled, _)| handled == name);
            found.map(|(_, block)| block)
        };
        named(&error.name)
            .or_else(|| named("Exception").filter(|_| !error.is(GENERATOR_EXIT)))
            .or_else(|| named("*"))
    }

    /// The parts of the yield, if the block is nothing else.
    pub(crate) fn single_yield(&self) -> Option<(&Expr, Option<&str>)> {
        match self.body.as_slice() {
            [Stmt::Yield { value, into }] => Some((value, into.as_deref())),
            _ => None,
        }
    }

    /// A `finally` without handlers whose block ends only normally or by an exception.
    pub(crate) fn plain_cleanup(&self) -> Option<&Block> {
        self.cleanup
            .as_ref()
            .filter(|cleanup| self.handlers.is_empty() && !any(cleanup, &Stmt::leaves))
    }
}

impl Stmt {
    fn leaves(&self) -> bool {
        matches!(self, Self::Break | Self::Return(_))
    }

    fn blocks(&self) -> Vec<&Block> {
        match self {
            Self::Loop { body, .. } | Self::With { body, .. } => vec![body],
            Self::If {
                then, otherwise, ..
            } => vec![then, otherwise],
            Self::Try(t) => {
                let handlers = t.handlers.iter().map(|(_, block)| block);
                [&t.body]
                    .into_iter()
                    .chain(handlers)
                    .chain(&t.cleanup)
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether the test holds for any statement of the block, at any depth.
fn any(block: &Block, test: &dyn Fn(&Stmt) -> bool) -> bool {
    block
        .iter()
        .any(|stmt| test(stmt) || stmt.blocks().into_iter().any(|inner| any(inner, test)))
}
