//! What a check found.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::advice::Advice;
use super::problem::Problem;

/// All that [`check_env`](super::check_env) found.
///
/// As text it has a line for each kind of problem and each piece of advice.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct CheckReport {
    /// The environment's name.
    pub env: String,
    /// The seed of the check.
    pub seed: u64,
    /// The problems to mend, one entry for each [kind](Problem::kind), in the order in which they were found.
    pub problems: Vec<Finding>,
    /// Advice: what would be better otherwise.
    pub advice: Vec<Advice>,
    /// Whether all checks were made. Where no episode can be played, further ones tell nothing; nor do
    /// comparisons where the same seed does not make the same episode.
    pub complete: bool,
}

/// A kind of problem: its first occurrence, and how often it occurred.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The first occurrence.
    pub problem: Problem,
    /// The number of occurrences, at least one.
    pub count: usize,
    /// The least and the greatest component with this problem; `None` if it concerns no component.
    pub components: Option<(usize, usize)>,
}

impl CheckReport {
    /// Whether nothing must be mended.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds a problem, or counts it if there is one of its kind.
    pub(super) fn add(&mut self, problem: Problem) {
        match self.problems.iter_mut().find(|known| known.problem.kind() == problem.kind()) {
            Some(known) => known.count(&problem),
            None => self.problems.push(problem.into()),
        }
    }
}

impl From<Problem> for Finding {
    /// A problem that occurred once.
    fn from(problem: Problem) -> Self {
        Self { components: problem.component().map(|index| (index, index)), problem, count: 1 }
    }
}

impl Finding {
    /// Counts another occurrence.
    fn count(&mut self, problem: &Problem) {
        self.count += 1;
        if let Some(index) = problem.component() {
            let (least, greatest) = self.components.unwrap_or((index, index));
            self.components = Some((least.min(index), greatest.max(index)));
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problem)?;
        if self.count > 1 {
            write!(f, "; and {} more like it", self.count - 1)?;
        }
        match self.components {
            Some((least, greatest)) if least < greatest => {
                write!(f, " (components {least} to {greatest})")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.env.is_empty() { "(no name)" } else { &self.env };
        match self.problems.len() {
            0 => write!(f, "{name}: no problems")?,
            1 => write!(f, "{name}: 1 problem")?,
            count => write!(f, "{name}: {count} problems")?,
        }
        for finding in &self.problems {
            write!(f, "\nproblem: {finding}")?;
        }
        for advice in &self.advice {
            write!(f, "\nadvice: {advice}")?;
        }
        if !self.complete {
            write!(f, "\nnot all checks could be made; mend these problems and check again")?;
        }
        Ok(())
    }
}
