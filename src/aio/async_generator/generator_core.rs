use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::aio::core::error::Error;
use crate::aio::core::task::task_core::place::Node;
use crate::generator::Unclosed;

/// It is not closed when it is dropped, because its scopes belong to a task.
pub(super) type Inner<Y, S> = Unclosed<'static, Y, S, Result<(), Error>>;

/// A generator, or its place while a call has it.
pub(super) struct Core<Y, S> {
    /// Absent while a call has it, and after the end.
    pub(super) inner: RefCell<Option<Inner<Y, S>>>,
    /// How the task that makes a call knows the body.
    pub(super) node: Rc<Node>,
    /// Whether a call is under way.
    pub(super) running: Cell<bool>,
    /// Whether a call has received something that it yielded.
    pub(super) yielded: Cell<bool>,
    /// Whether the loop knows of it.
    pub(super) known: Cell<bool>,
}
