//! A cell: one row in one column with one outcome, run and judged.

use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use cogen::aio::{self, Error, EventLoop, ReturnWhen, Task, create_task, sleep, testing};

use super::branch::{self, Form};
use super::columns::{Column, Ends, Polls};
use super::ledger::{End, Ledger, Mark, Of, at, millis};
use super::oracle::{Expected, Fate, expected};
use super::outcomes::{By, LOOP_ENDS, Outcome, loop_end};
use super::quiet;
use super::rows::{Kind, Row};

/// When a cell that has not ended hangs.
const HANGS: u64 = 300_000;

/// How long after the end of a cell nothing may be left of it.
const SETTLES: u64 = 300_000;

#[derive(Clone, Copy)]
pub struct Cell<'a> {
    pub row: &'a Row,
    pub column: &'a Column,
    pub outcome: &'a Outcome,
    pub form: Form,
}

/// What is seen of a cell beside its ledger.
#[derive(Default)]
struct Seen {
    end: Option<(End, u64)>,
    left: Vec<String>,
}

impl Cell<'_> {
    pub fn name(&self) -> String {
        let (row, column, outcome) = (self.row.name, self.column.name, self.outcome.name);
        format!("{row} | {column} | {outcome} | {:?}", self.form)
    }

    pub fn applies(&self) -> bool {
        let (row, column, outcome) = (self.row, self.column, self.outcome);
        !(row.is(Kind::Closes) && outcome.by == By::Exit
            || (row.is(Kind::Once) || row.is(Kind::Closes))
                && matches!(column.ends, Ends::Repeated(_))
            || row.is(Kind::Threads) && (column.tokio || column.is_large())
            || outcome.only_all && column.ends != Ends::All
            || outcome.panics && column.branches < 2
            || column.branches < 2 && self.form == Form::Mixed
            || column.is_large() && self.form != Form::Finally)
    }

    /// Whether times are not judged, nor whether a clean-up has come to its end.
    fn is_loose(&self) -> bool {
        match self.column.polls {
            Polls::All => false,
            Polls::NowAndThen => true,
            Polls::WhenWoken => self.outcome.cut.is_some(),
        }
    }

    /// Runs the cell, and says what is wrong, if anything is.
    pub fn check(&self) -> Result<(), String> {
        let ledger = Rc::<Ledger>::default();
        let seen = Rc::<RefCell<Seen>>::default();
        let ran =
            quiet::listen(|| panic::catch_unwind(AssertUnwindSafe(|| self.run(&ledger, &seen))));
        let mut faults = match ran {
            (Ok(Ok(())), reports) => reports,
            (Ok(Err(error)), _) => vec![format!("the main task: {error}")],
            (Err(_), _) => vec!["a panic out of the loop".to_owned()],
        };
        let seen = seen.take();
        faults.extend(seen.left);
        let expected = expected(self.column, self.outcome, self.form);
        self.judge_end(&expected, seen.end, &mut faults);
        self.judge_branches(&expected, &ledger, &mut faults);
        self.judge_tasks(&expected, &ledger, &mut faults);
        let owners = Rc::strong_count(&ledger);
        if owners != 1 {
            faults.push(format!("{} futures were leaked", owners - 1));
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.join("; "))
        }
    }

    fn run(&self, ledger: &Rc<Ledger>, seen: &Rc<RefCell<Seen>>) -> Result<(), Error> {
        if self.column.tokio {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .start_paused(true)
                .build()?;
            runtime.block_on(EventLoop::run(self.main(ledger, seen)))
        } else {
            testing::run(self.main(ledger, seen))
        }
    }

    async fn main(&self, ledger: &Rc<Ledger>, seen: &Rc<RefCell<Seen>>) -> Result<(), Error> {
        let what = (self.row, self.outcome, self.form);
        let (makes, sources) = branch::branches(ledger, what, self.column.branches);
        let part = (self.outcome.inside)((self.column.run)(makes));
        let polled = ledger.clone();
        let task = create_task(async move {
            let mut part = part;
            aio::ok(
                std::future::poll_fn(|cx| {
                    polled.polled();
                    part.as_mut().poll(cx)
                })
                .await,
            )
        });
        task.add_done_callback({
            let seen = seen.clone();
            move |task| seen.borrow_mut().end = Some((end_of(task), at()))
        });
        (self.outcome.outside)(&task);
        if self.outcome.name == LOOP_ENDS {
            sleep(millis(loop_end())).await;
            return Ok(());
        }
        let ended = aio::wait([task.clone()], ReturnWhen::AllCompleted).timeout(millis(HANGS));
        let (ended, _) = ended.await?;
        if ended.is_empty() {
            seen.borrow_mut().end = Some((End::Hang, at()));
        }
        drop((task, ended));
        sleep(millis(SETTLES)).await;
        let mut left = Vec::new();
        let census = testing::census();
        if (census.tasks, census.timers) != (1, 0) {
            left.push(format!("left: {census:?}"));
        }
        left.extend(sources.iter().filter_map(|source| (source.left)()));
        seen.borrow_mut().left = left;
        Ok(())
    }

    fn judge_end(&self, expected: &Expected, seen: Option<(End, u64)>, faults: &mut Vec<String>) {
        let Some((end, at)) = seen else {
            faults.push("the task has no end".to_owned());
            return;
        };
        if end != expected.end {
            faults.push(format!("expected {:?}, got {end:?} at {at}", expected.end));
        } else if at != expected.at && !self.is_loose() {
            faults.push(format!("{end:?} expected at {}, came at {at}", expected.at));
        }
    }

    fn judge_branches(&self, expected: &Expected, ledger: &Ledger, faults: &mut Vec<String>) {
        let marks = ledger.marks(Of::Branch);
        for (i, fates) in expected.branches.iter().enumerate() {
            let marks: Vec<_> = marks.iter().filter(|mark| mark.branch == i).collect();
            if marks.len() != fates.len() {
                faults.push(format!("branch {i} was polled {} times anew", marks.len()));
            }
            for (fate, mark) in fates.iter().zip(marks) {
                if !self.is_as(fate, i, mark) {
                    let shown = Shown(mark);
                    faults.push(format!("branch {i}: expected {fate:?}, got {shown}"));
                }
            }
        }
    }

    fn is_as(&self, fate: &Fate, i: usize, mark: &Mark) -> bool {
        let once = (mark.entered, mark.drops) == (1, 1);
        let count = self.form.of(i).count();
        let loose = self.is_loose();
        let as_fated = match (fate, &mark.ended) {
            (Fate::Ended(end, at), Some((ended, when))) => {
                (mark.begun, mark.done) == (count, count) && ended == end && (when == at || loose)
            }
            (Fate::Short { begun, done }, None) => {
                (mark.begun, mark.done) == (*begun, *done) || loose && mark.begun <= count
            }
            _ => false,
        };
        once && as_fated
    }

    /// The tasks that waits have made for themselves clean up, except where their owner is dropped.
    fn judge_tasks(&self, expected: &Expected, ledger: &Ledger, faults: &mut Vec<String>) {
        let may_be_dropped = self.row.is(Kind::Owns)
            && (expected.drops || self.is_loose() || self.outcome.by == By::Cancels);
        for mark in ledger.marks(Of::Task) {
            let cleaned = mark.begun == mark.entered && mark.done == mark.entered;
            if mark.drops != mark.entered || !(cleaned || may_be_dropped) {
                faults.push(format!("a task of the wait: {}", Shown(&mark)));
            }
        }
    }
}

fn end_of(task: &Task<End>) -> End {
    match task.result() {
        Ok(end) => end,
        Err(Error::Cancelled(_)) => End::TaskCancelled,
        Err(error) => End::from(Err(error)),
    }
}

struct Shown<'a>(&'a Mark);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Mark {
            begun,
            done,
            entered,
            drops,
            ..
        } = self.0;
        match &self.0.ended {
            Some((end, at)) => write!(f, "{end:?} at {at}")?,
            None => f.write_str("no end")?,
        }
        write!(f, " (clean-up {begun}/{done}, guard {entered}/{drops})")
    }
}
