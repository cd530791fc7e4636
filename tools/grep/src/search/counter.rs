use std::ops::ControlFlow;

use grep_searcher::{Searcher, Sink, SinkMatch};

use super::lines::{Lines, Stop};
use super::parts::Part;
use super::{Emit, emit_end, problem};
use crate::config::Config;
use crate::heading::Heading;
use crate::message::reason;
use crate::options::Output;
use crate::report::Report;
use crate::walk::Job;

/// Counts lines, up to a limit beyond which the number does not matter.
pub(super) struct Counter {
    count: u64,
    limit: u64,
}

impl Counter {
    pub(super) fn new(config: &Config) -> Self {
        let limit = match config.options.output {
            Output::Count => config.options.max_count.unwrap_or(u64::MAX),
            _ => 1,
        };
        Self { count: 0, limit }
    }

    pub(super) fn finish(
        self,
        config: &Config,
        job: &Job,
        ended: Result<(), Stop>,
        emit: Emit<'_>,
    ) -> ControlFlow<()> {
        if let Err(Stop::Unreadable(error)) = ended {
            emit(Report::Problem(problem(job, &reason(&error))))?;
        }
        let heading = Heading::new(config, job);
        match config.options.output {
            Output::Count => emit(Report::Chunk(heading.count(self.count)))?,
            Output::Names if self.count > 0 => {
                emit(Report::Chunk(heading.name_line(job.input.name())))?;
            }
            _ => {}
        }
        emit_end(config, emit, self.count, 0)
    }
}

impl Sink for Counter {
    type Error = Stop;

    fn matched(&mut self, _: &Searcher, _: &SinkMatch<'_>) -> Result<bool, Stop> {
        self.count += 1;
        if self.count == self.limit {
            return Err(Stop::Done);
        }
        Ok(true)
    }
}

impl Lines for Counter {
    fn pass(&mut self, _window: &[u8]) {}

    fn part(&mut self, part: &Part) -> Result<(), Stop> {
        self.count += part.count;
        if self.count >= self.limit {
            self.count = self.limit;
            return Err(Stop::Done);
        }
        Ok(())
    }
}
