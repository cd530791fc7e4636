//! The turns of a loop: how each entry of the ready queue runs, and how everything is dropped at the end.
//!
//! The rules are those of [`loop_core`](crate::aio::core::event_loop::loop_core).

use crate::aio::core::body::{Mode, Stepped};
use crate::aio::core::event_loop::handle_cell::HandleCell;
use crate::aio::core::event_loop::inbox::Remote;
use crate::aio::core::event_loop::kept_calls::KEPT_CALL;
use crate::aio::core::event_loop::loop_core::{Due, LoopCore, Ready};
use crate::aio::core::event_loop::task_id::TaskId;
use crate::aio::core::raw::pointer::AnyTask;
use crate::aio::core::report::{discard_each, guarded};
use crate::aio::core::task::task_core::place::InGroup;
use crate::aio::core::trace;

/// Steps the main task, whose body the loop's caller owns. Returns whether the task must be queued again.
pub(in crate::aio) type StepMain<'a> = dyn FnMut(Mode) -> bool + 'a;

impl LoopCore {
    pub(in crate::aio) fn wake_task(&self, id: TaskId) {
        // A waker may be late: a task that has ended is not found, nor is another one in its place.
        if let Some(task) = self.tasks.get(id) {
            task.wake_in(self);
        }
    }

    /// One turn, and the turns that begin within it ([`super::descend`]). Where tokio's budget is used up, the turn
    /// stops, and the next call goes on with it. Returns whether it is over.
    pub(in crate::aio::core) fn turn(&self, step_main: &mut StepMain<'_>) -> bool {
        if self.is_turn_over() {
            self.begin_turn();
        }
        loop {
            guarded(|| self.run_ready(step_main));
            // A panic that escapes from an entry (a destructor's: bodies and callbacks have guards of their own)
            // is reported, and the other entries have their turns.
            if self.is_turn_over() || self.is_spent() {
                return self.is_turn_over();
            }
        }
    }

    fn run_ready(&self, step_main: &mut StepMain<'_>) {
        // Entry by entry, and not by an iterator over the batch: in a step, the turn may go on further down, where it
        // takes entries of its own (`descend`).
        while let Some(entry) = self.next_entry() {
            self.run(entry, step_main);
            if self.is_spent() {
                return;
            }
        }
    }

    /// What is ready now becomes this turn. The one before is over.
    pub(in crate::aio::core) fn begin_turn(&self) {
        // As in asyncio, what came from outside goes before the timers.
        if self.inbox.is_filled() {
            self.receive();
        }
        self.refill();
    }

    #[cold]
    fn receive(&self) {
        // Each by itself: they are in no queue any longer, so a panic in one must not lose the others.
        for remote in self.inbox.take() {
            guarded(|| self.accept(remote));
        }
    }

    fn accept(&self, remote: Remote) {
        match remote {
            Remote::Wake(id) => self.wake_task(id),
            Remote::Cancel(id, message) => {
                if let Some(task) = self.tasks.get(id) {
                    task.cancel(message);
                }
            }
            // Not called here: it takes its place in the turn that begins, and a panic in it is a callback's.
            Remote::Call(call) => self.push(Ready::Call(call)),
            Remote::Done(job, done) => self.jobs.end(job, done),
        }
    }

    fn run(&self, entry: Ready, step_main: &mut StepMain<'_>) {
        match entry {
            Ready::Step(task) => {
                let core = task.core();
                let (name, lives) = (|| core.name(), || !core.is_done());
                let step = || self.step(&task, step_main);
                if self.spans.step(core.number, name, lives, step) {
                    self.push_again(task);
                }
            }
            // The library's own, which guards what it runs of the user's.
            Ready::Notify(call, KEPT_CALL) => self.spans.call(|| call.notified(KEPT_CALL)),
            Ready::Notify(observer, index) => observer.notified(index),
            Ready::Call(call) => self.spans.call(|| guarded(call)),
            Ready::Handle(handle) => self.make_call(&handle),
            // It is taken from its slot only now: what has run before it in this turn could still cancel it.
            Ready::Timer(id) => match self.fire(id) {
                None => {}
                Some(Due::Wake(wakee)) => self.wake(wakee),
                Some(Due::Notify(observer, index)) => observer.notified(index),
                Some(Due::Handle(handle)) => self.make_call(&handle),
            },
        }
    }

    fn make_call(&self, handle: &HandleCell<Self>) {
        if let Some(call) = handle.take() {
            self.spans.call(|| guarded(call));
        }
    }

    /// A step of a task, wherever its body is. Returns whether the task must be queued again.
    #[inline]
    fn step(&self, task: &AnyTask, step_main: &mut StepMain<'_>) -> bool {
        let core = task.core();
        // The entry is used up; the task's release makes another.
        if core.misses_turn() {
            return false;
        }
        if !core.is_external() {
            // A task that has ended since it was queued is one of these: its cell has no body to poll.
            return task.step(self, Mode::Step) == Stepped::Again;
        }
        if core.is_in_group() {
            self.step_in_group(task, step_main);
            return false;
        }
        self.descent.forget_goal();
        // The main task is in a step of its own: see the first invariant of `descend`.
        let before = self.descent.set_open(false);
        let again = step_main(Mode::Step);
        self.descent.set_open(before);
        again
    }

    /// A step of a task whose body is in a group's future, which is in another task's body.
    fn step_in_group(&self, task: &AnyTask, step_main: &mut StepMain<'_>) {
        // From the child outwards, each group is told which of its children to poll: the child itself for a step, the
        // tasks around it on its behalf. Then one poll from the root finds the way down by that.
        let (mut root, mut mode) = (task.clone(), Mode::Step);
        while let Some(InGroup { due, index, .. }) = root.core().group() {
            let parent = due.parent();
            due.set_due(index, mode);
            // The group's future has outlived its task: it is in an async generator, or was moved. Whoever polls it
            // next polls the child.
            if parent.core().is_done() {
                return self.put_off(task);
            }
            root = parent;
            mode = Mode::Relay;
        }
        self.descent.forget_goal();
        let before = self.descent.set_open(true);
        // Either way the root is polled on behalf of the child, and is not queued again: its state has not changed,
        // and if it has been woken itself, it has an entry of its own.
        if root.core().is_external() {
            step_main(mode);
        } else {
            root.step(self, mode);
        }
        self.descent.set_open(before);
        self.put_off(task);
    }

    /// If nobody has polled the group whose child `task` was to have its turn, that comes with the next poll.
    fn put_off(&self, task: &AnyTask) {
        if task.core().was_due() {
            self.strand(task);
        }
    }

    /// At the end of a run: the tasks that could not have their turns, because nobody polled their group, are ended if
    /// the task has ended that would have to; but not in an async generator, which is closed later. Returns whether
    /// there were any.
    pub(in crate::aio::core) fn forsake_stranded(&self) -> bool {
        let mut any = false;
        for task in self.take_stranded() {
            if task.core().is_done() {
                continue;
            }
            if is_orphan(&task) && !is_put_aside(&task) {
                any = true;
                task.forsake(self);
            } else {
                self.strand(&task);
            }
        }
        any
    }

    /// How many of the tasks that could not have their turns are in async generators that nobody calls.
    pub(in crate::aio::core) fn stranded_in_generators(&self) -> usize {
        let tasks = self.take_stranded();
        let aside = |task: &&AnyTask| !task.core().is_done() && is_put_aside(task);
        let mut numbers: Vec<_> = tasks
            .iter()
            .filter(aside)
            .map(|it| it.core().number)
            .collect();
        for task in &tasks {
            self.strand(task);
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.len()
    }

    /// Drops everything, because a task and its loop hold each other. Destructors may schedule and spawn
    /// anew, so this repeats until nothing is left, but not for ever. What comes later is dropped.
    pub(in crate::aio::core) fn clear(&self) {
        // Last: what destructors spawn meanwhile goes to the queues, and is dropped in the next round.
        self.drop_all();
        self.close();
    }

    fn drop_all(&self) {
        const ROUNDS: usize = 100;
        #[cfg(unix)]
        discard_each(self.signals.take());
        for _ in 0..ROUNDS {
            // Everything at once, because what is dropped below may add to any of it. The inbox closes in the first
            // round, so other threads learn that the loop is gone before its tasks are.
            let contents = self.take_all();
            if contents.is_empty() {
                return;
            }
            // The bodies go first, while their tasks, and all that their destructors may look at, still exist.
            for task in &contents.tasks {
                guarded(|| abandon(task));
            }
            discard_each(contents.tasks);
            discard_each(contents.batch);
            discard_each(contents.ready);
            discard_each(contents.timers);
            discard_each(contents.remotes);
            discard_each(contents.kept_calls);
            discard_each(self.take_stranded());
            // Their threads go on. What they end with goes to an inbox that is closed.
            self.jobs.clear();
        }
    }
}

/// Whether one of the tasks in whose bodies this one's is has ended.
fn is_orphan(task: &AnyTask) -> bool {
    let mut place = task.core().group();
    while let Some(InGroup { due, .. }) = place {
        let parent = due.parent();
        if parent.core().is_done() {
            return true;
        }
        place = parent.core().group();
    }
    false
}

/// Whether a group that it is in is in an async generator that nobody calls.
fn is_put_aside(task: &AnyTask) -> bool {
    let mut place = task.core().group();
    while let Some(InGroup { due, node, .. }) = place {
        if node.is_put_aside() {
            return true;
        }
        place = due.parent().core().group();
    }
    false
}

/// Ends a task that the loop leaves behind.
fn abandon(task: &AnyTask) {
    trace::event!(
        warn,
        name = task.core().name(),
        "a task was dropped before its end"
    );
    task.abandon();
    // What the body awaited may have given a cancel back.
    task.withdraw();
    // Last: this may drop every other pointer to the task. What waits for it in another loop is woken, and sees that
    // the end will not come.
    task.core().completion.abandon();
}
