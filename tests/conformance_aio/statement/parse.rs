//! Reads the statements.

use serde_json::{Map, Value as Json};

use super::{
    Awaiting, Block, Compound, Expr, Gather, Item, Name, Plain, Raise, Stmt, Try, When, object,
};

pub(crate) fn block(json: &Json) -> Block {
    match json {
        Json::Null => Vec::new(),
        Json::Array(list) => list.iter().map(stmt).collect(),
        other => panic!("not a block: {other}"),
    }
}

/// Keys that name a statement in some places, and a part of another statement in others.
const ALSO_PARTS: [&str; 3] = ["emit", "raise", "timeout"];

fn stmt(json: &Json) -> Stmt {
    let fields = json.as_object().expect("a statement");
    let into = optional_name(&json["into"]);
    let keys = || fields.keys().map(String::as_str);
    let certain = keys().filter(|key| !ALSO_PARTS.contains(key));
    for key in certain.chain(keys()) {
        let value = &json[key];
        if let Some(compound) = compound(key, value, json) {
            return Stmt::Compound(compound);
        }
        if let Some(plain) = plain(key, value, json) {
            let variable = if key == "set" {
                Some(name(value))
            } else {
                into
            };
            return Stmt::Plain(plain, variable);
        }
        if let Some(awaiting) = awaiting(key, value, json) {
            return Stmt::Awaiting(awaiting, into);
        }
        match key {
            "break" => return Stmt::Break,
            "return" => return Stmt::Return(expr(value)),
            _ => {}
        }
    }
    panic!("no such statement: {json}")
}

fn plain(key: &str, value: &Json, json: &Json) -> Option<Plain> {
    Some(match key {
        "emit" => Plain::Emit(expr(value)),
        "set" => Plain::Set(expr(&json["expr"])),
        "raise" => Plain::Raise(raise(json)),
        "reraise" => Plain::Reraise,
        "create" => Plain::Create {
            name: name(value),
            body: block(&json["body"]),
            group: optional_name(&json["in_group"]),
        },
        "future" => Plain::Future(name(value)),
        "set_result" => Plain::SetResult {
            future: name(value),
            value: expr(&json["value"]),
        },
        "set_exception" => Plain::SetException {
            future: name(value),
            error: raise(json),
        },
        "cancel" => Plain::Cancel {
            name: name(value),
            message: optional_name(&json["msg"]),
        },
        "uncancel" => Plain::Uncancel(name(value)),
        "add_done_callback" => Plain::AddDoneCallback {
            name: name(value),
            value: expr(&json["emit"]),
        },
        "gather" => Plain::Gather {
            name: optional_name(&json["as"])?,
            gather: gather(json),
        },
        "shield" => Plain::Shield {
            name: optional_name(&json["as"])?,
            item: item(value),
        },
        "reschedule" => Plain::Reschedule {
            timeout: name(value),
            delay: expr(&json["delay"]),
        },
        "call_soon" => call(None, value, json),
        "call_later" => call(Some(expr(value)), &json["do"], json),
        "cancel_handle" => Plain::CancelHandle(name(value)),
        "agen" => Plain::Agen {
            name: name(value),
            body: block(&json["body"]),
        },
        _ => Plain::Act {
            act: object::act(key, json)?,
            object: name(value),
        },
    })
}

fn call(delay: Option<Expr>, body: &Json, json: &Json) -> Plain {
    Plain::Call {
        delay,
        body: block(body),
        handle: optional_name(&json["as"]),
    }
}

fn awaiting(key: &str, value: &Json, json: &Json) -> Option<Awaiting> {
    Some(match key {
        "sleep" => Awaiting::Sleep(expr(value)),
        "await" => Awaiting::Await(name(value)),
        "await_item" => Awaiting::AwaitItem,
        "gather" => Awaiting::Gather(gather(json)),
        "wait" => Awaiting::Wait {
            names: names(value),
            when: when(&json["return_when"]),
            timeout: expr(&json["timeout"]),
        },
        "wait_for" => Awaiting::WaitFor {
            item: item(value),
            timeout: expr(&json["timeout"]),
        },
        "shield" => Awaiting::Shield(item(value)),
        "yield" => Awaiting::Yield(expr(value)),
        "anext" | "asend" => Awaiting::Asend {
            generator: name(value),
            value: expr(&json["value"]),
        },
        "athrow" => Awaiting::Athrow {
            generator: name(value),
            error: raise(json),
        },
        "aclose" => Awaiting::Aclose(name(value)),
        _ => Awaiting::WaitOn {
            wait: object::wait(key, json)?,
            object: name(value),
        },
    })
}

fn compound(key: &str, value: &Json, json: &Json) -> Option<Compound> {
    let body = || block(&json["body"]);
    Some(match key {
        "if" => Compound::If {
            test: expr(value),
            then: block(&json["then"]),
            otherwise: block(&json["else"]),
        },
        "loop" => Compound::Loop {
            times: value.as_u64().expect("a number of times"),
            body: body(),
        },
        "try" => Compound::Try(Try {
            body: block(value),
            handlers: handlers(&json["except"]),
            cleanup: json.get("finally").map(block),
        }),
        "timeout" => Compound::Timeout {
            delay: expr(value),
            body: body(),
            name: optional_name(&json["as"]),
        },
        "with" => Compound::With {
            object: name(value),
            body: body(),
        },
        "task_group" => Compound::TaskGroup {
            name: name(&json["as"]),
            body: block(value),
        },
        "as_completed" => Compound::AsCompleted {
            names: names(value),
            timeout: expr(&json["timeout"]),
            body: body(),
        },
        "async_for" => Compound::AsyncFor {
            generator: name(value),
            into: optional_name(&json["into"]),
            body: body(),
        },
        "aclosing" => Compound::Aclosing {
            generator: name(value),
            body: body(),
        },
        "async_with" => Compound::AsyncWith {
            manager: block(value),
            into: optional_name(&json["into"]),
            body: body(),
        },
        "async_with_class" => Compound::AsyncWithClass {
            enter: block(&value["enter"]),
            exit: block(&value["exit"]),
            into: optional_name(&json["into"]),
            body: body(),
        },
        _ => return None,
    })
}

fn handlers(json: &Json) -> Vec<(String, Block)> {
    let clauses = json.as_object().into_iter().flatten();
    clauses
        .map(|(class, handler)| (class.clone(), block(handler)))
        .collect()
}

fn raise(json: &Json) -> Raise {
    Raise {
        name: name(&json["raise"]),
        payload: expr(&json["payload"]),
    }
}

fn gather(json: &Json) -> Gather {
    let items = json["gather"].as_array().expect("a list of items");
    Gather {
        items: items.iter().map(item).collect(),
        return_exceptions: json["return_exceptions"] == true,
    }
}

fn item(json: &Json) -> Item {
    match json {
        Json::String(name) => Item::Named(name.clone()),
        coro => Item::Coro {
            name: name(&coro["coro"]),
            body: block(&coro["body"]),
        },
    }
}

fn when(json: &Json) -> When {
    match json.as_str() {
        Some("FIRST_COMPLETED") => When::FirstCompleted,
        Some("FIRST_EXCEPTION") => When::FirstException,
        Some("ALL_COMPLETED") | None => When::AllCompleted,
        Some(other) => panic!("no such condition: {other}"),
    }
}

pub(super) fn expr(json: &Json) -> Expr {
    match json {
        Json::Array(list) => Expr::List(list.iter().map(expr).collect()),
        Json::Object(fields) => operator(fields),
        constant => Expr::Constant(constant.clone()),
    }
}

fn operator(fields: &Map<String, Json>) -> Expr {
    let (key, value) = fields.iter().next().expect("an operator");
    match key.as_str() {
        "var" => Expr::Variable(name(value)),
        "add" => Expr::Add(Box::new(pair(value))),
        "eq" => Expr::Eq(Box::new(pair(value))),
        "exc" => Expr::Exc,
        "now" => Expr::Now,
        "current_task" => Expr::CurrentTask,
        "state_of" => Expr::StateOf(name(value)),
        "cancelling" => Expr::Cancelling(name(value)),
        "expired" => Expr::Expired(name(value)),
        "query" => Expr::Query(name(&value[0]), name(&value[1])),
        _ => panic!("no such operator: {key}"),
    }
}

fn pair(json: &Json) -> (Expr, Expr) {
    (expr(&json[0]), expr(&json[1]))
}

fn names(json: &Json) -> Vec<Name> {
    let list = json.as_array().expect("a list of names");
    list.iter().map(name).collect()
}

fn name(json: &Json) -> Name {
    optional_name(json).unwrap_or_else(|| panic!("not a name: {json}"))
}

fn optional_name(json: &Json) -> Option<Name> {
    json.as_str().map(str::to_owned)
}
