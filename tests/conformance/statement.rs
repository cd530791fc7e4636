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
    /// Needs a feature that the interpreter does not use yet: the key of the statement.
    Unsupported(&'static str),
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
    /// The exact name, else `Exception`, else everything.
    pub(crate) fn handler(&self, error: &PyError) -> Option<&Block> {
        let named = |name: &str| {
            let found = self.handlers.iter().find(|(handled, _)| handled == name);
            found.map(|(_, block)| block)
        };
        named(&error.name)
            .or_else(|| named("Exception").filter(|_| !error.is(GENERATOR_EXIT)))
            .or_else(|| named("*"))
    }

    /// The block is nothing but a yield.
    pub(crate) fn single_yield(&self) -> Option<(&Expr, Option<&str>)> {
        match self.body.as_slice() {
            [Stmt::Yield { value, into }] => Some((value, into.as_deref())),
            _ => None,
        }
    }

    /// A `finally` without handlers that ends by running off its end, or by an exception.
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
            Self::Loop { body, .. } => vec![body],
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

/// Whether the test holds for a statement of the block, at any depth.
fn any(block: &Block, test: &dyn Fn(&Stmt) -> bool) -> bool {
    block
        .iter()
        .any(|stmt| test(stmt) || stmt.blocks().into_iter().any(|inner| any(inner, test)))
}
