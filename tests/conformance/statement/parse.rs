//! Reads statements from JSON: the key that is present tells the kind of statement.

use serde_json::Value as Json;

use super::{Block, Expr, Op, Source, Stmt, Target, Try};

/// # Panics
///
/// If the statement is unknown to the format.
impl From<&Json> for Stmt {
    fn from(json: &Json) -> Self {
        delegating(json)
            .or_else(|| simple(json))
            .or_else(|| nested(json))
            .unwrap_or_else(|| panic!("not a statement: {json}"))
    }
}

fn delegating(json: &Json) -> Option<Stmt> {
    let name = |key| json.get(key).map(text);
    let into = name("into");
    Some(if let Some(from) = json.get("yield_from") {
        let source = if from.get("gen").is_some() {
            let (index, arg) = generator(from);
            Source::New { index, arg }
        } else if let Some(items) = from.get("list") {
            Source::List(items.as_array()?.iter().map(Json::as_i64).collect())
        } else {
            Source::Local(text(&from["local"]))
        };
        Stmt::YieldFrom { source, into }
    } else if let Some(name) = name("with") {
        let (index, arg) = generator(json);
        let body = block(&json["body"]);
        Stmt::With {
            name,
            index,
            arg,
            body,
        }
    } else if let Some(local) = name("resume") {
        let value = Expr::from(&json["v"]);
        let op = match json["op"].as_str()? {
            "next" => Op::Next,
            "send" => Op::Send(value),
            "throw" => Op::Throw {
                name: name("exc")?,
                value,
            },
            _ => Op::Close,
        };
        Stmt::Resume {
            name: local,
            op,
            into,
        }
    } else if let Some(op) = name("reenter") {
        let target = target(&json["target"]);
        Stmt::Reenter { op, target }
    } else {
        Stmt::EmitState(target(json.get("emit_state")?))
    })
}

/// The body of a new generator, and its argument.
fn generator(json: &Json) -> (usize, Expr) {
    let index = json["gen"].as_u64().expect("a body");
    let index = usize::try_from(index).expect("an index");
    (index, Expr::from(&json["arg"]))
}

fn target(json: &Json) -> Target {
    if json == "main" {
        Target::Main
    } else {
        Target::Me
    }
}

fn simple(json: &Json) -> Option<Stmt> {
    let name = |key| json.get(key).map(text);
    let expr = |key| json.get(key).map(Expr::from);
    Some(if let Some(value) = expr("yield") {
        Stmt::Yield {
            value,
            into: name("into"),
        }
    } else if let Some(variable) = name("set") {
        Stmt::Set {
            name: variable,
            value: expr("expr")?,
        }
    } else if let Some(value) = expr("emit") {
        Stmt::Emit(value)
    } else if json.get("emit_exc").is_some() {
        Stmt::EmitExc
    } else if json.get("break").is_some() {
        Stmt::Break
    } else if let Some(error) = name("raise") {
        Stmt::Raise {
            name: error,
            payload: expr("payload").unwrap_or(Expr::Constant(None)),
        }
    } else if json.get("reraise").is_some() {
        Stmt::Reraise
    } else {
        Stmt::Return(expr("return")?)
    })
}

fn nested(json: &Json) -> Option<Stmt> {
    Some(if let Some(times) = json.get("loop") {
        Stmt::Loop {
            times: times.as_u64()?,
            body: block(&json["body"]),
        }
    } else if let Some(test) = json.get("if") {
        let (then, otherwise) = (block(&json["then"]), block(&json["else"]));
        Stmt::If {
            test: test.into(),
            then,
            otherwise,
        }
    } else {
        Stmt::Try(Try {
            body: block(json.get("try")?),
            handlers: handlers(&json["except"]),
            cleanup: json.get("finally").map(block),
        })
    })
}

fn handlers(json: &Json) -> Vec<(String, Block)> {
    let handlers = json.as_object().into_iter().flatten();
    handlers
        .map(|(name, inside)| (name.clone(), block(inside)))
        .collect()
}

/// Reads a block; an absent block is empty.
pub(crate) fn block(json: &Json) -> Block {
    json.as_array()
        .into_iter()
        .flatten()
        .map(Stmt::from)
        .collect()
}

fn text(json: &Json) -> String {
    json.as_str()
        .unwrap_or_else(|| panic!("not a name: {json}"))
        .to_owned()
}

impl From<&Json> for Expr {
    fn from(json: &Json) -> Self {
        let pair = |json: &Json| Box::new([Self::from(&json[0]), Self::from(&json[1])]);
        match json {
            Json::Null | Json::Number(_) => Self::Constant(json.as_i64()),
            Json::String(name) if name == "$sent" => Self::Sent,
            Json::String(name) if name == "$exc" => Self::Exc,
            Json::String(name) => Self::Variable(name.clone()),
            _ if json.get("add").is_some() => Self::Add(pair(&json["add"])),
            _ if json.get("eq").is_some() => Self::Eq(pair(&json["eq"])),
            _ => panic!("not an expression: {json}"),
        }
    }
}
