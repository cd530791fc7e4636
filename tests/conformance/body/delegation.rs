//! The statements that involve other generators, or the body's own generator.

use std::rc::Rc;

use cogen::{CloseError, Exception, State, Step};
use serde_json::json;

use super::{Body, Flow, Handled, Local};
use crate::error::{PyError, STOP_ITERATION, Value};
use crate::forms::{Form, Mode, Own, name};
use crate::statement::{Block, Op, Source, Stmt, Target};

impl<F: Form> Body<F> {
    pub(super) async fn delegating(
        self: &Rc<Self>,
        stmt: &'static Stmt,
        handled: &Handled,
    ) -> Flow {
        match stmt {
            Stmt::YieldFrom { source, into } => {
                let result = match source {
                    Source::New { index, arg } => {
                        let sub = self.make(*index, self.value(arg, handled));
                        self.co.yield_from(sub).await
                    }
                    Source::List(items) => self.list(items).await,
                    Source::Local(name) => self.yield_from_local(&self.local(name)).await,
                };
                self.set_into(into.as_deref(), result);
            }
            Stmt::With {
                name,
                index,
                arg,
                body,
            } => {
                let local = self.make(*index, self.value(arg, handled));
                return self.with(name, local, body, handled).await;
            }
            Stmt::Resume { name, op, into } => {
                let local = self.local(name);
                let value = self.resume(&local, op, handled).await;
                if !matches!(op, Op::Close) {
                    self.set_into(into.as_deref(), value);
                }
            }
            Stmt::Reenter { op, target } => return self.reenter(op, self.own(*target)).await,
            Stmt::EmitState(target) => {
                let seen = F::again(self.own(*target));
                // Only a shared generator can be inspected from inside.
                let state = seen.map_or("running", |g| name(cogen::Generator::state(&g)));
                self.emit(json!({ "state": state }));
            }
            _ => unreachable!("only statements that involve a generator come here"),
        }
        Flow::Normal
    }

    fn make(&self, index: usize, arg: Value) -> F::Gen {
        F::make(&self.world, index, arg)
    }

    fn own(&self, target: Target) -> &Own<F> {
        match target {
            Target::Me => &self.me,
            Target::Main => &self.world.main,
        }
    }

    fn local(&self, name: &str) -> Local<F> {
        self.locals.borrow()[name].clone()
    }

    /// Only `null` can be sent to a plain iterator.
    async fn list(&self, items: &'static [Value]) -> Value {
        let replied = |sent: Value| match sent {
            None => Ok(()),
            Some(_) => Err(PyError::new("AttributeError", None)),
        };
        self.co.yield_all_with(items.iter().copied(), replied).await;
        None
    }

    /// Python calls `next` on the generator to which it delegates, whether that has started or not.
    async fn yield_from_local(&self, local: &Local<F>) -> Value {
        let mut taken = Taken::<F>::from(local);
        match cogen::Generator::state(taken.generator()) {
            State::Created => self.co.yield_from(taken.generator()).await,
            State::Closed => None,
            _ => match self.world.mode.next(taken.generator()).await {
                Ok(Step::Yielded(first)) => self.co.yield_from_with(taken.generator(), first).await,
                Ok(Step::Complete(value)) => value,
                Err(exception) => self.co.raise(exception).await,
            },
        }
    }

    /// Runs a `with`, which closes its generator on every exit, and drops it.
    async fn with(
        self: &Rc<Self>,
        name: &'static str,
        generator: F::Gen,
        body: &'static Block,
        handled: &Handled,
    ) -> Flow {
        let local = Local::<F>::default();
        local.replace(Some(generator));
        let shadowed = self.locals.borrow_mut().insert(name.to_owned(), local);
        let outcome = self.co.catch(self.block(body, handled.clone())).await;
        let mut local = Taken::<F>::from(&self.local(name));
        let closed = self.world.mode.close(local.generator()).await;
        let removed = match shadowed {
            Some(shadowed) => self.locals.borrow_mut().insert(name.to_owned(), shadowed),
            None => self.locals.borrow_mut().remove(name),
        };
        drop(local);
        drop(removed);
        match closed {
            Ok(_) => self.go_on(outcome).await,
            Err(error) => self.co.raise(PyError::of_close(error)).await,
        }
    }

    async fn resume(&self, local: &Local<F>, op: &Op, handled: &Handled) -> Value {
        let mut taken = Taken::<F>::from(local);
        let mode = self.world.mode;
        let resumed = match op {
            Op::Next => mode.next(taken.generator()).await,
            Op::Send(value) => {
                mode.send(taken.generator(), self.value(value, handled))
                    .await
            }
            Op::Throw { name, value } => {
                let error = PyError::new(name, self.value(value, handled));
                mode.throw(taken.generator(), error).await
            }
            Op::Close => match mode.close(taken.generator()).await {
                Ok(_) => return None,
                Err(error) => Err(PyError::of_close(error).into_exception()),
            },
        };
        drop(taken);
        match resumed {
            Ok(Step::Yielded(value)) => value,
            Ok(Step::Complete(value)) => {
                let end = PyError::new(STOP_ITERATION, value);
                self.co.raise(end).await
            }
            Err(exception) => self.co.raise(exception).await,
        }
    }

    /// Operates on a running generator: that raises `ValueError` here, and has no other effect. A generator that is not
    /// shared cannot be reached from inside: that would be a compile error.
    async fn reenter(&self, op: &str, own: &Own<F>) -> Flow {
        let Some(mut running) = F::again(own) else {
            return self.raise(PyError::new("ValueError", None)).await;
        };
        let mode = Mode::default();
        let raised: Exception = match op {
            "next" => error(mode.next(&mut running).await),
            "send" => error(mode.send(&mut running, Some(1)).await),
            "throw" => error(
                mode.throw(&mut running, PyError::new("KeyError", Some(1)))
                    .await,
            ),
            "close" => error(
                mode.close(&mut running)
                    .await
                    .map_err(|error| PyError::of_close::<Value>(error).into_exception()),
            ),
            _ => {
                self.co.yield_from(running).await;
                error(Ok::<_, Exception>(()))
            }
        };
        self.co.raise(raised).await
    }
}

fn error<T>(outcome: Result<T, Exception>) -> Exception {
    outcome
        .err()
        .unwrap_or_else(|| PyError::new("a running generator was resumed", None).into())
}

impl PyError {
    /// The exception that a failed close raises.
    pub(crate) fn of_close<Y>(error: CloseError<Y>) -> Self {
        match error {
            CloseError::Raised(exception) => Self::of(&exception),
            error => Self::of(&error.without_value().into()),
        }
    }
}

/// A local generator during an operation on it. It is put back even if the operation unwinds.
struct Taken<F: Form> {
    local: Local<F>,
    generator: Option<F::Gen>,
}

impl<F: Form> From<&Local<F>> for Taken<F> {
    fn from(local: &Local<F>) -> Self {
        Self {
            local: local.clone(),
            generator: local.take(),
        }
    }
}

impl<F: Form> Taken<F> {
    fn generator(&mut self) -> &mut F::Gen {
        self.generator
            .as_mut()
            .expect("there is one operation at a time on a local generator")
    }
}

impl<F: Form> Drop for Taken<F> {
    fn drop(&mut self) {
        self.local.replace(self.generator.take());
    }
}
