//! The cancels that limits and groups request, which are for their own scopes.
//!
//! A request counts as one of the task's, as in CPython. So that limits beside each other are not taken for each
//! other's cancels from outside, a limit counts those alone that come from around it.

use std::rc::{Rc, Weak};

use super::cancel_state::{BUSY, FORWARDED, OVER, REQUESTED};
use super::place::{Node, Place, Up};
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report;

/// What a limit has requested.
pub(in crate::aio) enum Request {
    /// Nothing that counts: its scope is in a generator that nobody polls.
    Scope,
    /// A cancel of its own scope, which this task counts.
    In(AnyTask),
    /// A cancel of this task.
    Of(AnyTask),
}

impl AnyTask {
    /// The cancels that were requested from around `node`, a scope of this task.
    pub(in crate::aio) fn cancelling_around(&self, node: &Node) -> u32 {
        self.count_around(|| node.up())
    }

    /// The cancels that were requested from around the scope that is being polled, and for it.
    pub(in crate::aio) fn cancelling_here(&self) -> u32 {
        self.count_around(|| self.here().map_or(Up::Nothing, Up::Node))
    }

    fn count_around(&self, up: impl FnOnce() -> Up) -> u32 {
        let core = self.core();
        let requests = core.cancelling();
        let limits = core.look_rare(|rare| rare.tree.limits).unwrap_or_default();
        if limits == 0 {
            return requests;
        }
        let mut up = up();
        let mut around = 0;
        while let Up::Node(node) = up {
            around += u32::from(node.place.cancel.has(REQUESTED));
            up = node.up();
        }
        requests.saturating_sub(limits.saturating_sub(around))
    }

    /// Whether somebody has requested a cancel of the whole task.
    fn is_cancelled_itself(&self) -> bool {
        let core = self.core();
        let limits = core.look_rare(|rare| rare.tree.limits).unwrap_or_default();
        core.cancelling() > limits
    }

    /// A cancel from around `node` comes once more: the number of requests stays as it is.
    pub(in crate::aio) fn cancel_again(&self, node: &Rc<Node>) {
        let mut outermost = None;
        let mut up = node.up();
        while let Up::Node(node) = up {
            up = node.up();
            if node.place.cancel.has(REQUESTED) {
                outermost = Some(node);
            }
        }
        if self.is_cancelled_itself() {
            outermost = None;
        }
        let begun = self.begin_cancel_in(outermost.as_ref(), None);
        self.go_on_with(begun, None);
    }

    fn count_limits(&self, change: impl FnOnce(u32) -> u32) {
        let core = self.core();
        core.with_rare(|rare| rare.tree.limits = change(rare.tree.limits));
    }
}

impl Place {
    /// A cancel comes here that `limit` has requested, or somebody else.
    pub(super) fn aim(&self, limit: Option<&Rc<Node>>) {
        let busy = self.cancel.has(BUSY | FORWARDED);
        let before = if busy { Some(self.limit()) } else { None };
        let limit = match before {
            // What comes from further out is for all that is in there.
            Some(None) => None,
            Some(Some(before)) if limit.is_some_and(|it| !before.is_in(it)) => Some(before),
            _ => limit.cloned(),
        };
        match limit {
            Some(limit) => self.with_rare(|rare| rare.limit = Some(Rc::downgrade(&limit))),
            None => {
                self.look_rare(|rare| rare.limit = None);
            }
        }
    }

    /// The limit that requested the cancel here, if nobody else did.
    pub(super) fn limit(&self) -> Option<Rc<Node>> {
        self.look_rare(|rare| rare.limit.as_ref().and_then(Weak::upgrade))
            .flatten()
    }
}

impl Node {
    /// Whether it is `around`, or in that.
    fn is_in(self: &Rc<Self>, around: &Rc<Self>) -> bool {
        let mut node = self.clone();
        loop {
            if Rc::ptr_eq(&node, around) {
                return true;
            }
            let up = node.up();
            let Up::Node(next) = up else { return false };
            node = next;
        }
    }

    /// The limit of this scope has come, which `task` entered: the scope is cancelled. If it is suspended at a yield,
    /// the task is, unless that has ended: then the scope is cancelled when it is polled next.
    pub(in crate::aio) fn request(self: &Rc<Self>, task: &AnyTask) -> Request {
        let found = self.find();
        if found.yields && !task.core().is_done() {
            task.cancel(None);
            return Request::Of(task.clone());
        }
        let Some(task) = found.task.filter(|task| !task.core().is_done()) else {
            self.be_late();
            // A combinator that has moved to another task polls it there.
            for node in self.with_all_below() {
                node.waker.take().into_iter().for_each(report::wake);
            }
            return Request::Scope;
        };
        task.core().count_cancel();
        task.count_limits(|limits| limits + 1);
        self.place.cancel.set(REQUESTED);
        if found.stands || task.core().is_running() {
            let begun = task.begin_cancel_in(Some(self), None);
            task.go_on_with(begun, None);
        } else {
            self.place.keep_message(None);
            self.be_late();
        }
        Request::In(task)
    }

    /// Takes the request back, and returns how many cancels are left that came from around.
    pub(in crate::aio) fn take_back(self: &Rc<Self>, request: &Request, task: &AnyTask) -> u32 {
        match request {
            Request::Scope => task.cancelling_around(self),
            Request::In(task) => {
                self.place.cancel.clear(REQUESTED);
                task.count_limits(|limits| limits.saturating_sub(1));
                task.uncancel();
                task.cancelling_around(self)
            }
            Request::Of(task) => task.uncancel(),
        }
    }

    /// How many cancels have been requested from around, while `request` stands.
    pub(in crate::aio) fn around(&self, request: &Request, task: &AnyTask) -> u32 {
        match request {
            Request::Scope => task.cancelling_around(self),
            // Its own is no limit's around it, so it does not count.
            Request::In(task) => task.cancelling_around(self),
            Request::Of(task) => task.cancelling_around(self).saturating_sub(1),
        }
    }

    /// The limit's block has ended. `outside`: whether a cancel from outside may be among those that its scope has
    /// not taken, which then go on.
    pub(in crate::aio) fn close(self: &Rc<Self>, outside: bool) {
        if !outside {
            self.forget_cancels();
        }
        self.give_up();
        self.place.cancel.set(OVER);
        self.leave();
    }
}
